import { readFileSync } from 'node:fs';
import { catalogueRuleIds, type FenceShape, type Policy } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePolicy } from './policy-file.ts';
import { problemText } from './problem.ts';

/** A short policy that is right; each case of the tables makes one thing of it wrong. */
function policyFile() {
  return {
    name: 'Test',
    timeZone: 'Asia/Shanghai',
    unknownVehicles: 'reject',
    time: { clockAheadMaxS: 60, reorderMaxS: 5, gapMaxS: 90, lateLaneIdleS: 600 },
    rules: {
      overspeed: {
        limitsKph: {
          coach: 100,
          hazmat: { value: 80, source: 'Art 46' },
          earthwork: 60,
          mixer: 60,
          heavy: 100,
        },
        minDurationS: 30,
        clearBelowKph: 3,
        clearAfterS: 60,
        plausibleMaxKph: 160,
        tiers: [
          { excessPercent: 0, level: 1, tier: 'T0' },
          { excessPercent: 20, level: 3, tier: 'T2', source: 'points' },
        ],
      },
      'prohibited-zone': { minDurationS: 30, clearAfterS: 60, level: 3, tier: 'T2' },
      sos: { clearAfterS: 60, level: 4, tier: 'T3' },
    },
    fences: { type: 'FeatureCollection', features: [square(), circle()] },
  };
}

function square() {
  return {
    type: 'Feature',
    id: 'square',
    properties: { name: 'Square', datum: 'WGS-84', prohibited: true },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [121, 31],
          [122, 31],
          [122, 32],
          [121, 31],
        ],
      ],
    },
  };
}

function circle() {
  return {
    type: 'Feature',
    id: 7,
    properties: { name: 'Circle', datum: 'WGS-84', limitKph: 40, radiusM: 500, classes: ['mixer'] },
    geometry: { type: 'Point', coordinates: [121.5, 31.5] },
  };
}

/** The file with the value at a path replaced; undefined takes it away. */
function withValue(path: string, value: unknown): unknown {
  const file = policyFile();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = file as unknown as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return file;
}

function policyOf(file: unknown): Policy {
  const parsed = parsePolicy(file, 3);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.policy;
}

function problemsIn(file: unknown): string[] {
  const parsed = parsePolicy(file, 1);
  return parsed.ok ? [] : parsed.problems.map(problemText);
}

test('a file becomes the domain policy: version, sources, fences', () => {
  const policy = policyOf(policyFile());
  expect(policy.version).toBe(3);
  expect(policy.overspeed.limitsKph.hazmat).toEqual({ value: 80, source: 'Art 46' });
  expect(policy.overspeed.limitsKph.coach).toEqual({ value: 100, source: 'not stated' });
  expect(policy.overspeed.tiers.map((tier) => tier.source)).toEqual(['not stated', 'points']);
  expect(policy.prohibitedZone.tier).toBe('T2');
  expect(policy.fences[0]).toEqual({
    id: 'square',
    name: 'Square',
    shape: {
      kind: 'polygons',
      polygons: [
        [
          [
            [121, 31],
            [122, 31],
            [122, 32],
            [121, 31],
          ],
        ],
      ],
    },
    prohibited: true,
    classes: ['coach', 'hazmat', 'earthwork', 'mixer', 'heavy'],
    schedule: [],
  });
  expect(policy.fences[1]).toEqual({
    id: '7',
    name: 'Circle',
    shape: { kind: 'circle', centre: [121.5, 31.5], radiusM: 500 },
    prohibited: false,
    limitKph: 40,
    classes: ['mixer'],
    schedule: [],
  });
});

test('a policy needs no fences', () => {
  expect(policyOf(withValue('fences', undefined)).fences).toEqual([]);
});

test('GCJ-02 is converted once, here, onto the lattice; a ring stays closed', () => {
  const file = withValue('fences.features.0.properties.datum', 'GCJ-02');
  const shape = policyOf(file).fences[0]?.shape;
  if (shape?.kind !== 'polygons') throw new Error('expected polygons');
  const ring = shape.polygons[0]?.[0] ?? [];
  const [first] = ring;
  expect(first?.[0]).toBeCloseTo(120.9956, 3);
  expect(first?.[1]).toBeCloseTo(31.0018, 3);
  expect(ring.at(-1)).toEqual(first);
  expect(String(first?.[0]).length).toBeLessThanOrEqual('120.1234567'.length);
});

test.each([
  [
    { days: ['fri', 'mon'], from: '07:00', to: '09:30' },
    { days: [1, 5], fromMinute: 420, toMinute: 570 },
  ],
  [
    { days: 'every-day', from: '22:00', to: '06:00' },
    { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1_320, toMinute: 360 },
  ],
  [
    { days: ['sun'], from: '00:00', to: '00:00' },
    { days: [7], fromMinute: 0, toMinute: 1_440 },
  ],
  [
    { days: ['sun'], from: '23:00', to: '24:00' },
    { days: [7], fromMinute: 1_380, toMinute: 1_440 },
  ],
])('schedule %j', (written, window) => {
  const policy = policyOf(withValue('fences.features.0.properties.schedule', [written]));
  expect(policy.fences[0]?.schedule).toEqual([window]);
});

describe('what is refused, with its path', () => {
  const ring = 'fences.features.0.geometry.coordinates.0';
  const emergency = 'expected one of T2|T3: an emergency is never silenced';
  test.each([
    ['timeZone', 'Asia/Shangai', 'timeZone: is not an IANA time zone such as Asia/Shanghai'],
    [
      'unknownVehicles',
      'ignore',
      'unknownVehicles: expected one of "reject"|"coach"|"hazmat"|"earthwork"|"mixer"|"heavy"',
    ],
    ['colour', 'red', 'colour: is not a known key'],
    ['rules.overspeed.limitKph', 1, "rules.overspeed.limitKph: is not a known key; did you mean 'limitsKph'?"],
    [
      'rules.overspeed.limitsKph.coach',
      undefined,
      'rules.overspeed.limitsKph.coach: is missing: expected a number, or { value, source }',
    ],
    [
      'rules.overspeed.limitsKph.coach',
      '100',
      'rules.overspeed.limitsKph.coach: expected a number, or { value, source }',
    ],
    [
      'rules.overspeed.plausibleMaxKph',
      100,
      'rules.overspeed.plausibleMaxKph: must be above each of limitsKph: what is faster is taken for drift',
    ],
    ['rules.overspeed.limitsKph.coach', -5, 'rules.overspeed.limitsKph.coach: must be more than 0'],
    [
      'rules.overspeed.limitsKph.coach',
      { value: 100 },
      'rules.overspeed.limitsKph.coach.source: is missing: expected string',
    ],
    [
      'rules.overspeed.limitsKph.coach',
      { value: 1, source: 'x', note: 1 },
      'rules.overspeed.limitsKph.coach.note: is not a known key',
    ],
    [
      'rules.overspeed.tiers.0.excessPercent',
      5,
      'rules.overspeed.tiers[0].excessPercent: the first tier must begin at 0, or small excesses have none',
    ],
    [
      'rules.overspeed.tiers.1.excessPercent',
      0,
      'rules.overspeed.tiers[1].excessPercent: tiers must ascend: 0 does not follow 0',
    ],
    ['rules.overspeed.tiers.1.level', 5, 'rules.overspeed.tiers[1].level: expected one of 1|2|3|4'],
    ['rules.sos', undefined, 'rules.sos: is missing: expected object'],
    ['rules.sos.tier', 'T0', `rules.sos.tier: ${emergency}`],
    ['rules.sos.tier', 'T1', `rules.sos.tier: ${emergency}`],
    ['rules.sos.tier', undefined, `rules.sos.tier: is missing: ${emergency}`],
    ['time.gapMaxS', Number.NaN, 'time.gapMaxS: expected a number, or { value, source }'],
    [
      ring,
      [
        [121, 31],
        [122, 31],
        [122, 32],
        [121, 31.5],
      ],
      "fences.features[0].geometry.coordinates[0]: fence 'square': the ring is not closed: repeat [121, 31] at its end",
    ],
    [
      ring,
      [
        [121, 31],
        [122, 31],
        [121, 31],
      ],
      "fences.features[0].geometry.coordinates[0]: fence 'square': a ring needs at least 4 positions, the last equal to the first",
    ],
    [
      ring,
      [
        [121, 31],
        [122, 31],
        [122, 31],
        [121, 31],
      ],
      "fences.features[0].geometry.coordinates[0]: fence 'square': the outer ring has no area: less than 1 square metre",
    ],
    [
      `${ring}.1`,
      [31, 122],
      "fences.features[0].geometry.coordinates[0][1][1]: fence 'square', vertex 1: must be at most 90",
    ],
    [
      `${ring}.1`,
      [211, 31],
      "fences.features[0].geometry.coordinates[0][1][0]: fence 'square', vertex 1: must be at most 210",
    ],
    [
      'fences.features.0.properties.datum',
      undefined,
      'fences.features[0].properties.datum: fence \'square\': is missing: expected one of "WGS-84"|"GCJ-02"',
    ],
    [
      'fences.features.0.properties.radiusM',
      5,
      "fences.features[0].properties.radiusM: fence 'square': a Polygon has no radius",
    ],
    [
      'fences.features.1.properties.radiusM',
      undefined,
      "fences.features[1].properties.radiusM: fence '7': is missing: a Point is a circle and needs its radius in metres",
    ],
    [
      'fences.features.1.properties.radiusM',
      0,
      "fences.features[1].properties.radiusM: fence '7': must be more than 0",
    ],
    [
      'fences.features.1.properties.limitKph',
      undefined,
      "fences.features[1].properties: fence '7': the fence does nothing: give it prohibited: true, a limitKph, uses or a dwellMaxS",
    ],
    ['fences.features.1.id', 'square', "fences.features[1].id: fence 'square': features[0] has this id already"],
    [
      'fences.features.0.properties.schedule',
      [{ days: 'every-day', from: '7:00', to: '09:00' }],
      'fences.features[0].properties.schedule[0].from: fence \'square\': expected a time "HH:MM" between 00:00 and 23:59, in quotes',
    ],
    [
      'fences.features.0.geometry.type',
      'MultiPoint',
      "fences.features[0].geometry.type: fence 'square': expected a Polygon, a MultiPolygon, for a corridor a LineString or, for a circle, a Point",
    ],
  ])('%s = %j', (path, value, problem) => {
    expect(problemsIn(withValue(path, value))).toEqual([problem]);
  });

  test.each([[undefined], [null], ['text'], [[]]])('%j is no policy', (value) => {
    expect(problemsIn(value).length).toBeGreaterThan(0);
  });

  test('a file full of mistakes is told in a hundred lines, the rest is counted', () => {
    const many = Array.from({ length: 150 }, () => ({
      ...square(),
      properties: { ...square().properties, datum: 'x' },
    }));
    const problems = problemsIn(withValue('fences.features', many));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toMatch(/^and \d+ more problems$/);
  });
});

function positionsOf(shape: FenceShape): readonly (readonly [number, number])[] {
  switch (shape.kind) {
    case 'circle':
      return [shape.centre];
    case 'corridor':
      return shape.line;
    case 'polygons':
      return shape.polygons.flat(2);
  }
}

describe('deploy/policies/shanghai.yaml', () => {
  const policy = policyOf(
    parse(readFileSync(new URL('../../../deploy/policies/shanghai.yaml', import.meta.url), 'utf8')),
  );

  /** Every { value, source } and every tier of the policy. */
  function sources(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [];
    const own = 'source' in value ? [String(value.source)] : [];
    return [...own, ...Object.values(value).flatMap(sources)];
  }

  test('every threshold names a standard, or says that it is our choice and why', () => {
    const found = sources({ ...policy, fences: [] });
    expect(found.length).toBeGreaterThan(4 + 5 + 4 + 4 + 2 + 1 + 2 * catalogueRuleIds.length);
    for (const source of found) {
      expect(source).toMatch(/^our choice: .{20,}|第.+条|注[②③④]|记分管理办法|动态监督管理办法|限速改装/);
    }
  });

  test('every rule of the catalogue is on, and only what cannot wait calls the operator', () => {
    // Without permits in the registry every truck would violate them.
    const on = catalogueRuleIds.filter((id) => id !== 'permit-violation');
    expect(Object.keys(policy.rules)).toEqual(on);
    const called = on.filter((id) => {
      const { tier, cases } = policy.rules[id]!;
      return [tier, ...cases.map((one) => one.tier)].includes('T3');
    });
    expect(called).toEqual(['dsm', 'collision', 'rollover']);
  });

  test('hours at the wheel are those of the law', () => {
    const { 'continuous-driving': driving, 'daily-driving': daily, 'weekly-driving': weekly } = policy.rules;
    expect(driving?.thresholds.dayMaxS.value).toBe(4 * 3_600);
    expect(driving?.cases.map((one) => [one.when.classes, one.thresholds?.nightMaxS?.value])).toEqual([
      [['coach'], 2 * 3_600],
    ]);
    expect([daily?.thresholds.maxS.value, weekly?.thresholds.maxS.value]).toEqual([8 * 3_600, 44 * 3_600]);
    expect(policy.motion.restMinS.value).toBe(20 * 60);
    expect(policy.rules['prohibited-hours']?.off).toBe(true);
    expect(policy.rules['prohibited-hours']?.cases.map(({ when }) => when)).toMatchObject([
      { classes: ['coach'], hours: [{ fromMinute: 2 * 60, toMinute: 5 * 60 }] },
      { classes: ['hazmat'], within: ['expressway'], hours: [{ fromMinute: 0, toMinute: 6 * 60 }] },
    ]);
  });

  test('its limits are those of the law', () => {
    const limits = Object.entries(policy.overspeed.limitsKph).map(([name, { value }]) => [name, value]);
    expect(Object.fromEntries(limits)).toEqual({
      coach: 100,
      hazmat: 80,
      earthwork: 60,
      mixer: 60,
      heavy: 100,
    });
    expect(policy.overspeed.nightPercent).toMatchObject({ coach: { value: 80 } });
    expect(policy.overspeed.minDurationS.value).toBe(30);
    expect(policy.overspeed.tiers.map((tier) => tier.excessPercent)).toEqual([0, 10, 20, 50]);
  });

  test('its fences lie around Shanghai and say that they are examples', () => {
    expect(policy.fences.length).toBeGreaterThanOrEqual(6);
    for (const fence of policy.fences) {
      expect(fence.name).toContain('(example)');
      const positions = positionsOf(fence.shape);
      for (const [lonDeg, latDeg] of positions) {
        expect(lonDeg).toBeGreaterThan(120.8);
        expect(lonDeg).toBeLessThan(122.2);
        expect(latDeg).toBeGreaterThan(30.6);
        expect(latDeg).toBeLessThan(31.9);
      }
    }
  });
});
