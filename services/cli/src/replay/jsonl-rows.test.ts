import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allRows, inPieces, told } from './_chunks.ts';
import { readJsonLines, readTraccarLines } from './jsonl-rows.ts';
import { readLines } from './lines.ts';

const fix = { vehicleId: 'a', fixedAtMs: 1_769_443_022_000, lonDeg: 121.4, latDeg: 31.2 };
const line = (fields: object = {}): string => JSON.stringify({ ...fix, ...fields });

describe('JSON lines', () => {
  test.each([
    ['fixes', `${line()}\n${line({ vehicleId: 'b' })}\n`, ['1: record a', '2: record b']],
    ['no line end at the end', line(), ['1: record a']],
    ['carriage returns and blank lines', `\r\n${line()}\r\n  \n${line()}\r\n`, ['2: record a', '4: record a']],
    [
      'broken JSON between good lines',
      `${line()}\n{"vehicleId":\n${line()}`,
      ['1: record a', '2: json-broken', '3: record a'],
    ],
    ['a field of the wrong type', line({ lonDeg: '121.4' }), ['1: field-type']],
    ['the button in a broken fix', line({ lonDeg: 999, alarmFlags: 1 }), ['1: button of a']],
    [
      'a line beyond all limits',
      `${line()}\n"${'x'.repeat(1_100_000)}"\n${line()}`,
      ['1: record a', '2: record-too-large', '3: record a'],
    ],
  ])('%s', async (_what, text, expected) => {
    expect((await allRows(readJsonLines(inPieces(text, 65_536)))).map(told)).toEqual(expected);
  });

  test('a receipt of its own is kept, another is not made up', async () => {
    const rows = await allRows(readJsonLines(inPieces(`${line({ receivedAtMs: 1_769_443_030_000 })}\n${line()}`)));
    expect(rows).toMatchObject([{ receivedAtMs: 1_769_443_030_000 }, { receivedAtMs: fix.fixedAtMs }]);
  });

  test('what cannot be read keeps its bytes, so that it can be sent on as it is', async () => {
    const [row] = await allRows(readJsonLines(inPieces('{broken')));
    expect(row).toMatchObject({ kind: 'refused', source: { key: null, value: Buffer.from('{broken') } });
  });

  test('the record of a pressed button still says what was wrong with it', async () => {
    const [row] = await allRows(readJsonLines(inPieces(line({ latDeg: 'north', alarmFlags: 1 }))));
    const value = row?.kind === 'record' ? (JSON.parse(row.value) as unknown) : undefined;
    expect(value).toEqual({ ...fix, latDeg: 'north', alarmFlags: 1, receivedAtMs: fix.fixedAtMs });
  });
});

describe("Traccar's records", () => {
  const position = {
    position: { fixTime: '2026-11-22T05:55:03.000+00:00', valid: true, latitude: 31.19, longitude: 121.41, speed: 27 },
    device: { uniqueId: '123456789012' },
  };
  const event = { event: { type: 'deviceOnline' }, device: { uniqueId: '123456789012' } };

  test.each([
    ['bare', JSON.stringify(position), null],
    [
      'in the wrapper of a dump',
      JSON.stringify({ topic: 'positions', key: '1', value: JSON.stringify(position) }),
      '1',
    ],
  ])('%s', async (_what, text, key) => {
    const rows = await allRows(readTraccarLines(inPieces(text), () => {}));
    expect(rows.map(told)).toEqual(['1: record 123456789012']);
    expect(rows[0]).toMatchObject({ source: { key } });
  });

  test('events are passed over and told, broken lines are refused', async () => {
    let passedOver = 0;
    const text = [event, position, { position: {} }].map((one) => JSON.stringify(one)).join('\n');
    const rows = await allRows(readTraccarLines(inPieces(text), () => (passedOver += 1)));
    expect(rows.map(told)).toEqual(['2: record 123456789012', '3: field-missing']);
    expect(passedOver).toBe(1);
  });

  test('the button of a position off the earth is not lost', async () => {
    const lost = { ...position, position: { ...position.position, latitude: 95, attributes: { alarm: 'sos' } } };
    const [row] = await allRows(readTraccarLines(inPieces(JSON.stringify(lost)), () => {}));
    expect(row).toMatchObject({ kind: 'record', buttonOnly: true, vehicleId: '123456789012' });
  });
});

test('lines are the same however the file is cut', async () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\r'), maxLength: 12 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (lines, piece) => {
      const file = lines.join('\n');
      const read: [number, string][] = [];
      for await (const some of readLines(inPieces(file, piece), 1_000)) {
        for (const { at, bytes } of some) read.push([at, Buffer.from(bytes!).toString()]);
      }
      const expected = lines
        .map((one, index): [number, string] => [index + 1, one.replace(/\r$/, '')])
        .filter(([, one]) => one.replace(/[ \t]/g, '') !== '');
      expect(read).toEqual(expected);
    }),
  );
});
