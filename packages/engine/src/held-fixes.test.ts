import { FixBatch, type FixExtra } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldFixes, heldOfLaneMax } from './held-fixes.ts';

const extras: fc.Arbitrary<FixExtra> = fc.record({
  signals: fc.nat(9),
  cargoTemperatureC: fc.constantFrom(Number.NaN, -5, 20.5),
  cargoPressureKpa: fc.constantFrom(Number.NaN, 300),
  driver: fc.nat(2),
  events: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 }),
});

/** Few times and places, so that many fixes are like others. */
const fixes = fc.array(
  fc.record({
    lane: fc.nat(2),
    fixedAtMs: fc.integer({ min: 1_000, max: 1_009 }),
    lonE7: fc.integer({ min: -1, max: 1 }),
    speedDkph: fc.constantFrom(0, 700, 0xffff),
    alarmFlags: fc.constantFrom(0, 1, 0x80000000),
    extra: fc.option(extras, { nil: undefined }),
  }),
  { maxLength: 60 },
);

type Told = { readonly fixedAtMs: number; readonly lonE7: number; readonly said: string };

function batchOf(list: typeof fixes extends fc.Arbitrary<infer T> ? T : never): FixBatch {
  const batch = new FixBatch(Math.max(1, list.length));
  for (const [i, { lane: _, ...fix }] of list.entries()) {
    const rest = { vehicle: 0, receivedAtMs: 0, latE7: 5, headingDeg: 90, accuracyM: 3, statusFlags: 7, flags: 2 };
    batch.push({ ...rest, ...fix }, i, 2_000 + i, i);
  }
  return batch;
}

/** All that a row says, but where it came from. */
function saidIn(batch: FixBatch, row: number): Told {
  const extra = batch.extra[row]!;
  const words = [...batch.extras.words.subarray(extra * 13, extra * 13 + 5)];
  const events = [...batch.extras.words.subarray(extra * 13 + 5, extra * 13 + 5 + words[4]!)];
  const { speedDkph, headingCdeg, accuracyDm, alarmFlags, statusFlags, flags, latE7 } = batch;
  const columns = [speedDkph, headingCdeg, accuracyDm, alarmFlags, statusFlags, flags, latE7].map((one) => one[row]);
  const said = JSON.stringify([...columns, ...(extra < 0 ? [] : [...words.map(String), ...events])]);
  return { fixedAtMs: batch.fixedAtMs[row]!, lonE7: batch.lonE7[row]!, said };
}

function heldIn(held: HeldFixes, lane: number): Told[] {
  const batch = new FixBatch(1);
  return Array.from({ length: held.countOf(lane) }, (_, i) => {
    held.write(lane, i, batch);
    expect(batch.producedAtMs[0]! - batch.offset[0]!).toBe(2_000);
    return saidIn(batch, 0);
  });
}

test('holds each fix once with all that it says, by time, in whatever order it came', () => {
  fc.assert(
    fc.property(fixes, fc.nat(), (list, seed) => {
      const batch = batchOf(list);
      const held = new HeldFixes();
      const other = new HeldFixes();
      const known: Told[][] = [[], [], []];
      for (const [row, { lane }] of list.entries()) {
        const told = saidIn(batch, row);
        const mine = known[lane]!;
        const isAgain = mine.some(({ fixedAtMs, lonE7, said }) => isAt(told, fixedAtMs, lonE7) && said === told.said);
        const isBeside = mine.some(({ fixedAtMs, lonE7 }) => isAt(told, fixedAtMs, lonE7));
        expect(held.put(lane, batch, row, 5_000)).toBe(isAgain ? 'again' : isBeside ? 'beside' : 'new');
        if (!isAgain) mine.push(told);
      }
      for (const row of list.keys()) {
        const at = (row + seed) % list.length;
        other.put(list[at]!.lane, batch, at, 5_000);
      }
      for (const [lane, mine] of known.entries()) {
        const got = heldIn(held, lane);
        expect(got.map(({ fixedAtMs }) => fixedAtMs)).toEqual(
          mine.map(({ fixedAtMs }) => fixedAtMs).sort((a, b) => a - b),
        );
        expect(got.map(keyOf).sort()).toEqual(mine.map(keyOf).sort());
        expect(heldIn(other, lane)).toEqual(got);
      }
      expect(held.count).toBe(known.flat().length);
    }),
  );
});

test('is the same after it was packed, and lets go of the oldest', () => {
  fc.assert(
    fc.property(fixes, fc.nat(20), (list, drop) => {
      const batch = batchOf(list);
      const held = new HeldFixes();
      for (const [row, { lane }] of list.entries()) {
        held.put(lane, batch, row, 9_000);
        held.settleAt(lane, 4_000 + lane);
      }
      const copy = new HeldFixes();
      copy.unpack(held.pack());
      expect(copy.pack()).toEqual(held.pack());
      expect([copy.count, copy.nextSettleAtMs]).toEqual([held.count, held.nextSettleAtMs]);
      for (let lane = 0; lane < 3; lane += 1) {
        const all = heldIn(copy, lane);
        const dropped = Math.min(drop, all.length);
        if (dropped > 0) copy.drop(lane, dropped);
        expect(heldIn(copy, lane)).toEqual(all.slice(dropped));
      }
      const isHeld = (lane: number): boolean => held.countOf(lane) > 0;
      expect(held.takeSettled(4_001)).toEqual([0, 1].filter(isHeld));
      expect(held.nextSettleAtMs).toBe(isHeld(2) ? 4_002 : Infinity);
    }),
  );
});

test('is full at its bound', () => {
  const held = new HeldFixes();
  const batch = new FixBatch(heldOfLaneMax);
  for (let i = 0; i < heldOfLaneMax; i += 1) {
    expect(held.isFull(7)).toBe(false);
    const fix = { vehicle: 0, fixedAtMs: 5_000 - i, receivedAtMs: 0, lonE7: 0, latE7: 0, speedDkph: 0 };
    batch.push({ ...fix, headingDeg: 0, accuracyM: 0, alarmFlags: 0, statusFlags: 0, flags: 0 }, i, i, 0);
    held.put(7, batch, i, 1);
  }
  expect(held.isFull(7)).toBe(true);
  expect(held.isFull(8)).toBe(false);
});

function isAt(told: Told, fixedAtMs: number, lonE7: number): boolean {
  return told.fixedAtMs === fixedAtMs && told.lonE7 === lonE7;
}

function keyOf({ fixedAtMs, lonE7, said }: Told): string {
  return [fixedAtMs, lonE7, said].join(' ');
}
