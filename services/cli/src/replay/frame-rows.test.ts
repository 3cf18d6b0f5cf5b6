import { encodeFrame } from '@haulwatch/codec';
import { expect, test } from 'vitest';
import { allRows, inPieces, told } from './_chunks.ts';
import { readFrames } from './frame-rows.ts';

const receivedAtMs = 1_769_443_022_000;
const row = { vehicleNumber: 7, fixedAtMs: receivedAtMs - 1_000, lonDeg: 121.4, latDeg: 31.2 };

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes);
  return length;
}

function withLength(frame: Uint8Array): Buffer {
  return Buffer.concat([lengthOf(frame.length), frame]);
}

const one = withLength(encodeFrame([row], receivedAtMs));
const three = withLength(encodeFrame([row, { ...row, vehicleNumber: 8 }, row], receivedAtMs));
const damaged = Buffer.from(three);
damaged[three.length - 1]! ^= 1;

test.each([
  ['two frames', [one, three], ['1: frame of 1', '2: frame of 3']],
  ['a damaged one between good ones', [one, damaged, one], ['1: frame of 1', '2: frame-crc-mismatch', '3: frame of 1']],
  ['an empty record', [lengthOf(0), one], ['1: frame-truncated', '2: frame of 1']],
  [
    'a record beyond all limits',
    [lengthOf(2_000_000), Buffer.alloc(2_000_000), one],
    ['1: record-too-large', '2: frame of 1'],
  ],
  ['an end inside a frame', [one, three.subarray(0, 30)], ['1: frame of 1', '2: frame-truncated']],
  ['an end inside a length', [one, three.subarray(0, 2)], ['1: frame of 1', '2: frame-truncated']],
  ['an end inside what is passed over', [lengthOf(2_000_000), one], ['1: record-too-large', '2: frame-truncated']],
  ['nothing', [], []],
])('%s', async (_what, parts, expected) => {
  const file = Buffer.concat(parts);
  for (const piece of [1_000, 11, 1].filter((size) => file.length / size < 100_000)) {
    expect((await allRows(readFrames(inPieces(file, piece)))).map(told)).toEqual(expected);
  }
});

test('a frame tells its vehicles and when it came', async () => {
  const [frame] = await allRows(readFrames(inPieces(three)));
  expect(frame).toMatchObject({ kind: 'frame', numbers: [7, 8, 7], receivedAtMs, fixedAtMs: receivedAtMs - 1_000 });
});
