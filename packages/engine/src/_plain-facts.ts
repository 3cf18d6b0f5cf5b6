import { signalNames, signalShift, signalStates, type Fence, type SignalName } from '@haulwatch/domain';
import { plainDriving, type Driving } from './_plain-driving.ts';
import { derivedKph, toldKph } from './_plain-speed.ts';
import { plainPermits, type Permitted } from './_plain-permits.ts';
import {
  beliefsOf,
  isInside,
  lastPlaced,
  limitAt,
  metres,
  placeOf,
  speaksTo,
  type Belief,
  type Journey,
} from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

/** What is known of a vehicle at one fix: found by looking at the whole of its track before it. */
export type PlainFacts = Driving &
  Permitted & {
    readonly fix: TrackRow;
    readonly atS: number;
    /** 0 at a fix; at a look at a silent vehicle: for how long nothing has been heard. */
    readonly silentS: number;
    /** Since the former fix; undefined: there is none. */
    readonly sinceS: number | undefined;
    /** As the terminal tells it, or derived; undefined: nobody knows. */
    readonly kph: number | undefined;
    readonly isDerived: boolean;
    readonly limitKph: number;
    /** Between the former believed position and this one. */
    readonly movedM: number | undefined;
    readonly impliedKph: number | undefined;
    readonly isSamePlace: boolean;
    readonly belief: Belief;
    readonly mss: number | undefined;
    readonly lateralMss: number | undefined;
    readonly formerKph: number | undefined;
    readonly signals: Readonly<Partial<Record<SignalName, string>>>;
    readonly loadSinceS: number | undefined;
    /** Fences in force that hold the newest position, and that held it where the load last changed. */
    readonly here: readonly Fence[];
    readonly whereLoaded: readonly Fence[];
    readonly turnedDeg: number;
    readonly slowestKph: number | undefined;
  };

const factsKnown = new WeakMap<Journey, PlainFacts[]>();

/** By fix. Each track is gone through once. */
export function plainFacts(journey: Journey): readonly PlainFacts[] {
  const kept = factsKnown.get(journey) ?? factsOf(journey);
  factsKnown.set(journey, kept);
  return kept;
}

function factsOf(journey: Journey): PlainFacts[] {
  const { fixes, policy, vehicleClass } = journey;
  const kphs = fixes.map((fix, i) => speedAt(journey, i) ?? (fix.invalid ? undefined : derivedAt(journey, i)));
  const here = fixes.map((_, i) => fencesAt(journey, i));
  const loads = plainLoads(journey);
  const driving = plainDriving(journey, kphs);
  const permitted = plainPermits(
    journey,
    driving.map(({ motion }) => motion === 'moving'),
  );
  return fixes.map((fix, i): PlainFacts => {
    const changedAt = lastChange(fixes, loads.slice(0, i + 1));
    return {
      ...driving[i]!,
      ...permitted[i]!,
      fix,
      atS: fix.atS,
      silentS: 0,
      sinceS: i === 0 ? undefined : fix.atS - fixes[i - 1]!.atS,
      kph: kphs[i],
      isDerived: toldKph(fix, policy) === undefined,
      limitKph: limitAt(here[i]!, policy, vehicleClass, fix),
      ...movedTo(journey, i),
      belief: beliefsOf(fixes, policy)[i]!,
      ...mannerAt(journey, i),
      signals: { ...signalsAt(fixes, i), load: loads[i]! },
      loadSinceS: changedAt === undefined ? undefined : fixes[changedAt]!.atS,
      here: here[i]!,
      whereLoaded: changedAt === undefined ? [] : here[changedAt]!,
      ...turnAt(journey, i, here, kphs),
    };
  });
}

/** What a fix without a valid position says of speed and heading is not believed. */
function speedAt({ fixes, policy }: Journey, i: number): number | undefined {
  return fixes[i]?.invalid === false ? toldKph(fixes[i], policy) : undefined;
}

function headingAt({ fixes }: Journey, i: number): number | undefined {
  return fixes[i]?.invalid === false ? fixes[i].heading : undefined;
}

function derivedAt({ fixes, policy }: Journey, i: number): number | undefined {
  return derivedKph(fixes, i, policy);
}

function fencesAt({ fixes, policy, vehicleClass }: Journey, i: number): Fence[] {
  const placed = lastPlaced(fixes, i);
  const { at } = beliefsOf(fixes, policy)[i]!;
  if (placed === undefined || at === undefined) return [];
  return policy.fences.filter((fence) => speaksTo(fence, vehicleClass, placed, policy) && isInside(fence.shape, at));
}

function movedTo({ fixes, policy }: Journey, i: number): Pick<PlainFacts, 'movedM' | 'impliedKph' | 'isSamePlace'> {
  const fix = fixes[i]!;
  const { from, isBelieved } = beliefsOf(fixes, policy)[i]!;
  if (from === undefined) return { movedM: undefined, impliedKph: undefined, isSamePlace: false };
  const movedM = metres(placeOf(from), placeOf(fix));
  const impliedKph = (movedM / (fix.atS - from.atS)) * 3.6;
  const isSamePlace = String(placeOf(from)) === String(placeOf(fix));
  return { movedM: isBelieved ? movedM : undefined, impliedKph, isSamePlace };
}

/** From the fix before to this one, where both tell what is asked and no gap lies between. */
function mannerAt(journey: Journey, i: number): Pick<PlainFacts, 'mss' | 'lateralMss' | 'formerKph'> {
  const { fixes, policy } = journey;
  const kph = speedAt(journey, i);
  const sinceS = i === 0 ? Infinity : fixes[i]!.atS - fixes[i - 1]!.atS;
  const isSure = (fixes[i]!.accuracyM ?? 0) <= policy.motion.accuracyMaxM.value;
  if (!isSure || kph === undefined || sinceS > policy.time.gapMaxS.value) {
    return { mss: undefined, lateralMss: undefined, formerKph: undefined };
  }
  const formerKph = speedAt(journey, i - 1);
  const turned = turnTo(journey, i);
  return {
    formerKph,
    mss: formerKph === undefined ? undefined : (kph - formerKph) / 3.6 / sinceS,
    lateralMss: turned === undefined ? undefined : ((kph / 3.6) * Math.abs(turned) * Math.PI) / 180 / sinceS,
  };
}

/** Change of heading by the shorter way, to the right above 0. Straight back is to the left. */
function turnTo(journey: Journey, i: number): number | undefined {
  const from = headingAt(journey, i - 1);
  const to = headingAt(journey, i);
  if (from === undefined || to === undefined) return undefined;
  const right = (to - from + 360) % 360;
  return right < 180 ? right : right - 360;
}

/** The newest of each signal that anybody has told. */
function signalsAt(fixes: readonly TrackRow[], i: number): Partial<Record<SignalName, string>> {
  const told = fixes.slice(0, i + 1).map(sensorsOf);
  return Object.assign({}, ...told) as Partial<Record<SignalName, string>>;
}

function sensorsOf({ extra }: TrackRow): Partial<Record<SignalName, string>> {
  const codes = signalNames.map((name) => [name, ((extra?.signals ?? 0) >>> signalShift(name)) & 3] as const);
  return Object.fromEntries(
    codes.filter(([, code]) => code !== 0).map(([name, code]) => [name, signalStates[name][code - 1]]),
  );
}

/** The load after each fix, by whoever tells it: the sensor, the status bits, or that it came to a plant and left it. */
function plainLoads(journey: Journey): (string | undefined)[] {
  const { fixes } = journey;
  const bits = fixes.map(({ statusFlags = 0 }) => (statusFlags >>> 8) & 3);
  let load: string | undefined;
  let isTold = false;
  return fixes.map((fix, i) => {
    const wasShown = bits[i] === 0 && (bits[i - 1] ?? 0) !== 0;
    const byStatus = wasShown ? 'empty' : [undefined, 'half', undefined, 'full'][bits[i]!];
    const told = sensorsOf(fix).load ?? byStatus;
    isTold ||= told !== undefined;
    load = told ?? (isTold ? undefined : loadByPlant(journey, i)) ?? load;
    return load;
  });
}

/** A mixer whose load nobody ever tells. A plant that opens or closes around it, or that it is first seen in, says nothing. */
function loadByPlant({ fixes, policy, vehicleClass }: Journey, i: number): string | undefined {
  const fix = fixes[i]!;
  const former = beliefsOf(fixes, policy)[i - 1]?.at;
  if (!beliefsOf(fixes, policy)[i]!.isBelieved || former === undefined) return undefined;
  const plants = policy.fences.filter(
    (fence) => fence.uses?.includes('plant') && speaksTo(fence, vehicleClass, fix, policy),
  );
  const [was, is] = [former, fix].map((at) => plants.some(({ shape }) => isInside(shape, at)));
  return was === is ? undefined : is ? 'empty' : 'full';
}

/**
 * The last fix at which it was laden and had not been, or was not and had been. Who has said nothing is empty, but a sensor that tells for
 * the first time has seen no change, nor has the first fix. A load that is back within a minute has not changed.
 */
function lastChange(fixes: readonly TrackRow[], loads: readonly (string | undefined)[]): number | undefined {
  const changes: number[] = [];
  const isLaden = loads.map((load) => load === 'half' || load === 'full');
  for (const [i, laden] of isLaden.entries()) {
    if (i === 0 || laden === isLaden[i - 1]) continue;
    if (loads[i - 1] === undefined && sensorsOf(fixes[i]!).load !== undefined) continue;
    const former = changes.at(-1);
    if (former !== undefined && fixes[i]!.atS - fixes[former]!.atS < 60) changes.pop();
    else changes.push(i);
  }
  return changes.at(-1);
}

/** In a junction zone: since the fix with which it came in, or was heard of again. */
function turnAt(
  journey: Journey,
  i: number,
  here: readonly (readonly Fence[])[],
  kphs: readonly (number | undefined)[],
): Pick<PlainFacts, 'turnedDeg' | 'slowestKph'> {
  const { fixes, policy } = journey;
  const isIn = here.map((fences) => fences.some(({ uses = [] }) => uses.includes('junction')));
  if (!isIn[i]) return { turnedDeg: 0, slowestKph: undefined };
  const isGap = (k: number): boolean => k > 0 && fixes[k]!.atS - fixes[k - 1]!.atS > policy.time.gapMaxS.value;
  let from = i;
  while (from > 0 && isIn[from - 1] && !isGap(from)) from -= 1;
  const visit = Array.from({ length: i - from + 1 }, (_, k) => from + k);
  const turns = visit.map((k) => (isGap(k) ? 0 : Math.round((turnTo(journey, k) ?? 0) * 100)));
  const speeds = visit.flatMap((k) => kphs[k] ?? []);
  return {
    turnedDeg: turns.reduce((sum, turn) => sum + turn, 0) / 100,
    slowestKph: speeds.length === 0 ? undefined : Math.min(...speeds),
  };
}
