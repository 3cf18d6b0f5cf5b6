import { expect, test } from 'vitest';
import { Pacer } from './pacer.ts';

test.each<[string, number, [fixedAtMs: number, nowMs: number, waitMs: number][]]>([
  [
    'real time',
    1,
    [
      [5_000, 0, 0],
      [6_000, 0, 1_000],
      [7_000, 1_500, 500],
    ],
  ],
  [
    'ten times as fast',
    10,
    [
      [5_000, 0, 0],
      [15_000, 0, 1_000],
    ],
  ],
  [
    'half as fast',
    0.5,
    [
      [5_000, 0, 0],
      [6_000, 0, 2_000],
    ],
  ],
  [
    'older than the first',
    1,
    [
      [5_000, 0, 0],
      [1_000, 0, 0],
    ],
  ],
  [
    'behind time',
    1,
    [
      [5_000, 0, 0],
      [6_000, 3_000, 0],
    ],
  ],
  [
    'too short for a timer, but not forgotten',
    1_000,
    [
      [5_000, 0, 0],
      [6_000, 0, 0],
      [25_000, 0, 20],
    ],
  ],
])('%s', (_what, factor, steps) => {
  const pacer = new Pacer(factor);
  for (const [fixedAtMs, nowMs, waitMs] of steps) expect(pacer.waitMs(fixedAtMs, nowMs)).toBe(waitMs);
});
