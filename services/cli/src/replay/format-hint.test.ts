import { expect, test } from 'vitest';
import { formatHint } from './format-hint.ts';

test('a file of another format is told of, one with mistakes is not', () => {
  const columns = [{ field: 'frame', column: 'hex' }] as const;
  expect(formatHint({ format: 'jsonl', columns: [] }, { rows: 3, rejects: { 'field-missing': 3 } })).toContain(
    'say --format traccar',
  );
  expect(formatHint({ format: 'jt808hex', columns: [] }, { rows: 3, rejects: { 'row-broken': 3 } })).toContain(
    'say --columns frame=NAME',
  );
  expect(formatHint({ format: 'jt808hex', columns }, { rows: 3, rejects: { 'row-broken': 3 } })).toBeUndefined();
  expect(formatHint({ format: 'jsonl', columns: [] }, { rows: 3, rejects: { 'field-missing': 2 } })).toBeUndefined();
  expect(formatHint({ format: 'jsonl', columns: [] }, { rows: 0, rejects: {} })).toBeUndefined();
});
