import type { Facts } from './facts.ts';
import { firstCaseAt } from './first-cases.ts';
import { resetObservation, type Observation } from './observation.ts';

/**
 * `overspeed` 超速: faster than the lowest limit that applies to the vehicle here and now - its class's, or that of a
 * fence it is in (`derivePlace`), and at night the part of it that the policy has. It is over only `clearBelowKph` under the limit.
 *
 * Level and tier follow the excess over the limit in per cent, where no case of the policy says otherwise. An alarm is raised at
 * the level that has held all the time that an alarm takes to be raised (`stepEpisode`).
 * Source: 交运发〔2016〕160号 note ② (continuous for more than 30 s); 公安部 记分管理办法 (10, 20 and 50 per cent).
 */
export function observeOverspeed(facts: Facts, out: Observation): void {
  const { rules, speedDkph, limitDkph } = facts;
  resetObservation(out);
  const found = firstCaseAt(rules.classRules[facts.classCode]!.first.overspeed, facts);
  if (found?.isOff === true) return;
  if (speedDkph < 0) {
    out.state = 'unknown';
    return;
  }
  if (speedDkph <= limitDkph) {
    // Who stands is not speeding, however low the limit.
    out.state = speedDkph > Math.max(0, limitDkph - rules.clearBelowDkph) ? 'band' : 'over';
    return;
  }
  out.state = 'holds';
  out.value = speedDkph / 10;
  out.limit = limitDkph / 10;
  out.derived = facts.derived;
  out.limitSource = facts.limitFence < 0 ? -1 - facts.classCode : facts.limitFence;
  out.atNight = facts.isNight && rules.nightPercent[facts.classCode] !== 100;
  const excessPercent = ((speedDkph - limitDkph) * 100) / limitDkph;
  for (const tier of rules.policy.overspeed.tiers) {
    if (excessPercent < tier.excessPercent) break;
    out.level = tier.level;
    out.tier = tier.tier;
  }
  if (found?.level !== undefined) out.level = found.level;
  if (found?.tier !== undefined) out.tier = found.tier;
}
