import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accuracyAbsent,
  headingAbsent,
  toCdeg,
  toDm,
  FixBatch,
  fromE7,
  speedAbsent,
  toDkph,
  toE7,
  type FixRow,
} from './fix-batch.ts';
import { rejectCode } from './reject.ts';

test.each([
  [0, 0],
  [60.04, 600],
  [60.05, 601],
  [-1, 0],
  [6_553.4, 65_534],
  [9_999, 65_534],
])('%d km/h are %d steps of 0.1 km/h, never the mark for none', (kph, expected) => {
  expect(toDkph(kph)).toBe(expected);
  expect(toDkph(kph)).not.toBe(speedAbsent);
});

test('degrees go to the lattice and back; the whole earth fits 32 bits', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }), (e7) => {
      expect(toE7(fromE7(e7))).toBe(e7);
      expect(e7 | 0).toBe(e7);
    }),
  );
});

test('a row comes out of the columns as it went in; a full batch says so', () => {
  const fix: FixRow = {
    vehicle: -1,
    fixedAtMs: 1_772_380_800_123,
    receivedAtMs: 1_772_380_801_000,
    lonE7: 1_214_000_000,
    latE7: -312_000_000,
    speedDkph: 601,
    headingDeg: 90.5,
    accuracyM: Number.NaN,
    alarmFlags: 0xffff_ffff,
    statusFlags: 3,
    flags: 2,
  };
  const batch = new FixBatch(2);
  expect([batch.push(fix, 2 ** 40, 7, 999), batch.push({ ...fix, reject: 'row-broken' }, 1, 2, 3)]).toEqual([0, 1]);
  const { reject, offset, producedAtMs, index, ...columns } = batch;
  expect([...reject]).toEqual([0, rejectCode('row-broken')]);
  expect([offset[0], producedAtMs[0], index[0]]).toEqual([2 ** 40, 7, 999]);
  const { headingDeg: _headingDeg, accuracyM: _accuracyM, reject: _reject, ...same } = fix;
  expect([columns.headingCdeg[0], columns.accuracyDm[0]]).toEqual([9_050, accuracyAbsent]);
  for (const [name, value] of Object.entries(same)) expect(columns[name as keyof typeof same][0], name).toBe(value);
  expect(batch.room).toBe(0);
  expect(() => batch.push(fix, 0, 0, 0)).toThrow(RangeError);
  batch.clear();
  expect(batch.room).toBe(2);
});

test.each([
  [toCdeg(0), 0],
  [toCdeg(360), 36_000],
  [toCdeg(Number.NaN), headingAbsent],
  [toDm(0.04), 0],
  [toDm(12.34), 123],
  [toDm(1_000_000), accuracyAbsent - 1],
  [toDm(Number.NaN), accuracyAbsent],
])('headings and accuracies on their lattices: %d', (found, expected) => {
  expect(found).toBe(expected);
});
