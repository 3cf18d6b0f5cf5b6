import { vehicleClasses, type Fence, type Policy, type Threshold, type VehicleClass } from '@haulwatch/domain';
import { newFacts, type Facts } from './facts.ts';
import { newObservation, type Observation } from './observation.ts';
import { derivePlace } from './place.ts';
import { classCode, compilePolicy } from './rule-set.ts';

const choice = (value: number): Threshold => ({ value, source: 'our choice: round numbers make readable tests' });

/** Limit 60 for heavy, 100 for coaches, 50 for all others; over 5 below. */
const basePolicy: Policy = {
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
    limitsKph: { coach: choice(100), hazmat: choice(50), earthwork: choice(50), mixer: choice(50), heavy: choice(60) },
    minDurationS: choice(30),
    clearBelowKph: choice(5),
    clearAfterS: choice(20),
    plausibleMaxKph: choice(160),
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
  flapping: { raisedMax: choice(6), withinS: choice(3_600) },
  flood: { toldMax: choice(10), withinS: choice(60) },
  storms: { rules: [], vehiclesMax: choice(10), vehiclesPercent: choice(1), withinS: choice(600) },
  fences: [],
};

/** A fence for all classes at all times unless told otherwise; where it lies is the caller's to say. */
export function fenceOf(id: string, rest: Partial<Fence>): Fence {
  return {
    id,
    name: `the ${id}`,
    shape: { kind: 'circle', centre: [121.4, 31.2], radiusM: 100 },
    prohibited: false,
    classes: vehicleClasses,
    schedule: [],
    ...rest,
  };
}

export type Shown = {
  readonly kph?: number;
  readonly class?: VehicleClass;
  readonly minuteOfWeek?: number;
  readonly alarmFlags?: number;
  /** All of them hold the position. */
  readonly fences?: readonly Fence[];
  readonly overspeed?: Partial<Policy['overspeed']>;
  readonly prohibitedZone?: Partial<Policy['prohibitedZone']>;
  readonly sos?: Partial<Policy['sos']>;
};

/** What a rule answers to one fix. The position is in each of the fences. */
export function answer(shown: Shown, rule: (input: Facts, out: Observation) => void): Observation {
  const { fences = [] } = shown;
  const rules = compilePolicy({
    ...basePolicy,
    overspeed: { ...basePolicy.overspeed, ...shown.overspeed },
    prohibitedZone: { ...basePolicy.prohibitedZone, ...shown.prohibitedZone },
    sos: { ...basePolicy.sos, ...shown.sos },
    fences,
  });
  const seen = newObservation();
  const facts = newFacts(rules, Int32Array.from(fences.keys()), new Float64Array(0));
  facts.classCode = classCode(shown.class ?? 'heavy');
  facts.speedDkph = shown.kph === undefined ? -1 : Math.round(shown.kph * 10);
  facts.alarmFlags = shown.alarmFlags ?? 0;
  facts.minuteOfWeek = shown.minuteOfWeek ?? 0;
  facts.fenceCount = fences.length;
  derivePlace(facts);
  rule(facts, seen);
  return seen;
}
