import type { Facts } from './facts.ts';
import { inForce } from './schedule.ts';

/**
 * What the fences that hold a vehicle mean for it, until it leaves one, enters another, or a schedule opens or closes:
 * derived once and kept, not at each fix and not by each rule.
 *
 * Writes the lowest limit that applies into the facts: its class's, or that of a fence it is in, and of it the part that
 * may be driven at night. Where limits overlap the lowest wins. What the fences are for goes into `placeMask`. Returns
 * whether one of the fences is closed to it.
 */
export function derivePlace(facts: Facts): boolean {
  const { rules, classCode } = facts;
  let limitDkph = rules.classLimitDkph[classCode]!;
  let mask = 0;
  let closed = false;
  facts.limitFence = -1;
  for (let i = 0; i < facts.fenceCount; i += 1) {
    const number = facts.fences[i]!;
    const fence = rules.fences[number]!;
    if ((fence.classMask & (1 << classCode)) === 0 || !inForce(fence.schedule, facts.minuteOfWeek)) continue;
    if (fence.prohibited) closed = true;
    mask |= fence.mask;
    if (fence.limitDkph === 0 || fence.limitDkph >= limitDkph) continue;
    limitDkph = fence.limitDkph;
    facts.limitFence = number;
  }
  facts.placeMask = mask;
  facts.isNight = inForce(rules.night, facts.minuteOfWeek);
  const percent = facts.isNight ? rules.nightPercent[classCode]! : 100;
  facts.limitDkph = percent === 100 ? limitDkph : Math.floor((limitDkph * percent) / 100);
  return closed;
}
