import { alarmFlagSos } from '@haulwatch/domain';
import type { Facts } from './facts.ts';
import { firstCaseAt } from './first-cases.ts';
import { resetObservation, type Observation } from './observation.ts';

/**
 * `sos` 紧急报警: the emergency button, alarm flag bit 0. No position, no plausible clock and no live lane is asked for:
 * a person pressed it. Source: JT/T 808 table of alarm flags.
 */
export function observeSos(facts: Facts, out: Observation): void {
  resetObservation(out);
  out.state = (facts.alarmFlags & alarmFlagSos) !== 0 ? 'holds' : 'over';
  const { policy, classRules } = facts.rules;
  const found = firstCaseAt(classRules[facts.classCode]!.first.sos, facts);
  out.level = found?.level ?? policy.sos.level;
  out.tier = found?.tier ?? policy.sos.tier;
}
