import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JudgedStretches } from './judged-stretches.ts';

const times = { gapMaxMs: 5, nowMs: 1_000 };

const stretches = fc.array(
  fc.tuple(fc.nat(300), fc.nat(20)).map(([fromMs, forMs]) => [fromMs, fromMs + forMs] as const),
  { minLength: 1, maxLength: 25 },
);

test('knows the times of what it was given, and those in holes that are no gaps', () => {
  fc.assert(
    fc.property(stretches, (list) => {
      const judged = new JudgedStretches();
      for (const [fromMs, toMs] of list) judged.add(3, fromMs, toMs, times);
      const isIn = (atMs: number): boolean => list.some(([fromMs, toMs]) => atMs >= fromMs && atMs <= toMs);
      for (let atMs = 0; atMs <= 330; atMs += 1) {
        const before = [...Array(times.gapMaxMs + 1).keys()].find((by) => isIn(atMs - by));
        const after = [...Array(times.gapMaxMs + 1).keys()].find((by) => isIn(atMs + by));
        const isBridged = before !== undefined && after !== undefined && before + after <= times.gapMaxMs;
        expect(judged.has(3, atMs), String(atMs)).toBe(isBridged);
      }
      expect(judged.has(2, list[0]![0])).toBe(false);
      const copy = new JudgedStretches();
      copy.unpack(judged.pack());
      expect(copy.pack()).toEqual(judged.pack());
    }),
  );
});

describe('of more than are kept', () => {
  test('the shortest holes are closed, and nothing is judged twice', () => {
    const judged = new JudgedStretches();
    const starts = Array.from({ length: 40 }, (_, i) => i * 100 + (i % 2) * 60);
    for (const fromMs of starts) judged.add(0, fromMs, fromMs + 1, times);
    expect(judged.pack().length).toBeLessThanOrEqual(3 * 32);
    expect(judged.pack().length).toBeGreaterThan(3 * 16);
    for (const fromMs of starts) expect(judged.has(0, fromMs)).toBe(true);
    // 39 holes of 159 and 39 in turn.
    expect([judged.has(0, 110), judged.has(0, 180)]).toEqual([false, true]);
  });

  test('those that ended three days ago are forgotten', () => {
    const judged = new JudgedStretches();
    const hourMs = 3_600_000;
    for (let i = 0; i < 33; i += 1) judged.add(0, i * hourMs, i * hourMs + 1, { gapMaxMs: 5, nowMs: 80 * hourMs });
    expect([judged.has(0, 7 * hourMs), judged.has(0, 8 * hourMs)]).toEqual([false, true]);
  });
});
