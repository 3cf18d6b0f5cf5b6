import { expect, test } from 'vitest';
import { allRows, inPieces, told } from './_chunks.ts';
import { parseColumns } from './csv-columns.ts';
import { frameTable } from './csv-fields.ts';
import { FrameBooks } from './frame-books.ts';
import { readHexFrames } from './jt808-rows.ts';
import type { RecordRow } from './replay-row.ts';

/** A frame of JT/T 808-2013 around a body in hex; nothing in the bodies here wants an escape. */
function frame(id: string, body: string, phone = '013800138000', part = ''): string {
  const length = (body.length / 2) | (part === '' ? 0 : 0x2000);
  const content = `${id}${length.toString(16).padStart(4, '0')}${phone}0001${part}${body}`;
  const checksum = Buffer.from(content, 'hex').reduce((xor, byte) => xor ^ byte, 0);
  return `7e${content}${checksum.toString(16).padStart(2, '0')}7e`;
}

const location = (time = '261125120000', alarmFlags = '00000000', items = ''): string =>
  `${alarmFlags}0000000301dc88b0073d88c4000c0271005a${time}${items}`;
const batch = (...bodies: readonly string[]): string =>
  `${bodies.length.toString(16).padStart(4, '0')}01${bodies.map((body) => (body.length / 2).toString(16).padStart(4, '0') + body).join('')}`;

const report = frame('0200', location());
const wrong = `${report.slice(0, -4)}${report.slice(-4, -2) === '00' ? '01' : '00'}7e`;

async function read(file: string, columns?: string) {
  const books = new FrameBooks();
  const lines: string[] = [];
  const decoded = {
    append: async (some: readonly string[]) => void lines.push(...some),
    [Symbol.asyncDispose]: async () => {},
  };
  const table = { columns: parseColumns(columns ?? '', frameTable), timeZone: 'UTC', onColumns: () => {} };
  const options = { books, decoded, ...(columns !== undefined && { table }) };
  const rows = await allRows(readHexFrames({ name: 'file', chunks: inPieces(file) }, options));
  return {
    rows,
    told: rows.map(told),
    counts: books.counts(),
    messages: books.told(),
    lines: lines.map((line) => JSON.parse(line) as object),
  };
}

const none = {
  frames: 0,
  decoded: 0,
  badChecksum: 0,
  unknownMessage: 0,
  otherMessages: 0,
  parts: 0,
  repeatedParts: 0,
  refused: {},
  lengthMismatch: 0,
  unreadItems: {},
};

test('a frame a line; what is broken is told with its line, and the run goes on', async () => {
  const file = [
    report,
    '',
    wrong,
    'not hex',
    frame('0002', ''),
    frame('e001', '00'),
    frame('0200', '00'),
    report.toUpperCase(),
  ];
  const found = await read(`${file.join('\r\n')}\n`);
  expect(found.told).toEqual([
    '1: record 13800138000',
    '3: frame-crc-mismatch',
    '4: row-broken',
    '7: frame-truncated',
    '8: record 13800138000',
  ]);
  expect(found.counts).toEqual({
    ...none,
    frames: 7,
    decoded: 2,
    badChecksum: 1,
    otherMessages: 1,
    unknownMessage: 1,
    refused: { 'not-hex': 1, 'body-too-short': 1 },
  });
  expect(found.messages).toEqual(['messages without a position: 0002 heartbeat 1, e001 unknown 1']);
  expect(found.lines).toMatchObject([
    { line: 1, name: 'location', fixes: [{ vehicleId: '13800138000', speedKph: 62.5 }] },
    { line: 3, refused: 'bad-checksum' },
    { line: 4, refused: 'row-broken' },
    { line: 5, name: 'heartbeat' },
    { line: 6, id: 'e001', name: null },
    { line: 7, refused: 'body-too-short' },
    { line: 8, name: 'location' },
  ]);
});

test('every frame is counted once, whatever becomes of it', async () => {
  const parts = batch(location(), location('261125120010'));
  const cut = [parts.slice(0, 40), parts.slice(40)] as const;
  const file = [
    `${report}${report}`,
    frame('0704', cut[0], '000000000001', '00020001'),
    frame('0704', cut[1], '000000000001', '00020002'),
    frame('0704', cut[0], '000000000002', '00020001'),
    frame('0704', cut[0], '000000000002', '00020001'),
    frame('0702', '02261125120000'),
    frame('0200', location('000000000000')),
    frame('0200', location('261125120000', '00000000', '520102e101aa02010131')),
  ];
  const { told: rows, counts } = await read(file.join('\n'));
  const { frames, decoded, badChecksum, unknownMessage, otherMessages, parts: waiting, refused } = counts;
  expect(rows).toEqual([
    '1: record 13800138000',
    '1: record 13800138000',
    '3: record 1',
    '3: record 1',
    '7: field-range',
    '8: record 13800138000',
    '8: frame-truncated',
  ]);
  expect(counts).toMatchObject({ frames: 9, decoded: 5, parts: 3, repeatedParts: 1, refused: { 'time-invalid': 1 } });
  // The vendor's item is read by what is known of vendors.
  expect(counts.unreadItems).toEqual({ unknown: 1, length: 1, truncated: 1 });
  const sum = Object.values(refused).reduce((all, count) => all + count, 0);
  expect(decoded + badChecksum + unknownMessage + otherMessages + waiting + sum).toBe(frames);
});

test('a column of a table, with the vehicle and the receipt where they are named', async () => {
  const file = `plate\tat\thex\n沪A1\t2026-11-25 04:00:03\t${report}\n\t\t${report}\nx\n`;
  const { rows, told: lines } = await read(file, 'frame=hex,vehicleId=plate,receivedAt=at');
  expect(lines).toEqual(['2: record 沪A1', '3: record 13800138000', '4: row-broken']);
  expect(rows.slice(0, 2).map((row) => (row as RecordRow).receivedAtMs)).toEqual([
    Date.UTC(2026, 10, 25, 4, 0, 3),
    Date.UTC(2026, 10, 25, 4, 0, 0),
  ]);
});

test('the emergency button is heard where the time is wrong and the receipt is told', async () => {
  const pressed = frame('0200', location('000000000000', '00000001'));
  const { told: lines, counts } = await read(`hex,at\n${pressed},1764043200\n`, 'frame=hex,receivedAt=at');
  expect(lines).toEqual(['2: button of 13800138000']);
  expect(counts).toMatchObject({ decoded: 0, refused: { 'time-invalid': 1 } });
});

test('a frame of no table', async () => {
  await expect(read(report, 'frame=hex')).rejects.toThrow('--columns: the file has no column "hex"');
  expect(() => parseColumns('speed=v', frameTable)).toThrow(
    '"speed" is not a field; the fields are frame, vehicleId, receivedAt',
  );
});

test('a line beyond all limits', async () => {
  const { told: lines, counts } = await read(`${'7e'.repeat(40_000)}\n${report}`);
  expect(lines).toEqual(['1: record-too-large', '2: record 13800138000']);
  expect(counts).toMatchObject({ frames: 2, decoded: 1, refused: { 'record-too-large': 1 } });
});
