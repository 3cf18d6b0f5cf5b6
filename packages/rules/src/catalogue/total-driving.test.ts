import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { minutes, quietOf, seenBy } from './_facts.ts';
import { dailyDriving, weeklyDriving } from './total-driving.ts';

const day = { maxS: 28_800 };
const week = { maxS: 158_400 };

test.each([
  [480 * minutes, { state: 'over' }],
  [480 * minutes + 1, { state: 'holds', value: 480, limit: 480 }],
])('%d ms in 24 hours where 8 h are allowed', (drivenOfDayMs, expected) => {
  // The other total does not matter.
  expect(seenBy(dailyDriving, day, { drivenOfDayMs, drivenOfWeekMs: 10_000 * minutes })).toEqual(expected);
});

test.each([
  [2_640 * minutes, { state: 'over' }],
  [2_640 * minutes + 1, { state: 'holds', value: 2_640, limit: 2_640 }],
])('%d ms in 7 days where 44 h are allowed', (drivenOfWeekMs, expected) => {
  expect(seenBy(weeklyDriving, week, { drivenOfWeekMs, drivenOfDayMs: 1_000 * minutes })).toEqual(expected);
});

test('what is left may be driven without being asked', () => {
  const driven = { drivenOfDayMs: 470 * minutes, drivenOfWeekMs: 2_600 * minutes };
  expect(quietOf(dailyDriving, day, driven).forMs).toBe(10 * minutes);
  expect(quietOf(weeklyDriving, week, driven).forMs).toBe(40 * minutes);
  expect(quietOf(dailyDriving, day, { ...driven, motion: motion.stopped }).forMs).toBe(Infinity);
  expect(quietOf(weeklyDriving, week, { ...driven, motion: motion.stopped }).forMs).toBe(Infinity);
});
