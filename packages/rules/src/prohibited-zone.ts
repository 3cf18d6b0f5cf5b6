import type { Facts } from './facts.ts';
import { firstCaseAt } from './first-cases.ts';
import { resetObservation, type Observation } from './observation.ts';
import { inForce } from './schedule.ts';

/**
 * `prohibited-zone` 禁行区域: inside a fence that is closed to the vehicle's class while its schedule is in force. The
 * schedule is read at each fix, so a vehicle that is inside when the hour comes is seen. The boundary counts as inside.
 * Level and tier are the fence's, where no case of the policy says otherwise.
 *
 * Source: 危险货物道路运输安全管理办法 Art 49; 上海市道路交通管理条例 Art 31, 59.
 *
 * @param fence number of the fence; @param inside whether the position lies in it.
 */
export function observeProhibitedZone(facts: Facts, fence: number, inside: boolean, out: Observation): void {
  const zone = facts.rules.fences[fence]!;
  resetObservation(out);
  if (!inside || !closedTo(facts, fence)) return;
  const found = firstCaseAt(facts.rules.classRules[facts.classCode]!.first.prohibitedZone, facts);
  if (found?.isOff === true) return;
  out.state = 'holds';
  out.level = found?.level ?? zone.level;
  out.tier = found?.tier ?? zone.tier;
}

/** Whether this fence is closed to the vehicle at the fix's time. */
export function closedTo(facts: Facts, fence: number): boolean {
  const zone = facts.rules.fences[fence]!;
  return (
    zone.prohibited && (zone.classMask & (1 << facts.classCode)) !== 0 && inForce(zone.schedule, facts.minuteOfWeek)
  );
}
