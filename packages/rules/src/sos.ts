import { alarmFlagSos } from '@haulwatch/domain';
import type { Observation, RuleInput } from './observation.ts';

/**
 * `sos` 紧急报警: the emergency button, alarm flag bit 0. No position, no plausible clock and no live lane is asked for:
 * a person pressed it. Source: JT/T 808 table of alarm flags.
 */
export function observeSos(input: RuleInput, out: Observation): void {
  out.state = (input.alarmFlags & alarmFlagSos) !== 0 ? 'holds' : 'over';
  out.value = Number.NaN;
  out.limit = Number.NaN;
  out.limitSource = -1;
  out.derived = false;
  out.level = input.rules.policy.sos.level;
  out.tier = input.rules.policy.sos.tier;
}
