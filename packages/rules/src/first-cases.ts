import type { FirstRuleCase, Level, Policy, Tier, VehicleClass } from '@haulwatch/domain';
import { appliesHere, compileCondition, type CompiledCondition, type FenceLists, type Here } from './conditions.ts';

/** A case of one of the three rules that are always on, for one class. */
export type FirstCase = {
  /** Place among the policy's cases. */
  readonly index: number;
  readonly condition: CompiledCondition;
  readonly isOff: boolean;
  /** Undefined: as the rule would have it without the case. */
  readonly level: Level | undefined;
  readonly tier: Tier | undefined;
};

/** The cases of the three rules that are always on, those of other classes left out. */
export type FirstCases = {
  readonly overspeed: readonly FirstCase[];
  readonly prohibitedZone: readonly FirstCase[];
  readonly sos: readonly FirstCase[];
};

export function compileFirstCases(policy: Policy, vehicleClass: VehicleClass, lists: FenceLists): FirstCases {
  const compiled = (cases: readonly FirstRuleCase[] = []): FirstCase[] =>
    cases.flatMap(({ when, off = false, level, tier }, index) =>
      when.classes === undefined || when.classes.includes(vehicleClass)
        ? [{ index, condition: compileCondition(when, lists), isOff: off, level, tier }]
        : [],
    );
  return {
    overspeed: compiled(policy.overspeed.cases),
    prohibitedZone: compiled(policy.prohibitedZone.cases),
    sos: compiled(policy.sos.cases),
  };
}

/** The last case whose conditions are met here and now; undefined: none is. */
export function firstCaseAt(cases: readonly FirstCase[], here: Here): FirstCase | undefined {
  for (let i = cases.length - 1; i >= 0; i -= 1) {
    if (appliesHere(cases[i]!.condition, here)) return cases[i];
  }
  return undefined;
}
