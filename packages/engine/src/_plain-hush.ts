import { tiers, type Policy } from '@haulwatch/domain';
import type { Found, Seen } from './_plain-episodes.ts';

/** What was seen of a condition, and the steps of it. */
export type Stretches = { readonly seen: readonly Seen[]; readonly found: readonly Found[] };

const operatorTier = tiers.indexOf('T3');

/**
 * The steps of speeding, with those that tell what a prohibited zone has hushed once that is over.
 *
 * @param zones the steps of each zone.
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
      if (state !== 'holds' || atS <= raised.atS || atS >= end.atS) continue;
      const escalated = found.find((step) => step.kind === 'escalated' && step.atS === atS);
      last = escalated ?? last;
      if (isByCount && last.tier === operatorTier) [isByCount, isByZone] = [false, true];
      const isStill = isByZone && isHushed(atS, last.tier);
      if (isByZone && !isStill && escalated === undefined)
        steps.push({ ...last, kind: 'escalated', atS, value, limit });
      isByZone = isStill;
    }
  }
  return steps;
}

/** Under which tier people have been told of an alarm that is open at a time; -1: of none. */
function toldTierAt(found: readonly Found[], atS: number, policy: Policy): number {
  const steps = found.filter((step) => step.atS <= atS);
  const open = steps.slice(steps.findLastIndex(({ kind }) => kind === 'raised'));
  const [raised] = open;
  const last = open.at(-1);
  if (raised === undefined || last === undefined || last.kind === 'cleared') return -1;
  const isTold = last.tier === operatorTier || !isFlapping(raised, found, policy);
  return isTold ? last.tier : -1;
}

/** Whether an alarm is hushed because it was raised too often since the first of a time. */
function isFlapping(raised: Found, found: readonly Found[], { flapping }: Policy): boolean {
  if (raised.tier === operatorTier) return false;
  let [fromS, count] = [-Infinity, 0];
  for (const { kind, atS } of found) {
    if (kind !== 'raised' || atS > raised.atS) continue;
    if (atS - fromS > flapping.withinS.value) [fromS, count] = [atS, 0];
    count += 1;
  }
  return count > flapping.raisedMax.value;
}
