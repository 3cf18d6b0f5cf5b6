import { fileURLToPath } from 'node:url';
import { catalogueRuleIds, ruleSpec, vehicleClasses, type RuleId, type VehicleClass } from '@haulwatch/domain';
import { compilePolicy, settingOf } from '@haulwatch/rules';
import { describe, expect, test } from 'vitest';
import { policyFile, testPolicy } from '../targets/_samples.ts';
import { explainPolicy } from './explain.ts';
import { activeRule, viewPlace, type PlaceAndTime } from './explain-place.ts';
import { explanationLines } from './explain-text.ts';
import { readPolicy } from './policy-yaml.ts';

const maxS = (value: number) => ({ value, source: `the law of ${value}` });
const circle = (id: string, lonDeg: number, properties: object) => ({
  type: 'Feature',
  id,
  properties: { name: `the ${id}`, datum: 'WGS-84', radiusM: 500, ...properties },
  geometry: { type: 'Point', coordinates: [lonDeg, 31.2] },
});

/** Four places along a parallel: at 121.1 a yard, at 121.2 a slow one, at 121.3 one closed at night, at 121.4 none. */
const policy = testPolicy({
  rules: {
    ...policyFile.rules,
    overspeed: { ...policyFile.rules.overspeed, nightPercent: { hazmat: { value: 80, source: 'the law of nights' } } },
    'unauthorised-stop': {
      classes: ['hazmat', 'heavy'],
      outside: ['approved-stop'],
      level: 3,
      tier: 'T2',
      maxS: maxS(900),
      cases: [
        { classes: ['heavy'], level: 1, tier: 'T0' },
        { hours: [{ days: 'every-day', from: '22:00', to: '06:00' }], maxS: maxS(1_800) },
        { fences: ['slow'], off: true },
      ],
    },
    'zone-dwell': { level: 2, tier: 'T1' },
    dsm: {
      level: 2,
      tier: 'T1',
      cases: [
        { subjects: ['6503'], level: 1, tier: 'T0' },
        { within: ['approved-stop'], level: 1, tier: 'T0' },
        { subjects: ['6501'], eventLevel: 2, level: 4, tier: 'T3' },
        { subjects: ['6502'], classes: ['coach'], level: 4, tier: 'T3' },
      ],
    },
  },
  fences: {
    type: 'FeatureCollection',
    features: [
      circle('yard', 121.1, { uses: ['approved-stop'], dwellMaxS: 7_200 }),
      circle('slow', 121.2, { limitKph: 30 }),
      circle('night', 121.3, {
        prohibited: true,
        classes: ['hazmat'],
        schedule: [{ days: 'every-day', from: '22:00', to: '06:00' }],
        level: 4,
        tier: 'T3',
      }),
    ],
  },
});

const day = Date.parse('2026-03-01T12:00:00+08:00');
const night = Date.parse('2026-03-01T23:00:00+08:00');
const at = (lonDeg: number, atMs: number): PlaceAndTime => ({ lonDeg, latDeg: 31.2, atMs });

function ruleOf(rule: RuleId, vehicleClass: VehicleClass, place?: PlaceAndTime) {
  return explainPolicy(policy, vehicleClass, place).rules.find((told) => told.rule === rule)!;
}

test.each([
  ['the class', at(121.4, day), 'hazmat', 60, /^class hazmat, 60 km\/h: not stated$/],
  ['the class at night', at(121.4, night), 'hazmat', 48, /^class hazmat.*; at night 80 % of it: the law of nights$/],
  ['a fence', at(121.2, day), 'hazmat', 30, /^fence slow, 30 km\/h: 'the slow'$/],
  ['a fence at night', at(121.2, night), 'hazmat', 24, /^fence slow, .*; at night 80 % of it/],
  ['a fence, where the night changes nothing', at(121.2, night), 'heavy', 30, /^fence slow, 30 km\/h: 'the slow'$/],
] as const)('the limit is that of %s', (_of, place, vehicleClass, limitKph, from) => {
  const told = explainPolicy(policy, vehicleClass, place).place!;
  expect(told.limitKph).toBe(limitKph);
  expect(told.limitFrom).toMatch(from);
});

test.each([
  ['night', at(121.3, night), 'hazmat', true],
  ['day', at(121.3, day), 'hazmat', false],
  ['another class', at(121.3, night), 'heavy', false],
] as const)('a fence that is closed at night to hazmat: %s', (_when, place, vehicleClass, isClosed) => {
  const told = explainPolicy(policy, vehicleClass, place);
  expect(told.fences.map((fence) => [fence.id, fence.isClosed])).toEqual([['night', isClosed]]);
  const rule = ruleOf('prohibited-zone', vehicleClass, place);
  expect(rule.offBecause === undefined).toBe(isClosed);
  expect(rule.settings.map(({ level, tier }) => [level, tier])).toEqual(isClosed ? [[4, 'T3']] : []);
});

describe('what applies of a rule', () => {
  test.each([
    ['its own setting', 'hazmat', at(121.4, day), ['the rule itself', 3, 'T2', 900], undefined],
    ['a case of the class', 'heavy', at(121.4, day), ['case 1', 1, 'T0', 900], undefined],
    ['the last case, alone', 'heavy', at(121.4, night), ['case 2', 3, 'T2', 1_800], undefined],
    [
      'nothing, by a case',
      'hazmat',
      at(121.2, night),
      ['case 3', 3, 'T2', 900],
      'switched off by case 3: in the fence slow',
    ],
    ['nothing, by the place', 'hazmat', at(121.1, day), undefined, 'the place is for approved-stop'],
    ['nothing, by the class', 'coach', at(121.4, day), undefined, 'it is for hazmat, heavy'],
  ] as const)('%s', (_what, vehicleClass, place, expected, offBecause) => {
    const { settings, offBecause: told } = ruleOf('unauthorised-stop', vehicleClass, place);
    const found = settings.map((one) => [one.name, one.level, one.tier, one.thresholds[0]!.value]);
    expect(found).toEqual(expected === undefined ? [] : [expected]);
    expect(told).toBe(offBecause);
  });

  test('thresholds keep their sources', () => {
    expect(ruleOf('unauthorised-stop', 'hazmat', at(121.4, night)).settings[0]!.thresholds).toEqual([
      { name: 'maxS', unit: 's', value: 1_800, source: 'the law of 1800' },
    ]);
  });

  test('a rule of stays applies where a fence asks for it', () => {
    expect(ruleOf('zone-dwell', 'hazmat', at(121.1, day)).offBecause).toBeUndefined();
    expect(ruleOf('zone-dwell', 'hazmat', at(121.2, day)).offBecause).toBe('no fence here asks for it now');
    expect(ruleOf('zone-dwell', 'hazmat').offBecause).toBeUndefined();
    expect(ruleOf('fence-enter', 'hazmat').offBecause).toBe('the policy does not name it');
  });

  test('of a rule by kind each case that a report could meet, none that another one always beats', () => {
    const names = (vehicleClass: VehicleClass, lonDeg: number): string[] =>
      ruleOf('dsm', vehicleClass, at(lonDeg, day)).settings.map(({ name }) => name);
    expect(names('hazmat', 121.4)).toEqual(['the rule itself', 'case 1', 'case 3']);
    expect(names('coach', 121.4)).toEqual(['the rule itself', 'case 1', 'case 3', 'case 4']);
    expect(names('hazmat', 121.1)).toEqual(['case 2', 'case 3']);
  });
});

test('a class is told all cases that can be its own, and what they change', () => {
  expect(ruleOf('unauthorised-stop', 'hazmat').settings).toMatchObject([
    { name: 'the rule itself', when: 'hazmat, heavy; outside of places for approved-stop', thresholds: [maxS(900)] },
    { name: 'case 2', when: 'every day 22:00-06:00', thresholds: [maxS(1_800)] },
    { name: 'case 3', when: 'in the fence slow', isOff: true, thresholds: [] },
  ]);
});

test('the default policy: what is told is what the engine would ask, for all classes, in all fences, around the clock', async () => {
  const shanghai = await readPolicy(
    fileURLToPath(new URL('../../../../deploy/policies/shanghai.yaml', import.meta.url)),
    1,
  );
  const compiled = compilePolicy(shanghai);
  const points = shanghai.fences.map(({ shape }) =>
    shape.kind === 'circle' ? shape.centre : shape.kind === 'corridor' ? shape.line[0]! : shape.polygons[0]![0]![0]!,
  );
  const plain = catalogueRuleIds.filter((id) => ruleSpec(id).per === 'vehicle');
  let applied = 0;
  for (const vehicleClass of vehicleClasses) {
    for (const [index, [lonDeg, latDeg]] of points.entries()) {
      const asked = { lonDeg, latDeg, atMs: day + index * 5 * 3_600_000 };
      const { situation } = viewPlace(compiled, vehicleClass, asked);
      const told = new Map(explainPolicy(shanghai, vehicleClass, asked).rules.map((rule) => [rule.rule, rule]));
      for (const id of plain) {
        const active = activeRule(compiled, vehicleClass, id);
        const setting = active === undefined ? undefined : settingOf(active, situation);
        const rule = told.get(id)!;
        expect(rule.offBecause === undefined, `${id} ${vehicleClass} ${index}`).toBe(setting !== undefined);
        if (setting === undefined) continue;
        applied += 1;
        const [found] = rule.settings;
        const thresholds = Object.fromEntries(found!.thresholds.map(({ name, value }) => [name, value]));
        expect({ level: found!.level, tier: found!.tier, thresholds }).toEqual(setting);
      }
    }
  }
  expect(applied).toBeGreaterThan(1_000);
});

test('the text for people', () => {
  const lines = explanationLines(explainPolicy(policy, 'hazmat', at(121.3, night)), 'truck-7');
  expect(lines.slice(0, 6)).toEqual([
    "Policy 'low limits', times in Asia/Shanghai",
    'Vehicle truck-7',
    'Class hazmat 危险货物运输车辆',
    expect.stringMatching(/^At 2026-03-01T23:00:00\+08:00, night \(night: 22:00-06:00, /),
    'Place 121.3, 31.2 (longitude, latitude, WGS-84)',
    'Speed limit 48 km/h (class hazmat, 60 km/h: not stated; at night 80 % of it: the law of nights)',
  ]);
  const from = lines.indexOf('unauthorised-stop 违规停车');
  expect(lines.slice(from + 3, from + 5)).toEqual([
    '  case 2             every day 22:00-06:00: level 3 serious, T2 company must answer',
    '  maxS               1800 s (30 min)  the law of 1800',
  ]);
  expect(lines).toContain('  tier from 0 %      above 48 km/h: level 1 notice, T1 driver and company told');
  expect(lines.join('\n')).toMatch(/^ {2}fence-enter +the policy does not name it \(进区域\)$/m);
});

describe('cases of the rules that are always on', () => {
  const hours = [{ days: 'every-day', from: '22:00', to: '06:00' }];
  const { overspeed, 'prohibited-zone': zone, sos } = policyFile.rules;
  const withCases = testPolicy({
    rules: {
      ...policyFile.rules,
      overspeed: {
        ...overspeed,
        cases: [
          { classes: ['coach'], level: 1 },
          { classes: ['hazmat'], hours, tier: 'T3' },
          { fences: ['yard'], off: true },
        ],
      },
      'prohibited-zone': {
        ...zone,
        cases: [
          { hours, level: 1 },
          { classes: ['coach'], off: true },
        ],
      },
      sos: { ...sos, cases: [{ classes: ['hazmat'], hours, tier: 'T2' }] },
    },
    fences: {
      type: 'FeatureCollection',
      features: [circle('yard', 121.1, { limitKph: 30 }), circle('shut', 121.3, { prohibited: true, tier: 'T3' })],
    },
  });
  const told = (rule: RuleId, vehicleClass: VehicleClass, place?: PlaceAndTime) =>
    explainPolicy(withCases, vehicleClass, place).rules.find((one) => one.rule === rule)!;

  test('a class is told its own, with what they change', () => {
    expect(told('overspeed', 'hazmat').settings.slice(-2)).toEqual([
      { name: 'case 2', when: 'hazmat; every day 22:00-06:00', isOff: false, tier: 'T3', thresholds: [] },
      { name: 'case 3', when: 'in the fence yard', isOff: true, thresholds: [] },
    ]);
    expect(told('prohibited-zone', 'hazmat').settings.map(({ name }) => name)).toEqual([
      'the rule itself',
      'fence shut',
      'case 1',
    ]);
    expect(told('sos', 'coach').settings).toHaveLength(1);
    const lines = explanationLines(explainPolicy(withCases, 'hazmat'));
    expect(lines).toContain('  case 2             hazmat; every day 22:00-06:00: T3 operator');
    expect(lines).toContain('  case 3             in the fence yard: off');
  });

  test('at a place the one that wins is named, and the tiers are as it has them', () => {
    const [tier] = told('overspeed', 'hazmat', at(121.4, night)).settings;
    expect(tier).toMatchObject({
      name: 'tier from 0 %',
      when: 'above 60 km/h (case 2: hazmat; every day 22:00-06:00)',
      level: policy.overspeed.tiers[0]!.level,
      tier: 'T3',
    });
    expect(told('overspeed', 'hazmat', at(121.4, day)).settings[0]!.when).toBe('above 60 km/h');
    expect(told('prohibited-zone', 'hazmat', at(121.3, night)).settings).toMatchObject([
      { name: 'fence shut', when: "'the shut', closed always (case 1: every day 22:00-06:00)", level: 1, tier: 'T3' },
    ]);
    const [press] = told('sos', 'hazmat', at(121.4, night)).settings;
    expect(press).toMatchObject({ name: 'case 1', level: policy.sos.level, tier: 'T2' });
    expect(told('sos', 'hazmat', at(121.4, day)).settings[0]).toMatchObject({ name: 'the rule itself' });
  });

  test('what a case switches off is off there', () => {
    expect(told('overspeed', 'heavy', at(121.1, day)).offBecause).toBe('switched off by case 3: in the fence yard');
    expect(told('prohibited-zone', 'coach', at(121.3, night)).offBecause).toBe('switched off by case 2: coach');
    expect(told('prohibited-zone', 'coach', at(121.4, night)).offBecause).toBe('no fence here is closed to coach now');
    expect(told('overspeed', 'heavy').offBecause).toBeUndefined();
  });
});

test('what is said once for all rules: the times within which alarms are counted, under names of their own', () => {
  const { general } = explainPolicy(policy, 'heavy');
  const { flapping, flood, storms } = policy;
  expect(general.slice(-7)).toEqual([
    { name: 'raisedMax', unit: '', ...flapping.raisedMax },
    { name: 'withinS', unit: 's', ...flapping.withinS },
    { name: 'flood.toldMax', unit: '', ...flood.toldMax },
    { name: 'flood.withinS', unit: 's', ...flood.withinS },
    { name: 'storms.vehiclesMax', unit: '', ...storms.vehiclesMax },
    { name: 'storms.vehiclesPercent', unit: '%', ...storms.vehiclesPercent },
    { name: 'storms.withinS', unit: 's', ...storms.withinS },
  ]);
});
