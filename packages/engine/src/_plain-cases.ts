import {
  tiers,
  type Fence,
  type FirstRuleCase,
  type Policy,
  type RuleCondition,
  type Tier,
  type VehicleClass,
} from '@haulwatch/domain';
import { isInside, isOpen, speaksTo } from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

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

/** A vehicle of a class at a fix, and the fences in force that hold a place. */
export function askingAt(fix: TrackRow, place: TrackRow, policy: Policy, vehicleClass: VehicleClass): Asking {
  const fences = policy.fences.filter(
    (fence) => speaksTo(fence, vehicleClass, fix, policy) && isInside(fence.shape, place),
  );
  return { vehicleClass, atS: fix.atS, fences };
}

export function tierPlace(tier: Tier): number {
  return tiers.indexOf(tier);
}
