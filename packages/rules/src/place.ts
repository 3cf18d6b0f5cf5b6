import type { RuleInput } from './observation.ts';
import { inForce } from './schedule.ts';

/**
 * What the fences that hold a vehicle mean for it, until it leaves one, enters another, or a schedule opens or closes:
 * derived once and kept, not at each fix and not by each rule.
 *
 * Writes the lowest limit that applies into the input: its class's, or that of a fence it is in. Where limits overlap the
 * lowest wins. Returns whether one of the fences is closed to it.
 */
export function derivePlace(input: RuleInput): boolean {
  const { rules, classCode } = input;
  input.limitDkph = rules.classLimitDkph[classCode]!;
  input.limitFence = -1;
  let closed = false;
  for (let i = 0; i < input.fenceCount; i += 1) {
    const number = input.fences[i]!;
    const fence = rules.fences[number]!;
    if ((fence.classMask & (1 << classCode)) === 0 || !inForce(fence.schedule, input.minuteOfWeek)) continue;
    if (fence.prohibited) closed = true;
    if (fence.limitDkph === 0 || fence.limitDkph >= input.limitDkph) continue;
    input.limitDkph = fence.limitDkph;
    input.limitFence = number;
  }
  return closed;
}
