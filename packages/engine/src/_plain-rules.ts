import type { CatalogueRuleId, Policy } from '@haulwatch/domain';
import type { Seen } from './_plain-episodes.ts';
import type { PlainFacts } from './_plain-facts.ts';

/** What a rule says of one fix, by what stands in the catalogue. */
type Said = Pick<Seen, 'state' | 'value' | 'limit' | 'fromS' | 'excess'>;
type Numbers = Readonly<Record<string, number>>;
type Says = (facts: PlainFacts, thresholds: Numbers, policy: Policy) => Said;

const over: Said = { state: 'over' };
const unknown: Said = { state: 'unknown' };

function when(holds: boolean, rest: Omit<Said, 'state'> = {}): Said {
  return holds ? { state: 'holds', ...rest } : over;
}

function isFlagged({ fix }: PlainFacts, bit: number): boolean {
  return ((fix.alarmFlags ?? 0) & (2 ** bit)) !== 0;
}

function isLaden({ signals }: PlainFacts): boolean {
  return signals.load === 'half' || signals.load === 'full';
}

/** The whole or the part at night, whichever is nearer to its limit. */
function worseOf({ drivenS, nightDrivenS }: PlainFacts, { dayMaxS = 0, nightMaxS = 0 }: Numbers): Omit<Said, 'state'> {
  const [s, maxS] = nightDrivenS / nightMaxS > drivenS / dayMaxS ? [nightDrivenS, nightMaxS] : [drivenS, dayMaxS];
  return { value: Math.floor(s / 60), limit: maxS / 60 };
}

function isTooLong({ drivenS, nightDrivenS }: PlainFacts, { dayMaxS = 0, nightMaxS = 0 }: Numbers): boolean {
  return drivenS > dayMaxS || nightDrivenS > nightMaxS;
}

function total(drivenS: number, { maxS = 0 }: Numbers): Said {
  return when(drivenS > maxS, { value: Math.floor(drivenS / 60), limit: maxS / 60 });
}

/** @param kph which must be above `aboveKph`. */
function harsh(
  mss: number | undefined,
  kph: number | undefined,
  { sinceS = Infinity }: PlainFacts,
  { maxMss = 0, aboveKph = 0, gapMaxS = 0 }: Numbers,
): Said {
  if (mss === undefined || sinceS > gapMaxS) return unknown;
  return when(mss > maxMss && (kph ?? 0) > aboveKph, { value: Math.round(mss * 10) / 10, limit: maxMss });
}

function minus(mss: number | undefined): number | undefined {
  return mss === undefined ? undefined : -mss;
}

function faster(facts: PlainFacts, { aboveKph = 0 }: Numbers): Said {
  if (facts.kph === undefined) return unknown;
  return when(facts.kph > aboveKph, { value: facts.kph, limit: aboveKph });
}

/** Asked at looks at a silent vehicle, too. */
export const timedRules: readonly CatalogueRuleId[] = [
  'continuous-driving',
  'continuous-driving-warning',
  'unauthorised-stop',
  'concrete-age',
  'offline',
  'tampering-suspected',
];

export const plainRules: { readonly [R in CatalogueRuleId]?: Says } = {
  'overspeed-warning': ({ kph, limitKph }, { belowKph = 0 }) => {
    if (kph === undefined) return unknown;
    return when(kph > 0 && kph <= limitKph && kph * 10 > limitKph * 10 - belowKph * 10, {
      value: kph,
      limit: limitKph,
    });
  },
  'continuous-driving': (facts, limits) => when(isTooLong(facts, limits), worseOf(facts, limits)),
  'continuous-driving-warning': (facts, { dayMaxS = 0, nightMaxS = 0, aheadS = 0 }) => {
    const limits = { dayMaxS, nightMaxS };
    const early = { dayMaxS: Math.max(0, dayMaxS - aheadS), nightMaxS: Math.max(0, nightMaxS - aheadS) };
    return when(isTooLong(facts, early) && !isTooLong(facts, limits), worseOf(facts, limits));
  },
  'daily-driving': (facts, thresholds) => total(facts.drivenOfDayS, thresholds),
  'weekly-driving': (facts, thresholds) => total(facts.drivenOfWeekS, thresholds),
  'prohibited-hours': ({ motion }) => (motion === 'unknown' ? unknown : when(motion === 'moving')),
  'unauthorised-stop': ({ motion, motionSinceS, atS }, { maxS = 0 }) => {
    if (motion === 'unknown') return unknown;
    const stoodS = atS - motionSinceS!;
    const told = { value: Math.floor(stoodS / 60), limit: maxS / 60, fromS: motionSinceS! };
    return when(motion === 'stopped' && stoodS > maxS, told);
  },
  'route-deviation': ({ fix, motion, offRouteM }, { minDistanceM = 0 }) => {
    if (fix.invalid || motion === 'unknown') return unknown;
    const isOff = motion === 'moving' && offRouteM > 0 && offRouteM >= minDistanceM;
    return when(isOff, { value: Math.round(offRouteM), limit: minDistanceM });
  },
  'permit-violation': ({ motion, isPermitted }) =>
    motion === 'unknown' ? unknown : when(motion === 'moving' && !isPermitted),
  'cover-open': (facts) => {
    const { signals, motion } = facts;
    if (signals.cover === undefined || signals.load === undefined || motion === 'unknown') return unknown;
    return when(signals.cover === 'open' && isLaden(facts) && motion === 'moving');
  },
  'body-lifted': ({ signals: { lift } }) => (lift === undefined ? unknown : when(lift === 'raised')),
  'body-lifted-moving': (facts, thresholds) => {
    const { lift } = facts.signals;
    return lift === 'flat' && facts.kph !== undefined ? over : lift === undefined ? unknown : faster(facts, thresholds);
  },
  'suspicious-dump': ({ signals: { load }, loadSinceS, atS }) => {
    if (load === undefined) return unknown;
    if (loadSinceS === undefined) return over;
    return when(load === 'empty' && atS - loadSinceS <= 600, { fromS: loadSinceS });
  },
  'suspicious-load': (facts) => {
    const { signals, loadSinceS, atS } = facts;
    if (signals.load === undefined) return unknown;
    if (loadSinceS === undefined) return over;
    return when(isLaden(facts) && atS - loadSinceS <= 600, { fromS: loadSinceS });
  },
  'right-turn-no-stop': ({ turnedDeg, slowestKph }, { turnMinDeg = 0, stopKph = 0 }) => {
    if (slowestKph === undefined) return over;
    return when(turnedDeg >= turnMinDeg && slowestKph > stopKph, { value: slowestKph, limit: stopKph });
  },
  'drum-reverse': ({ signals: { drum } }) => (drum === undefined ? unknown : when(drum === 'reverse')),
  'drum-stopped-laden': (facts) => {
    const { drum, load } = facts.signals;
    return drum === undefined || load === undefined ? unknown : when(drum === 'stopped' && isLaden(facts));
  },
  'concrete-age': (facts, { maxS = 0 }) => {
    const { signals, loadSinceS, atS } = facts;
    if (signals.load === undefined) return unknown;
    if (loadSinceS === undefined || !isLaden(facts)) return over;
    const ageS = atS - loadSinceS;
    return when(ageS > maxS, { value: Math.floor(ageS / 60), limit: maxS / 60, fromS: loadSinceS + maxS });
  },
  'bend-speed': (facts, { maxMss = 0 }) =>
    harsh(facts.lateralMss, facts.kph, facts, { maxMss, aboveKph: 0, gapMaxS: 3 }),
  'cargo-temperature': ({ fix: { extra } }, { minC = 0, maxC = 0 }) => {
    const value = extra?.cargoTemperatureC ?? Number.NaN;
    if (Number.isNaN(value)) return unknown;
    const limit = value < minC ? minC : maxC;
    return when(value < minC || value > maxC, { value, limit, excess: Math.abs(value - limit) });
  },
  'cargo-pressure': ({ fix: { extra } }, { maxKpa = 0 }) => {
    const value = extra?.cargoPressureKpa ?? Number.NaN;
    return Number.isNaN(value) ? unknown : when(value > maxKpa, { value, limit: maxKpa });
  },
  'valve-open': ({ signals: { valve } }) => (valve === undefined ? unknown : when(valve === 'open')),
  'harsh-acceleration': (facts, thresholds) => harsh(facts.mss, facts.kph, facts, thresholds),
  'harsh-braking': (facts, thresholds) => harsh(minus(facts.mss), facts.formerKph, facts, thresholds),
  'harsh-cornering': (facts, thresholds) => harsh(facts.lateralMss, facts.kph, facts, thresholds),
  'power-cut': (facts) => {
    if (!isFlagged(facts, 8)) return over;
    return facts.motion === 'moving' ? when(true) : unknown;
  },
  collision: (facts) => when(isFlagged(facts, 29)),
  rollover: (facts) => when(isFlagged(facts, 30)),
  'offline-displacement': ({ sinceS, movedM, atS }, { silentMinS = 0, movedMinM = 0 }) => {
    if (sinceS === undefined || movedM === undefined) return over;
    const told = { value: Math.round(movedM), limit: movedMinM, fromS: atS - sinceS };
    return when(sinceS >= silentMinS && movedM > movedMinM, told);
  },
  offline: ({ silentS, motion, fix }, { movingS = 0, parkedS = 0 }) => {
    const maxS = motion === 'moving' ? movingS : parkedS;
    return when(silentS >= maxS, { value: Math.floor(silentS / 60), limit: maxS / 60, fromS: fix.atS });
  },
  'tampering-suspected': (facts, { silentS = 0 }) => {
    const isCut = [5, 6, 8].some((bit) => isFlagged(facts, bit));
    return when(facts.silentS >= silentS && facts.motion === 'moving' && isCut, { fromS: facts.fix.atS });
  },
  'gnss-drift': ({ impliedKph }, { maxKph = 0 }) => {
    if (impliedKph === undefined) return unknown;
    return when(impliedKph > maxKph, { value: Math.round(impliedKph), limit: maxKph });
  },
  'gnss-stuck': (facts, thresholds) => {
    if (facts.kph === undefined || facts.isDerived) return unknown;
    return facts.isSamePlace ? faster(facts, thresholds) : over;
  },
};
