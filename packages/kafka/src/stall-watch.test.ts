import { expect, test } from 'vitest';
import { observeStalls, stalledPartition, type Reading, type Stalls } from './stall-watch.ts';

const stallMs = 60_000;

/** Positions of partition 0 as seen every 15 s, with the end that stood there. */
test.each<[string, readonly (readonly [position: number, end: number] | undefined)[], number | undefined]>([
  [
    'stands still although records wait',
    [
      [5, 9],
      [5, 9],
      [5, 9],
      [5, 9],
      [5, 9],
    ],
    0,
  ],
  [
    'stands still while more and more wait',
    [
      [5, 9],
      [5, 12],
      [5, 20],
      [5, 30],
      [5, 99],
    ],
    0,
  ],
  [
    'has not stood still for long enough',
    [
      [5, 9],
      [5, 9],
      [5, 9],
      [5, 9],
    ],
    undefined,
  ],
  [
    'goes on, slowly',
    [
      [5, 9],
      [5, 9],
      [6, 9],
      [6, 9],
      [6, 9],
    ],
    undefined,
  ],
  [
    'has read all there is',
    [
      [9, 9],
      [9, 9],
      [9, 9],
      [9, 9],
      [9, 9],
    ],
    undefined,
  ],
  [
    'had read all, and records came just now',
    [
      [9, 9],
      [9, 9],
      [9, 9],
      [9, 9],
      [9, 10],
    ],
    undefined,
  ],
  ['was busy in between', [[5, 9], [5, 9], undefined, [5, 9], [5, 9]], undefined],
])('a partition that %s', (_what, seen, stalled) => {
  let stalls: Stalls = new Map();
  let nowMs = 0;
  for (const at of seen) {
    nowMs += stallMs / 4;
    const readings: Reading[] = at === undefined ? [] : [{ partition: 0, position: at[0], end: at[1] }];
    stalls = observeStalls(stalls, readings, nowMs);
  }
  expect(stalledPartition(stalls, stallMs, nowMs)).toBe(stalled);
});
