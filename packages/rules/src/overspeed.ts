import { vehicleClasses } from '@haulwatch/domain';
import type { Observation, RuleInput } from './observation.ts';
import { inForce } from './schedule.ts';

/**
 * `overspeed` 超速: faster than the lowest limit that applies to the vehicle here and now - its class's, or that of a
 * fence it is in. Where limits overlap the lowest wins. It is over only `clearBelowKph` under the limit.
 *
 * Level and tier follow the excess over the limit in per cent.
 * Source: 交运发〔2016〕160号 note ② (continuous for more than 30 s); 公安部 记分管理办法 (10, 20 and 50 per cent).
 */
export function observeOverspeed(input: RuleInput, out: Observation): void {
  const { rules, speedDkph, classCode } = input;
  if (speedDkph < 0) {
    out.state = 'unknown';
    return;
  }
  let limitDkph = rules.classLimitDkph[classCode]!;
  let limitFence = -1;
  for (let i = 0; i < input.fenceCount; i += 1) {
    const id = input.fences[i]!;
    const fence = rules.fences[id]!;
    if (fence.limitDkph === 0 || fence.limitDkph >= limitDkph || (fence.classMask & (1 << classCode)) === 0) continue;
    if (!inForce(fence.schedule, input.minuteOfWeek)) continue;
    limitDkph = fence.limitDkph;
    limitFence = id;
  }
  if (speedDkph <= limitDkph) {
    // Who stands is not speeding, however low the limit.
    out.state = speedDkph > Math.max(0, limitDkph - rules.clearBelowDkph) ? 'band' : 'over';
    return;
  }
  out.state = 'holds';
  out.value = speedDkph / 10;
  out.limit = limitDkph / 10;
  out.derived = input.derived;
  out.limitSource =
    limitFence < 0 ? `class ${vehicleClasses[classCode]!}` : `fence '${rules.fences[limitFence]!.name}'`;
  const excessPercent = ((speedDkph - limitDkph) * 100) / limitDkph;
  for (const tier of rules.policy.overspeed.tiers) {
    if (excessPercent < tier.excessPercent) break;
    out.level = tier.level;
    out.tier = tier.tier;
  }
}
