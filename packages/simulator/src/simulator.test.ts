import { FixBatch } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demoZones } from './demo-zones.ts';
import { createSimulator, type SimulatorOptions } from './simulator.ts';
import { asText, drive, type DrivenFix } from './test-drive.ts';

const startMs = Date.UTC(2026, 0, 5, 8);
const small: SimulatorOptions = { seed: 11, vehicles: 30, startMs, periodMs: 5_000 };
const mess = { duplicates: 0.05, late: 0.2, clockAhead: 0.02, invalid: 0.05 };

describe('the same fixes, byte for byte', () => {
  test('come of the same seed and times', () => {
    const options = { ...small, zones: demoZones(11), mess };
    const times = [startMs + 60_000, startMs + 300_000];
    expect(asText(drive(createSimulator(options), times))).toBe(asText(drive(createSimulator(options), times)));
  });

  // Each run builds two simulators; a busy machine needs more than the default 5 s for all of them.
  test('come whatever the steps and the size of the batch (property)', { timeout: 30_000 }, () => {
    const zones = demoZones(11);
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 0, max: 0xffff_ffff }),
          vehicles: fc.integer({ min: 1, max: 25 }),
          periodMs: fc.integer({ min: 700, max: 30_000 }),
          messy: fc.boolean(),
        }),
        fc.array(fc.integer({ min: -10, max: 60_000 }), { maxLength: 12 }),
        fc.integer({ min: 13, max: 90 }),
        ({ messy, ...options }, cuts, capacity) => {
          const full = { ...options, startMs, zones, ...(messy ? { mess } : {}) };
          const end = startMs + 60_000;
          const times = [...cuts.map((cut) => startMs + cut).sort((a, b) => a - b), end];
          const whole = drive(createSimulator(full), [end]);
          expect(asText(drive(createSimulator(full), times, capacity))).toBe(asText(whole));
        },
      ),
      { numRuns: 20 },
    );
  });

  test('do not come of another seed', () => {
    const at = (seed: number): DrivenFix[] => drive(createSimulator({ ...small, seed }), [startMs + 5_000]);
    expect(at(1)).not.toEqual(at(2));
  });

  test('come at any other start, moved in time alone', () => {
    const movedMs = 86_400_000 * 9 + 1;
    const moved = createSimulator({ ...small, startMs: startMs + movedMs });
    const first = drive(createSimulator(small), [startMs + 60_000]);
    const back = drive(moved, [startMs + movedMs + 60_000]).map((fix) => ({
      ...fix,
      fixedAtMs: fix.fixedAtMs - movedMs,
      receivedAtMs: fix.receivedAtMs - movedMs,
    }));
    expect(asText(back)).toBe(asText(first));
  });
});

test('each vehicle reports once a period, all of them spread over it, in order of time', () => {
  const fixes = drive(createSimulator(small), [startMs + 59_999]);
  expect(fixes).toHaveLength(30 * 12);
  expect(fixes.every((fix, index) => index === 0 || fix.fixedAtMs >= (fixes[index - 1]?.fixedAtMs ?? 0))).toBe(true);
  const own = fixes.filter((fix) => fix.vehicle === 7).map((fix) => fix.fixedAtMs);
  expect(own.slice(1).map((timeMs, index) => timeMs - (own[index] ?? 0))).toEqual(Array(11).fill(5_000));
});

test('what is due is told before and after a step', () => {
  const simulator = createSimulator({ ...small, vehicles: 10 });
  const batch = new FixBatch(4);
  expect(simulator.nextDueMs).toBe(startMs);
  expect(simulator.step(startMs - 1, batch)).toBe(true);
  expect(batch.count).toBe(0);
  expect(simulator.step(startMs + 4_999, batch)).toBe(false);
  expect(batch.count).toBe(4);
  expect(simulator.nextDueMs).toBe(startMs + 2_000);
});

test.each([
  [{ vehicles: 0 }, /vehicles must be a whole number from 1/],
  [{ periodMs: 50 }, /periodMs must be a whole number from 100/],
  [{ seed: -1 }, /seed must be a whole number from 0/],
  [{ mess: { late: 0.7, invalid: 0.7 } }, /shares of a mess/],
])('%j is refused', (wrong, message) => {
  expect(() => createSimulator({ ...small, ...wrong })).toThrow(message);
});
