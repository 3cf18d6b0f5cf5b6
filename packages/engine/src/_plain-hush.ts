import { tiers, type Policy } from '@haulwatch/domain';
import type { Found, Seen } from './_plain-episodes.ts';

/** What was seen of a condition, and the steps of it. */
export type Stretches = { readonly seen: readonly Seen[]; readonly found: readonly Found[] };

const operatorTier = tiers.indexOf('T3');
const answerTier = tiers.indexOf('T2');

/**
 * The steps of a condition, with those that tell what was hushed because it was raised too often, or of speeding what a prohibited zone
 * has hushed, once that is over.
 *
 * @param zones the steps of each zone, where the condition is speeding.
 */
export function withFreed({ seen, found }: Stretches, zones: readonly (readonly Found[])[], policy: Policy): Found[] {
  const steps = [...found];
  for (const raised of found) {
    if (raised.kind !== 'raised') continue;
    const end = found.find(({ kind, atS }) => kind === 'cleared' && atS > raised.atS) ?? { atS: Infinity };
    const isHushed = (atS: number, tier: number): boolean =>
      zones.some((zone) => toldTierAt(zone, atS, policy) >= tier);
    let last = raised;
    let isByCount = isFlapping(raised, found, policy);
    let isByZone = !isByCount && isHushed(raised.atS, raised.tier);
    for (const { atS, state, value, limit } of seen) {
      if (state !== 'holds' || atS < raised.atS || atS >= end.atS) continue;
      const escalated = found.find((step) => step.kind === 'escalated' && step.atS === atS);
      // A fix may tell a kind twice, the second time graver.
      if (atS === raised.atS && escalated === undefined) continue;
      last = escalated ?? last;
      const isPast = last.tier >= answerTier && isCountOver(raised, found, atS, policy);
      if (isByCount && (last.tier === operatorTier || isPast)) [isByCount, isByZone] = [false, true];
      const isStill = isByZone && isHushed(atS, last.tier);
      if (isByZone && !isStill && escalated === undefined)
        steps.push({ ...last, kind: 'escalated', atS, value, limit });
      isByZone = isStill;
    }
  }
  return steps.toSorted((a, b) => a.atS - b.atS);
}

/** Under which tier people have been told of an alarm that is open at a time; -1: of none. */
function toldTierAt(found: readonly Found[], atS: number, policy: Policy): number {
  const steps = found.filter((step) => step.atS <= atS);
  const open = steps.slice(steps.findLastIndex(({ kind }) => kind === 'raised'));
  const [raised] = open;
  const last = open.at(-1);
  if (raised === undefined || last === undefined || last.kind === 'cleared') return -1;
  const isFreed = open.some(({ kind, tier, atS: at }) => {
    const isOver = tier >= answerTier && isCountOver(raised, found, at, policy);
    return kind === 'escalated' && (tier === operatorTier || isOver);
  });
  return isFreed || !isFlapping(raised, found, policy) ? last.tier : -1;
}

/** Whether an alarm is hushed because it was raised too often since the first of a time. */
function isFlapping(raised: Found, found: readonly Found[], policy: Policy): boolean {
  return raised.tier !== operatorTier && countOf(raised, found, policy).count > policy.flapping.raisedMax.value;
}

/** Whether the time is over within which an alarm was raised too often. */
function isCountOver(raised: Found, found: readonly Found[], atS: number, policy: Policy): boolean {
  return atS - countOf(raised, found, policy).fromS > policy.flapping.withinS.value;
}

/** How often it was raised since when, up to this one. */
function countOf(raised: Found, found: readonly Found[], { flapping }: Policy): { fromS: number; count: number } {
  let [fromS, count] = [-Infinity, 0];
  for (const { kind, atS } of found) {
    if (kind !== 'raised' || atS > raised.atS) continue;
    if (atS - fromS > flapping.withinS.value) [fromS, count] = [atS, 0];
    count += 1;
  }
  return { fromS, count };
}
