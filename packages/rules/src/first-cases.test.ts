import type { FirstRuleCase, SosCase } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { answer, fenceOf, type Shown } from './_policy.ts';
import type { Observation } from './observation.ts';
import { observeOverspeed } from './overspeed.ts';
import { observeProhibitedZone } from './prohibited-zone.ts';
import { observeSos } from './sos.ts';

/** Monday 22:00 to Tuesday 06:00. */
const night = [{ days: [1], fromMinute: 1_320, toMinute: 360 }];
const at22 = 1_320;
const at6 = 1_440 + 360;

const site = fenceOf('site', { uses: ['discharge-site'] });
const town = fenceOf('town', { limitKph: 50 });

type Row = readonly [string, readonly FirstRuleCase[], Shown, expected: Partial<Observation>];

describe('overspeed, 20 % above the limit: level 3, T2', () => {
  const fast: Shown = { kph: 120, class: 'coach' };

  test.each<Row>([
    ['no case', [], fast, { state: 'holds', level: 3, tier: 'T2' }],
    [
      'level alone: the tier is that of the speed',
      [{ when: { classes: ['coach'] }, level: 1 }],
      fast,
      { state: 'holds', level: 1, tier: 'T2' },
    ],
    [
      'tier alone: the level is that of the speed',
      [{ when: { classes: ['coach'] }, tier: 'T3' }],
      fast,
      { state: 'holds', level: 3, tier: 'T3' },
    ],
    ['for another class', [{ when: { classes: ['heavy'] }, level: 1 }], fast, { state: 'holds', level: 3, tier: 'T2' }],
    [
      'when its hours begin',
      [{ when: { hours: night }, level: 4 }],
      { ...fast, minuteOfWeek: at22 },
      { state: 'holds', level: 4 },
    ],
    [
      'before',
      [{ when: { hours: night }, level: 4 }],
      { ...fast, minuteOfWeek: at22 - 1 },
      { state: 'holds', level: 3 },
    ],
    [
      'past midnight',
      [{ when: { hours: night }, level: 4 }],
      { ...fast, minuteOfWeek: at6 - 1 },
      { state: 'holds', level: 4 },
    ],
    [
      'when they end',
      [{ when: { hours: night }, level: 4 }],
      { ...fast, minuteOfWeek: at6 },
      { state: 'holds', level: 3 },
    ],
    [
      'within',
      [{ when: { within: ['discharge-site'] }, level: 1 }],
      { ...fast, fences: [site] },
      { state: 'holds', level: 1 },
    ],
    ['not within', [{ when: { within: ['discharge-site'] }, level: 1 }], fast, { state: 'holds', level: 3 }],
    ['outside', [{ when: { outside: ['discharge-site'] }, level: 1 }], fast, { state: 'holds', level: 1 }],
    [
      'not outside',
      [{ when: { outside: ['discharge-site'] }, level: 1 }],
      { ...fast, fences: [site] },
      { state: 'holds', level: 3 },
    ],
    [
      'in a fence by its id',
      [{ when: { fences: ['site'] }, level: 1 }],
      { ...fast, fences: [site] },
      { state: 'holds', level: 1 },
    ],
    [
      'in another',
      [{ when: { fences: ['town'] }, level: 1 }],
      { ...fast, fences: [site] },
      { state: 'holds', level: 3 },
    ],
    [
      'the last that applies wins, alone',
      [
        { when: { classes: ['coach'] }, level: 1, tier: 'T0' },
        { when: { hours: night }, level: 4 },
        { when: { classes: ['heavy'] }, level: 2 },
      ],
      { ...fast, minuteOfWeek: at22 },
      { state: 'holds', level: 4, tier: 'T2' },
    ],
    ['off', [{ when: { classes: ['coach'] }, off: true }], fast, { state: 'over' }],
    ['off, the speed unknown', [{ when: { classes: ['coach'] }, off: true }], { class: 'coach' }, { state: 'over' }],
    ['off, just below the limit', [{ when: {}, off: true }], { kph: 98, class: 'coach' }, { state: 'over' }],
    [
      'on again by a later case',
      [
        { when: { classes: ['coach'] }, off: true },
        { when: { fences: ['site'] }, off: false },
      ],
      { ...fast, fences: [site] },
      { state: 'holds', level: 3, tier: 'T2' },
    ],
    [
      'a case makes no alarm of what is none',
      [{ when: {}, level: 4 }],
      { kph: 100, class: 'coach' },
      { state: 'band' },
    ],
    ['nor of an unknown speed', [{ when: {}, level: 4 }], { class: 'coach' }, { state: 'unknown' }],
  ])('%s', (_, cases, shown, expected) => {
    const seen = answer({ ...shown, overspeed: { cases } }, observeOverspeed);
    expect(seen).toMatchObject(expected);
  });

  test('the limit stays that of the fence', () => {
    const cases = [{ when: { fences: ['town'] }, level: 2, tier: 'T1' }] as const;
    const seen = answer({ kph: 80, fences: [town], overspeed: { cases } }, observeOverspeed);
    expect(seen).toMatchObject({ state: 'holds', limit: 50, level: 2, tier: 'T1' });
  });
});

describe('prohibited-zone, in a zone of level 3, T2', () => {
  const zone = fenceOf('depot', { prohibited: true });
  const own = fenceOf('depot', { prohibited: true, level: 4, tier: 'T3' });
  const inside: Shown = { fences: [zone], class: 'hazmat' };

  test.each<Row>([
    ['no case', [], inside, { state: 'holds', level: 3, tier: 'T2' }],
    [
      'in school hours',
      [{ when: { hours: night }, level: 4 }],
      { ...inside, minuteOfWeek: at22 },
      { state: 'holds', level: 4, tier: 'T2' },
    ],
    [
      'after them',
      [{ when: { hours: night }, level: 4 }],
      { ...inside, minuteOfWeek: at6 },
      { state: 'holds', level: 3, tier: 'T2' },
    ],
    [
      'it outranks the fence',
      [{ when: { fences: ['depot'] }, level: 1 }],
      { fences: [own] },
      { state: 'holds', level: 1, tier: 'T3' },
    ],
    [
      'which keeps the rest',
      [{ when: { fences: ['depot'] }, tier: 'T0' }],
      { fences: [own] },
      { state: 'holds', level: 4, tier: 'T0' },
    ],
    ['off', [{ when: { classes: ['hazmat'] }, off: true }], inside, { state: 'over' }],
    ['off for others', [{ when: { classes: ['heavy'] }, off: true }], inside, { state: 'holds', level: 3, tier: 'T2' }],
    ['a case closes nothing', [{ when: {}, level: 4 }], { fences: [town] }, { state: 'over' }],
  ])('%s', (_, cases, shown, expected) => {
    const seen = answer({ ...shown, prohibitedZone: { cases } }, (facts, out) =>
      observeProhibitedZone(facts, 0, true, out),
    );
    expect(seen).toMatchObject(expected);
  });
});

test.each<[string, readonly SosCase[], Shown, state: string, level: number, tier: string]>([
  ['no case', [], {}, 'holds', 4, 'T3'],
  ['of the class', [{ when: { classes: ['heavy'] }, level: 3, tier: 'T2' }], {}, 'holds', 3, 'T2'],
  ['of another', [{ when: { classes: ['mixer'] }, level: 3 }], {}, 'holds', 4, 'T3'],
  ['in its hours', [{ when: { hours: night }, tier: 'T2' }], { minuteOfWeek: at22 }, 'holds', 4, 'T2'],
  ['after them', [{ when: { hours: night }, tier: 'T2' }], { minuteOfWeek: at6 }, 'holds', 4, 'T3'],
])('sos: %s', (_, cases, shown, state, level, tier) => {
  expect(answer({ ...shown, alarmFlags: 1, sos: { cases } }, observeSos)).toMatchObject({ state, level, tier });
});
