import { countersZero } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { replayResult } from './replay-result.ts';

const counts = { rows: 10, vehicles: 2, localRejects: { 'field-type': 2 }, seconds: 1.5 } as const;
const engine = {
  ...countersZero(),
  fixes: 5,
  late: 1,
  duplicates: 2,
  rejects: { 'field-type': 1 },
  alarmsRaised: 3,
  alarmsByRule: { sos: 3 },
  suppressed: { storm: 1 },
};

test('rejects of both sides are added up, and the books balance', () => {
  expect(replayResult(counts, engine)).toEqual({
    rows: 10,
    fixes: 5,
    rejects: { 'field-type': 3 },
    late: 1,
    duplicates: 2,
    vehicles: 2,
    alarmsRaised: 3,
    alarmsByRule: { sos: 3 },
    suppressed: { storm: 1 },
    seconds: 1.5,
  });
});

test.each([
  ['a row too many', 11, 'another program'],
  ['a row too few', 9, 'dead letters'],
])('%s is not passed over', (_what, accounted, hint) => {
  const wrong = { ...engine, fixes: engine.fixes + accounted - 10 };
  expect(() => replayResult(counts, wrong)).toThrow('the books do not balance');
  expect(() => replayResult(counts, wrong)).toThrow(hint);
});

test('where nobody waited, only the file is known', () => {
  expect(replayResult(counts, undefined)).toMatchObject({
    rows: 10,
    rejects: { 'field-type': 2 },
    fixes: null,
    alarmsRaised: null,
    suppressed: null,
  });
});
