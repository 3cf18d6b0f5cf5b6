import type { Policy } from '@haulwatch/domain';
import { toldKph } from './_plain-speed.ts';
import { beliefsOf, isNightAt, kphBetween, metres, placeOf, type Journey } from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

/** Motion and hours after one fix. */
export type Driving = {
  readonly motion: 'unknown' | 'stopped' | 'moving';
  readonly motionSinceS: number | undefined;
  /** Since the last rest or change of driver. */
  readonly drivenS: number;
  readonly nightDrivenS: number;
  /** By the present driver in this hour of the clock and the 23, or 167, before it. */
  readonly drivenOfDayS: number;
  readonly drivenOfWeekS: number;
};

type Walked = Pick<Driving, 'motion' | 'motionSinceS'> & {
  /** It drove from the fix before to this one. */
  readonly drove: boolean;
  /** Up to this fix it has stood for so long that it has rested. */
  readonly rested: boolean;
};

export function plainDriving(journey: Journey, kphs: readonly (number | undefined)[]): Driving[] {
  const { fixes, policy } = journey;
  const walked = walk(journey, kphs);
  const drivers = driversOf(journey);
  return fixes.map(({ atS }, i): Driving => {
    const begun = fixes.findLastIndex((_, k) => k <= i && (walked[k]!.rested || drivers.isChange[k]!));
    const legs = (from: number): [fromS: number, toS: number, driver: number][] =>
      fixes.flatMap((fix, k) =>
        k > from && k > 0 && k <= i && walked[k]!.drove
          ? [[fixes[k - 1]!.atS, fix.atS, drivers.of(k - 1, i)] as [number, number, number]]
          : [],
      );
    const own = legs(0).filter(([, , driver]) => driver === drivers.of(i, i));
    return {
      motion: walked[i]!.motion,
      motionSinceS: walked[i]!.motionSinceS,
      drivenS: sum(legs(begun).map(([fromS, toS]) => toS - fromS)),
      nightDrivenS: sum(legs(begun).map(([fromS, toS]) => nightS(policy, fromS, toS))),
      drivenOfDayS: sum(own.map(([fromS, toS]) => overlapS(fromS, toS, hoursBefore(atS, 23)))),
      drivenOfWeekS: sum(own.map(([fromS, toS]) => overlapS(fromS, toS, hoursBefore(atS, 167)))),
    };
  });
}

/** Moving or standing after each fix. */
function walk(journey: Journey, kphs: readonly (number | undefined)[]): Walked[] {
  const { fixes, policy } = journey;
  const { movingFromKph, stoppedToKph, restMinS } = policy.motion;
  const walked: Walked[] = [];
  const now: { motion: Driving['motion']; sinceS: number | undefined } = { motion: 'unknown', sinceS: undefined };
  let anchor: { readonly place: TrackRow; readonly atS: number } | undefined;
  const become = (next: Driving['motion'], atS: number): void => {
    if (next === now.motion) return;
    now.motion = next;
    now.sinceS = atS;
  };
  for (const [i, { atS }] of fixes.entries()) {
    const former = fixes[i - 1];
    let drove = now.motion === 'moving';
    if (former !== undefined && atS - former.atS > policy.time.gapMaxS.value) {
      const kph = meanKph(journey, i);
      drove = kph !== undefined && kph >= movingFromKph.value && atS - former.atS <= 86_400;
      // Nobody has ever seen it, and nobody sees now where it is: that says nothing.
      if (kph !== undefined || now.motion !== 'unknown') become(drove ? 'moving' : 'stopped', former.atS);
    }
    const rested = !drove && now.sinceS !== undefined && atS - now.sinceS >= restMinS.value;
    const kph = kphs[i];
    if (kph !== undefined && toldKph(fixes[i]!, policy) !== undefined) {
      const isMoving = now.motion === 'moving' ? kph > stoppedToKph.value : kph >= movingFromKph.value;
      become(isMoving ? 'moving' : 'stopped', atS);
    }
    if (kph !== undefined && toldKph(fixes[i]!, policy) === undefined) {
      // It tells no speed: what counts is how far it has come.
      const place = beliefsOf(fixes, policy)[i - 1]!.at!;
      const toldSpeed = toldKph(fixes[i - 1]!, policy) !== undefined && !fixes[i - 1]!.invalid;
      if (anchor === undefined || toldSpeed) anchor = { place, atS: place.atS };
      const isAway = metres(placeOf(anchor.place), placeOf(fixes[i]!)) > policy.motion.accuracyMaxM.value;
      const wasMoving = now.motion === 'moving';
      const isMoving = isAway ? wasMoving || kph >= movingFromKph.value : wasMoving && atS - anchor.atS < 60;
      if (isAway) anchor = { place: fixes[i]!, atS };
      become(isMoving ? 'moving' : 'stopped', isMoving ? atS : anchor.atS);
    }
    walked.push({ motion: now.motion, motionSinceS: now.sinceS, drove, rested });
  }
  return walked;
}

/** From its last known place to this one, if it can have come here. */
function meanKph({ fixes, policy }: Journey, i: number): number | undefined {
  const { from, isBelieved } = beliefsOf(fixes, policy)[i]!;
  return isBelieved && from !== undefined ? kphBetween(from, fixes[i]!) : undefined;
}

/** Who drives after each fix, 0 nobody knows; what nobody has driven is the first driver's as soon as one is told. */
function driversOf({ fixes }: Journey): { of: (k: number, nowAt: number) => number; isChange: boolean[] } {
  const told = fixes.map(({ extra }) => extra?.driver ?? 0);
  const newest = (k: number): number => told.slice(0, k + 1).findLast((driver) => driver !== 0) ?? 0;
  const first = (k: number): number => told.slice(0, k + 1).find((driver) => driver !== 0) ?? 0;
  return {
    of: (k, nowAt) => newest(k) || first(nowAt),
    isChange: fixes.map((_, k) => newest(k - 1) !== 0 && newest(k) !== newest(k - 1)),
  };
}

function hoursBefore(atS: number, hours: number): number {
  return (Math.floor(atS / 3_600) - hours) * 3_600;
}

function overlapS(fromS: number, toS: number, sinceS: number): number {
  return Math.max(0, toS - Math.max(fromS, sinceS));
}

/** So much of the time is night, minute by minute. */
function nightS(policy: Policy, fromS: number, toS: number): number {
  let night = 0;
  for (let atS = fromS; atS < toS;) {
    const nextS = Math.min(toS, (Math.floor(atS / 60) + 1) * 60);
    if (isNightAt(policy, atS)) night += nextS - atS;
    atS = nextS;
  }
  return night;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
