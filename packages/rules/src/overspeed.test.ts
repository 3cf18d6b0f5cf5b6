import { vehicleClasses } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { answer, fenceOf, type Shown } from './_policy.ts';
import { observeOverspeed } from './overspeed.ts';

function seen(shown: Shown) {
  return answer(shown, observeOverspeed);
}

test.each([
  [60, 'band'],
  [60.1, 'holds'],
  [55.1, 'band'],
  [55, 'over'],
  [0, 'over'],
  [undefined, 'unknown'],
])('at %s km/h where 60 applies: %s', (kph, state) => {
  expect(seen(kph === undefined ? {} : { kph }).state).toBe(state);
});

test.each([
  [60.1, 1, 'T0'],
  [65.9, 1, 'T0'],
  [66, 2, 'T1'],
  [71.9, 2, 'T1'],
  [72, 3, 'T2'],
  [89.9, 3, 'T2'],
  [90, 4, 'T3'],
  [6_553.4, 4, 'T3'],
])('%d km/h where 60 applies is level %d, %s', (kph, level, tier) => {
  expect(seen({ kph })).toMatchObject({ state: 'holds', value: kph, limit: 60, level, tier });
});

test.each([30, 40, 50, 60, 70, 80, 90, 100, 110, 120])(
  'the borders of the tiers are exact where %d applies',
  (limit) => {
    const fences = [fenceOf('street', { limitKph: limit })];
    const levelAt = (kph: number): number =>
      seen({ kph, class: 'coach', fences, overspeed: { limitsKph: high } }).level;
    for (const [percent, level] of [
      [10, 2],
      [20, 3],
      [50, 4],
    ] as const) {
      const border = (limit * (100 + percent)) / 100;
      expect([levelAt(border - 0.1), levelAt(border)]).toEqual([level - 1, level]);
    }
  },
);

const unlimited = { value: 200, source: 'test' };
const high = { coach: unlimited, hazmat: unlimited, earthwork: unlimited, mixer: unlimited, heavy: unlimited };

describe('the lowest limit that applies', () => {
  const town = fenceOf('town', { limitKph: 50 });
  const school = fenceOf('school', { limitKph: 30 });
  const motorway = fenceOf('motorway', { limitKph: 120 });
  const night = { days: [1], fromMinute: 1_320, toMinute: 360 };

  test.each<[string, Shown, number, string]>([
    ['the class alone', {}, 60, 'class heavy'],
    ['another class', { class: 'coach' }, 100, 'class coach'],
    ['one fence below the class', { fences: [town] }, 50, "fence 'the town'"],
    ['a fence above the class does not raise it', { fences: [motorway] }, 60, 'class heavy'],
    ['the lowest of several, in whatever order', { fences: [motorway, school, town] }, 30, "fence 'the school'"],
    ['the same from class and fence is the class', { fences: [fenceOf('f', { limitKph: 60 })] }, 60, 'class heavy'],
    ['a fence without a limit', { fences: [fenceOf('depot', { prohibited: true })] }, 60, 'class heavy'],
    ['a fence for other classes', { fences: [{ ...school, classes: ['coach', 'hazmat'] }] }, 60, 'class heavy'],
    [
      'a fence for this class among others',
      { fences: [{ ...school, classes: ['coach', 'heavy'] }] },
      30,
      "fence 'the school'",
    ],
    ['before its hours', { fences: [{ ...school, schedule: [night] }], minuteOfWeek: 1_319 }, 60, 'class heavy'],
    [
      'from its first minute',
      { fences: [{ ...school, schedule: [night] }], minuteOfWeek: 1_320 },
      30,
      "fence 'the school'",
    ],
    [
      'to its last minute',
      { fences: [{ ...school, schedule: [night] }], minuteOfWeek: 1_799 },
      30,
      "fence 'the school'",
    ],
    ['and no longer', { fences: [{ ...school, schedule: [night] }], minuteOfWeek: 1_800 }, 60, 'class heavy'],
  ])('%s', (_, shown, limit, limitSource) => {
    const { limitSource: source, ...told } = seen({ ...shown, kph: 150 });
    const name = source < 0 ? `class ${vehicleClasses[-1 - source]}` : `fence '${shown.fences?.[source]?.name}'`;
    expect({ ...told, name }).toMatchObject({ state: 'holds', value: 150, limit, name: limitSource });
  });
});

test.each([
  ['no hysteresis: at the limit it is over', 0, 60, 'over'],
  ['one as large as the limit: standing is over', 60, 0, 'over'],
  ['one larger than the limit: standing is over', 80, 0, 'over'],
  ['and creeping is not', 80, 0.1, 'band'],
])('%s', (_, clearBelowKph, kph, state) => {
  expect(seen({ kph, overspeed: { clearBelowKph: { value: clearBelowKph, source: 'test' } } }).state).toBe(state);
});
