import { expect, test } from 'vitest';
import { minutes, seconds, seenBy, type Changes } from './_facts.ts';
import { bendSpeed, harshAcceleration, harshBraking, harshCornering } from './manner.ts';

const thresholds = { maxMss: 3, aboveKph: 20, gapMaxS: 4 };
const holds = (value: number): object => ({ state: 'holds', value, limit: 3 });
const over = { state: 'over' };
const unknown = { state: 'unknown' };

test.each<[string, Changes, object]>([
  ['just 3', { accelerationMss: 3 }, over],
  ['more, rounded for people', { accelerationMss: 4.16 }, holds(4.2)],
  ['braking', { accelerationMss: -5 }, over],
  ['just 20 km/h', { accelerationMss: 5, speedDkph: 200 }, over],
  ['a little faster', { accelerationMss: 5, speedDkph: 201 }, holds(5)],
  ['4 s apart', { accelerationMss: 5, sinceMs: 4 * seconds }, holds(5)],
  ['further apart', { accelerationMss: 5, sinceMs: 4 * seconds + 1 }, unknown],
  ['not known', { accelerationMss: Number.NaN }, unknown],
])('harsh-acceleration: %s', (_, changes, expected) => {
  expect(seenBy(harshAcceleration, thresholds, changes)).toEqual(expected);
});

test.each<[string, Changes, object]>([
  ['just 3', { accelerationMss: -3 }, over],
  ['more', { accelerationMss: -4.16 }, holds(4.2)],
  ['accelerating', { accelerationMss: 5 }, over],
  ['from just 20 km/h', { accelerationMss: -5, formerKph: 20 }, over],
  ['from a little faster to a stop', { accelerationMss: -5, formerKph: 20.1, speedDkph: 0 }, holds(5)],
  ['further than 4 s apart', { accelerationMss: -5, sinceMs: 4 * seconds + 1 }, unknown],
  ['not known', { accelerationMss: Number.NaN, formerKph: Number.NaN }, unknown],
])('harsh-braking: %s', (_, changes, expected) => {
  expect(seenBy(harshBraking, thresholds, changes)).toEqual(expected);
});

test.each<[string, Changes, object]>([
  ['just 3', { lateralMss: 3 }, over],
  ['more', { lateralMss: 3.5 }, holds(3.5)],
  ['to the other side', { lateralMss: -3.5 }, holds(3.5)],
  ['just 20 km/h', { lateralMss: 5, speedDkph: 200 }, over],
  ['further than 4 s apart', { lateralMss: 5, sinceMs: 4 * seconds + 1 }, unknown],
  ['not known', { lateralMss: Number.NaN }, unknown],
])('harsh-cornering: %s', (_, changes, expected) => {
  expect(seenBy(harshCornering, thresholds, changes)).toEqual(expected);
});

test.each<[string, Changes, object]>([
  ['just 3', { lateralMss: 3 }, over],
  ['more, at any speed', { lateralMss: 3.5, speedDkph: 10 }, holds(3.5)],
  ['to the other side', { lateralMss: -3.5 }, holds(3.5)],
  ['3 s apart', { lateralMss: 5, sinceMs: 3 * seconds }, holds(5)],
  ['further apart', { lateralMss: 5, sinceMs: 3 * seconds + 1 }, unknown],
  ['over a gap', { lateralMss: 5, sinceMs: 5 * minutes }, unknown],
  ['not known', { lateralMss: Number.NaN }, unknown],
])('bend-speed: %s', (_, changes, expected) => {
  expect(seenBy(bendSpeed, { maxMss: 3 }, changes)).toEqual(expected);
});
