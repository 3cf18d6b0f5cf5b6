import {
  stormRuleIds,
  vehicleClasses,
  type CatalogueRuleId,
  type Fence,
  type FenceShape,
  type Policy,
  type RuleSetting,
  type Threshold,
  type ThresholdName,
} from '@haulwatch/domain';

/** The corner of the tests' plane, degrees. Places are told in thousandths of a degree east and north of it. */
const origin = { lonDeg: 121.4, latDeg: 31.2 } as const;

const choice = (value: number): Threshold => ({ value, source: 'our choice: round numbers make readable tests' });

/**
 * Limit 60 for all, over at 55 for 20 s, held more than 29 s; gaps from 90 s, reorder up to 5 s, late lanes idle after 600 s. Its vehicles may
 * jump: in tests that are not about drift they come and go as the table needs it (`plausible` for the others).
 */
export const basePolicy: Policy = {
  name: 'test',
  version: 1,
  timeZone: 'Asia/Shanghai',
  unknownVehicles: 'reject',
  time: {
    clockAheadMaxS: choice(60),
    reorderMaxS: choice(5),
    gapMaxS: choice(90),
    lateSettleS: choice(60),
    lateLaneIdleS: choice(600),
  },
  overspeed: {
    limitsKph: { coach: choice(60), hazmat: choice(60), earthwork: choice(60), mixer: choice(60), heavy: choice(60) },
    minDurationS: choice(29),
    clearBelowKph: choice(5),
    clearAfterS: choice(20),
    plausibleMaxKph: choice(5_000),
    tiers: [
      { excessPercent: 0, level: 1, tier: 'T0', source: 'test' },
      { excessPercent: 10, level: 2, tier: 'T1', source: 'test' },
      { excessPercent: 20, level: 3, tier: 'T2', source: 'test' },
      { excessPercent: 50, level: 4, tier: 'T3', source: 'test' },
    ],
  },
  prohibitedZone: { minDurationS: choice(30), clearAfterS: choice(20), level: 3, tier: 'T2' },
  sos: { clearAfterS: choice(20), level: 4, tier: 'T3' },
  motion: {
    movingFromKph: choice(5),
    stoppedToKph: choice(2),
    restMinS: choice(1_200),
    accuracyMaxM: choice(50),
    fenceConfirmS: choice(10),
    night: { fromMinute: 1_320, toMinute: 360, source: 'test' },
  },
  rules: {},
  flapping: { raisedMax: choice(1_000), withinS: choice(3_600) },
  flood: { toldMax: choice(1_000), withinS: choice(60) },
  storms: { rules: stormRuleIds, vehiclesMax: choice(1_000), vehiclesPercent: choice(1), withinS: choice(600) },
  fences: [],
};

/** The base policy's limits, with those of some classes changed. */
export function withLimits(limits: Partial<Record<(typeof vehicleClasses)[number], number>>): Policy['overspeed'] {
  const changed = Object.fromEntries(Object.entries(limits).map(([name, kph]) => [name, choice(kph)]));
  return { ...basePolicy.overspeed, limitsKph: { ...basePolicy.overspeed.limitsKph, ...changed } };
}

/** Up to 160 km/h are plausible: 444 m, 4 thousandths of a degree, in 10 s. */
export function plausible(overspeed: Policy['overspeed'] = basePolicy.overspeed): Policy['overspeed'] {
  return { ...overspeed, plausibleMaxKph: choice(160) };
}

/** A fence for all classes at all times unless told otherwise. */
export function fenceOf(id: string, shape: FenceShape, rest: Partial<Fence>): Fence {
  return { id, name: `the ${id}`, shape, prohibited: false, classes: vehicleClasses, schedule: [], ...rest };
}

export function rectangle(fromX: number, fromY: number, toX: number, toY: number): FenceShape {
  const corners = [
    [fromX, fromY],
    [toX, fromY],
    [toX, toY],
    [fromX, toY],
    [fromX, fromY],
  ] as const;
  return { kind: 'polygons', polygons: [[corners.map(([x, y]) => degreesAt(x, y))]] };
}

export function circle(x: number, y: number, radiusM: number): FenceShape {
  return { kind: 'circle', centre: degreesAt(x, y), radiusM };
}

export function degreesAt(x: number, y: number): readonly [number, number] {
  return [origin.lonDeg + x / 1_000, origin.latDeg + y / 1_000];
}

/** Settings of rules from thresholds in round numbers: level 2, tier T1, told at once, over after 20 s, unless told otherwise. */
export function settings<R extends CatalogueRuleId>(
  id: R,
  thresholds: Readonly<Record<ThresholdName<R>, number>>,
  rest: Partial<Omit<RuleSetting<R>, 'thresholds' | 'minDurationS' | 'clearAfterS'>> & {
    readonly minDurationS?: number;
    readonly clearAfterS?: number;
  } = {},
): Policy['rules'] {
  const setting = {
    when: {},
    level: 2,
    tier: 'T1',
    cases: [],
    ...rest,
    minDurationS: choice(rest.minDurationS ?? 0),
    clearAfterS: choice(rest.clearAfterS ?? 20),
    thresholds: Object.fromEntries(Object.entries<number>(thresholds).map(([name, value]) => [name, choice(value)])),
  };
  return { [id]: setting };
}
