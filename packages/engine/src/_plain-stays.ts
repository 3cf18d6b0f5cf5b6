import type { CatalogueRuleId, Fence } from '@haulwatch/domain';
import type { Found, Seen } from './_plain-episodes.ts';
import type { PlainFacts } from './_plain-facts.ts';
import { isInside, speaksThroughout, speaksTo, type Journey } from './_plain-place.ts';

/** What is seen of a stay in a fence at one fix that has a position. */
type Stay = {
  readonly facts: PlainFacts;
  readonly enteredS: number;
  /** It was not there when it was first seen, or its hours began; and it has been inside for long enough. */
  readonly isEntry: boolean;
  /** Inside; outside, but not for long; over, because it has left. */
  readonly where: 'in' | 'out' | 'left';
  readonly outS: number;
};

/** By fix; undefined where there is no stay. */
export function plainStays(journey: Journey, all: readonly PlainFacts[], fence: Fence): (Stay | undefined)[] {
  const { policy, vehicleClass } = journey;
  const confirmS = policy.motion.fenceConfirmS.value;
  let stay: { enteredS: number; isFirstSight: boolean; isBelieved: boolean; outS?: number } | undefined;
  let formerAt = -1;
  return all.map((facts, i) => {
    const { fix, atS } = facts;
    if (!saysWhere(facts)) return undefined;
    const isLook = facts.silentS > 0;
    const former = all[formerAt];
    if (!isLook) formerAt = i;
    if (!speaksTo(fence, vehicleClass, { ...fix, atS }, policy)) {
      stay = undefined;
      return undefined;
    }
    const isFirstSight = former === undefined || !speaksThroughout(fence, vehicleClass, former.fix.atS, atS, policy);
    // Whoever is silent is where it was.
    const isTrusted = !isLook && isAccurate(journey, facts) && !isStanding(journey, all, i, former);
    const isIn = isInside(fence.shape, fix);
    if (stay === undefined && !isLook && isIn && (isTrusted || isFirstSight)) {
      stay = { enteredS: atS, isFirstSight, isBelieved: isFirstSight };
    }
    if (stay === undefined) return undefined;
    const { enteredS } = stay;
    if (isTrusted ? isIn : stay.outS === undefined) {
      delete stay.outS;
      stay.isBelieved ||= atS - enteredS >= confirmS;
      return { facts, enteredS, isEntry: stay.isBelieved && !stay.isFirstSight, where: 'in', outS: Infinity };
    }
    if (!stay.isBelieved) {
      stay = undefined;
      return undefined;
    }
    stay.outS ??= atS;
    const { isFirstSight: wasThere, outS } = stay;
    const hasLeft = atS - outS >= confirmS;
    if (hasLeft) stay = undefined;
    return { facts, enteredS, isEntry: !wasThere, where: hasLeft ? 'left' : 'out', outS };
  });
}

/** A fix whose position is believed; a silent vehicle that stands is where it was, of one that was driving nobody knows. */
function saysWhere({ belief, silentS, motion }: PlainFacts): boolean {
  return silentS > 0 ? motion !== 'moving' : belief.isBelieved;
}

export function isAccurate({ policy }: Journey, { fix }: PlainFacts): boolean {
  return fix.accuracyM === undefined || fix.accuracyM <= policy.motion.accuracyMaxM.value;
}

/** Standing before and after, and not brought elsewhere in a gap between its positions. */
export function isStanding(
  { policy }: Journey,
  all: readonly PlainFacts[],
  i: number,
  formerPlaced: PlainFacts | undefined,
): boolean {
  const { motion, movedM, atS, belief } = all[i]!;
  // So many fixes that agree are no jitter.
  if (belief.isSettled) return false;
  if (formerPlaced === undefined || motion !== 'stopped' || all[i - 1]!.motion === 'moving') return false;
  const isGap = atS - formerPlaced.atS > policy.time.gapMaxS.value;
  return !(isGap && movedM! > 2 * policy.motion.accuracyMaxM.value);
}

/** Level and tier of a rule's setting at a fix; undefined: it does not apply. */
type GradeAt = (rule: CatalogueRuleId, facts: PlainFacts) => Pick<Seen, 'level' | 'tier'> | undefined;

const states = { in: 'holds', out: 'band', left: 'over' } as const;

export function seenEntries(
  all: readonly PlainFacts[],
  stays: readonly (Stay | undefined)[],
  gradeAt: GradeAt,
): Seen[] {
  return placed(all).map(({ facts, i }): Seen => {
    const stay = stays[i];
    const grade = gradeAt('fence-enter', facts);
    if (stay?.isEntry !== true || grade === undefined) return { atS: facts.atS, state: 'over', level: 0, tier: 0 };
    return { atS: facts.atS, state: states[stay.where], ...grade, fromS: stay.enteredS };
  });
}

export function seenDwells(
  all: readonly PlainFacts[],
  stays: readonly (Stay | undefined)[],
  dwellMaxS: number,
  gradeAt: GradeAt,
): Seen[] {
  return placed(all).map(({ facts, i }): Seen => {
    const { atS } = facts;
    const stay = stays[i];
    const grade = gradeAt('zone-dwell', facts);
    if (stay === undefined || atS - stay.enteredS <= dwellMaxS || grade === undefined) {
      return { atS, state: 'over', level: 0, tier: 0 };
    }
    const value = Math.round((atS - stay.enteredS) / 6) / 10;
    return { atS, state: states[stay.where], ...grade, fromS: stay.enteredS, value, limit: dwellMaxS / 60 };
  });
}

/** Told when it is believed, and over then. */
export function toldExits(stays: readonly (Stay | undefined)[], gradeAt: GradeAt): Found[] {
  return stays.flatMap((stay): Found[] => {
    const grade = stay?.where === 'left' ? gradeAt('fence-exit', stay.facts) : undefined;
    if (stay === undefined || grade === undefined) return [];
    const { atS } = stay.facts;
    const numbers = { value: undefined, limit: undefined };
    return [
      { kind: 'raised', atS, startedS: stay.outS, ...grade, ...numbers },
      { kind: 'cleared', atS, startedS: stay.outS, endedS: atS, gap: false, ...grade, ...numbers },
    ];
  });
}

function placed(all: readonly PlainFacts[]): { facts: PlainFacts; i: number }[] {
  return all.map((facts, i) => ({ facts, i })).filter(({ facts }) => saysWhere(facts));
}
