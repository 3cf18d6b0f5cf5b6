import { expect, test } from 'vitest';
import { seconds, seenBy, type Changes } from './_facts.ts';
import { clockSkew, gnssDrift, gnssStuck } from './data-quality.ts';

test.each([
  [160, { state: 'over' }],
  [160.6, { state: 'holds', value: 161, limit: 160 }],
  [50_000, { state: 'holds', value: 50_000, limit: 160 }],
  [Number.NaN, { state: 'unknown' }],
])('a jump as if at %d km/h where 160 are possible', (impliedKph, expected) => {
  expect(seenBy(gnssDrift, { maxKph: 160 }, { impliedKph })).toEqual(expected);
});

const stuck: Changes = { isSamePlace: true, speedDkph: 101 };

test.each<[string, Changes, object]>([
  ['10.1 km/h', stuck, { state: 'holds', value: 10.1, limit: 10 }],
  ['just 10 km/h', { ...stuck, speedDkph: 100 }, { state: 'over' }],
  ['0 km/h', { ...stuck, speedDkph: 0 }, { state: 'over' }],
  ['another place', { ...stuck, isSamePlace: false }, { state: 'over' }],
  ['a derived speed', { ...stuck, derived: true }, { state: 'unknown' }],
  ['an unknown speed', { ...stuck, speedDkph: -1 }, { state: 'unknown' }],
  ['no position', { ...stuck, isPlaced: false }, { state: 'unknown' }],
])('the same position at %s', (_, changes, expected) => {
  expect(seenBy(gnssStuck, { aboveKph: 10 }, changes)).toEqual(expected);
});

test.each([
  [0, { state: 'over' }],
  [60 * seconds, { state: 'over' }],
  [61 * seconds, { state: 'holds', value: 61, limit: 60 }],
  [-3_600 * seconds, { state: 'over' }],
])('a clock that is %d ms ahead where 60 s are allowed', (clockAheadMs, expected) => {
  expect(seenBy(clockSkew, {}, { clockAheadMs })).toEqual(expected);
});
