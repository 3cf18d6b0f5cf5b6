import { describe, expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { minutes, quietOf, seenBy, type Changes } from './_facts.ts';
import { continuousDriving, continuousDrivingWarning } from './continuous-driving.ts';

const thresholds = { dayMaxS: 14_400, nightMaxS: 7_200 };
const warning = { ...thresholds, aheadS: 1_800 };
const stopped = { motion: motion.stopped };

test.each<[string, Changes, object]>([
  ['four hours', { drivenMs: 240 * minutes }, { state: 'over' }],
  ['a moment more', { drivenMs: 240 * minutes + 1 }, { state: 'holds', value: 240, limit: 240 }],
  ['a rest has ended the count', { drivenMs: 0, ...stopped }, { state: 'over' }],
  ['a short stop has not', { drivenMs: 245 * minutes, ...stopped }, { state: 'holds', value: 245, limit: 240 }],
  ['two hours of it at night', { drivenMs: 130 * minutes, nightDrivenMs: 120 * minutes }, { state: 'over' }],
  [
    'a moment more at night',
    { drivenMs: 130 * minutes, nightDrivenMs: 120 * minutes + 1 },
    { state: 'holds', value: 120, limit: 120, atNight: true },
  ],
  [
    'both, the night by more',
    { drivenMs: 250 * minutes, nightDrivenMs: 180 * minutes },
    { state: 'holds', value: 180, limit: 120, atNight: true },
  ],
  [
    'both, the whole by more',
    { drivenMs: 400 * minutes, nightDrivenMs: 121 * minutes },
    { state: 'holds', value: 400, limit: 240 },
  ],
  [
    'silent since',
    { drivenMs: 245 * minutes, silentMs: 300 * minutes, speedDkph: -1 },
    { state: 'holds', value: 245, limit: 240 },
  ],
])('continuous driving: %s', (_, changes, expected) => {
  expect(seenBy(continuousDriving, thresholds, changes)).toEqual(expected);
});

test.each<[string, Changes, object]>([
  ['half an hour to go', { drivenMs: 210 * minutes }, { state: 'over' }],
  ['a moment less', { drivenMs: 210 * minutes + 1 }, { state: 'holds', value: 210, limit: 240 }],
  ['just the limit', { drivenMs: 240 * minutes }, { state: 'holds', value: 240, limit: 240 }],
  ['over the limit, which is another alarm', { drivenMs: 240 * minutes + 1 }, { state: 'over' }],
  [
    'nearly two hours at night',
    { drivenMs: 100 * minutes, nightDrivenMs: 91 * minutes },
    { state: 'holds', value: 91, limit: 120, atNight: true },
  ],
  [
    'just two hours at night',
    { drivenMs: 130 * minutes, nightDrivenMs: 120 * minutes },
    { state: 'holds', value: 120, limit: 120, atNight: true },
  ],
  ['over the limit at night', { drivenMs: 220 * minutes, nightDrivenMs: 121 * minutes }, { state: 'over' }],
])('warning: %s', (_, changes, expected) => {
  expect(seenBy(continuousDrivingWarning, warning, changes)).toEqual(expected);
});

test('who has not driven is not warned, however early the warning is', () => {
  const early = { dayMaxS: 1_200, nightMaxS: 1_200, aheadS: 3_600 };
  expect(seenBy(continuousDrivingWarning, early, { drivenMs: 0 })).toEqual({ state: 'over' });
  expect(seenBy(continuousDrivingWarning, early, { drivenMs: 1 })).toMatchObject({ state: 'holds' });
});

describe('it need not be asked', () => {
  const driven = { drivenMs: 200 * minutes, nightDrivenMs: 115 * minutes };

  test.each<[string, Changes, number]>([
    ['until four hours', driven, 40 * minutes],
    ['until two hours, at night', { ...driven, isNight: true }, 5 * minutes],
    ['until it has rested, while it stands', { ...driven, ...stopped }, 10 * minutes],
  ])('%s', (_, changes, forMs) => {
    expect(quietOf(continuousDriving, thresholds, changes).forMs).toBe(forMs);
  });

  test.each<[string, Changes, number]>([
    ['until three and a half hours', { drivenMs: 200 * minutes }, 10 * minutes],
    [
      'until an hour and a half, at night',
      { drivenMs: 200 * minutes, nightDrivenMs: 85 * minutes, isNight: true },
      5 * minutes,
    ],
    ['while it stands', { ...driven, ...stopped }, Infinity],
  ])('for a warning: %s', (_, changes, forMs) => {
    expect(quietOf(continuousDrivingWarning, warning, changes).forMs).toBe(forMs);
  });
});
