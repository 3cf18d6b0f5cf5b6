import { expect, test } from 'vitest';
import { allRows, inPieces, told } from './_chunks.ts';
import { parseColumns } from './csv-columns.ts';
import { guessDelimiter, readCsv, type CsvOptions } from './csv-rows.ts';

async function read(text: string | Uint8Array, options: Partial<CsvOptions> = {}, piece?: number) {
  const input = { name: 'a.csv', chunks: inPieces(text, piece) };
  return await allRows(readCsv(input, { columns: [], timeZone: 'UTC', onColumns: () => {}, ...options }));
}

const header = 'vehicleId,fixedAt,lon,lat,speed,alarmFlags';
const good = 'truck-1,2026-01-26 15:57:02,121.4,31.2,60,';

async function check(rows: readonly string[], expected: readonly string[]): Promise<void> {
  expect((await read(`${[header, ...rows].join('\n')}\n`)).map(told)).toEqual(expected);
}

test('a row is a fix that was received when it was fixed', async () => {
  const [row] = await read(`${header}\n${good}`);
  expect(row).toMatchObject({ kind: 'record', at: 2, vehicleId: 'truck-1', fixedAtMs: 1_769_443_022_000 });
  expect(row).toHaveProperty(
    'value',
    '{"vehicleId":"truck-1","fixedAtMs":1769443022000,"receivedAtMs":1769443022000,"lonDeg":121.4,"latDeg":31.2,"speedKph":60}',
  );
});

test.each([
  ['good ones', [good, good], ['2: record truck-1', '3: record truck-1']],
  ['blank lines', ['', good, '', good], ['3: record truck-1', '5: record truck-1']],
  ['quoted cells', ['"truck, 1","2026-01-26 15:57:02",121.4,"31.2",60,'], ['2: record truck, 1']],
  [
    'a quote inside a cell',
    ['truck "1,2026-01-26 15:57:02,121.4,31.2,60,', good],
    ['2: record truck "1', '3: record truck-1'],
  ],
  ['too few cells', ['truck-1,2026-01-26 15:57:02', good], ['2: row-broken', '3: record truck-1']],
  ['too many cells', [`${good},x`, good], ['2: row-broken', '3: record truck-1']],
  ['a number that is none', ['truck-1,2026-01-26 15:57:02,east,31.2,60,'], ['2: field-type']],
  ['NaN', ['truck-1,2026-01-26 15:57:02,NaN,31.2,60,'], ['2: field-type']],
  ['a time that is none', ['truck-1,yesterday,121.4,31.2,60,'], ['2: field-type']],
  ['off the earth', ['truck-1,2026-01-26 15:57:02,181,31.2,60,'], ['2: coordinates-out-of-range']],
  ['no vehicle', [' ,2026-01-26 15:57:02,121.4,31.2,60,'], ['2: field-missing']],
  ['a broken fix with the button pressed', ['truck-1,2026-01-26 15:57:02,181,31.2,60,1'], ['2: button of truck-1']],
])('%s', async (_what, rows, expected) => check(rows, expected));

test.each([
  ['a quote that is never closed', '"open,1,2', 'row-broken'],
  ['a quote closed in the middle of a cell', '"open"ed,2026-01-26 15:57:02,121.4,31.2,60,', undefined],
  ['a row beyond all limits', `${good}${'x'.repeat(70_000)}`, 'record-too-large'],
  ['a row that is not UTF-8', Buffer.from([0xbb, 0xa6, 0x2c]), 'row-broken'],
])('%s costs one row and not those after it', async (_what, bad, reason) => {
  const file = Buffer.concat([`${header}\n${good}\n`, bad, `\n${good}\n`].map((part) => Buffer.from(part)));
  const rows = await read(file, {}, 1_000);
  expect(rows.map(told)).toEqual([
    '2: record truck-1',
    reason === undefined ? '3: record "open"ed' : `3: ${reason}`,
    '4: record truck-1',
  ]);
});

test.each([
  ['carriage returns and a byte order mark', `\uFEFF${header}\r\n${good}\r\n`],
  ['no line end at the end', `${header}\n${good}`],
  ['semicolons', `${header}\n${good}`.replaceAll(',', ';')],
  ['tabs', `${header}\n${good}`.replaceAll(',', '\t')],
  ['bars', `${header}\n${good}`.replaceAll(',', '|')],
  ['blank lines before the header', `\n\n${header}\n${good}`],
])('a file with %s', async (_what, text) => {
  expect((await read(text)).map((row) => row.kind)).toEqual(['record']);
});

test.each([
  ['a,b,c', ','],
  ['X;Y;"a,b,c,d,e"', ';'],
  ['a\tb', '\t'],
  ['a|b', '|'],
  ['one', ','],
])('the delimiter of %j', (line, expected) => expect(guessDelimiter(line)).toBe(expected));

test('however the file is cut, the rows are the same', async () => {
  const text = `${header}\n${Array.from({ length: 40 }, (_, n) => good.replace('truck-1', `trück-${n}`)).join('\n')}`;
  const whole = await read(text, {}, text.length * 2);
  for (const piece of [1, 2, 3, 64]) expect(await read(text, {}, piece)).toEqual(whole);
});

test('what was found is told once', async () => {
  const seen: string[] = [];
  const columns = parseColumns("vehicleId='a'");
  await read('t;X;Y\n1769443022;1;2\n1769443023;1;2\n', {
    columns,
    onColumns: (bindings, delimiter) => seen.push(delimiter, ...bindings.map((binding) => binding.told)),
  });
  expect(seen).toEqual([';', "vehicleId = 'a'", 'fixedAt = t', 'lon = X', 'lat = Y']);
});

test('an empty file is an error that says so', async () => {
  await expect(read('')).rejects.toThrow('a.csv is empty');
});
