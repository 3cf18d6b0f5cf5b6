import type { Fence, FirstRuleCase, RuleCondition, VehicleClass } from '@haulwatch/domain';
import { isOpen } from './_plain-place.ts';

/** Who asks, when, and in which fences that are in force for it. */
export type Asking = {
  readonly vehicleClass: VehicleClass;
  readonly atS: number;
  readonly fences: readonly Fence[];
  /** Of rules by kind. */
  readonly subject?: string;
  readonly eventLevel?: number;
};

export function isMet(when: RuleCondition, asking: Asking, timeZone: string): boolean {
  const { vehicleClass, atS, fences, subject = '', eventLevel = 0 } = asking;
  const uses = fences.flatMap((fence) => fence.uses ?? []);
  return (
    (when.classes?.includes(vehicleClass) ?? true) &&
    isOpen(when.hours ?? [], atS, timeZone) &&
    (when.within === undefined || when.within.some((use) => uses.includes(use))) &&
    !(when.outside ?? []).some((use) => uses.includes(use)) &&
    (when.fences === undefined || fences.some(({ id }) => when.fences!.includes(id))) &&
    (when.subjects?.includes(subject) ?? true) &&
    (when.eventLevel === undefined || when.eventLevel === eventLevel)
  );
}

/** What the last case that is met changes of a rule that is always on. */
export function changesAt(
  cases: readonly FirstRuleCase[] | undefined,
  asking: Asking,
  timeZone: string,
): Omit<FirstRuleCase, 'when'> {
  return cases?.findLast(({ when }) => isMet(when, asking, timeZone)) ?? {};
}
