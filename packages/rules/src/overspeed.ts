import type { Observation, RuleInput } from './observation.ts';

/**
 * `overspeed` 超速: faster than the lowest limit that applies to the vehicle here and now - its class's, or that of a
 * fence it is in (`derivePlace`). It is over only `clearBelowKph` under the limit.
 *
 * Level and tier follow the excess over the limit in per cent.
 * Source: 交运发〔2016〕160号 note ② (continuous for more than 30 s); 公安部 记分管理办法 (10, 20 and 50 per cent).
 */
export function observeOverspeed(input: RuleInput, out: Observation): void {
  const { rules, speedDkph, limitDkph } = input;
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
  out.derived = input.derived;
  out.limitSource = input.limitFence < 0 ? -1 - input.classCode : input.limitFence;
  const excessPercent = ((speedDkph - limitDkph) * 100) / limitDkph;
  for (const tier of rules.policy.overspeed.tiers) {
    if (excessPercent < tier.excessPercent) break;
    out.level = tier.level;
    out.tier = tier.tier;
  }
}
