import type { Fence, Level, Policy, RuleId, RuleSetting, Threshold, Tier, VehicleClass } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import type { PlaceView } from './explain-place.ts';

/** A number of the policy with all that a reader of it wants to know. */
export type ToldThreshold = Threshold & { readonly name: string; readonly unit: string };

/** The name of the setting that is no case. */
export const ownName = 'the rule itself';

/** A setting of a rule, its own or a case's. What a case does not say is as the rule says it. */
export type ToldSetting = {
  /** `ownName`, "case 2", "fence g40-night", "tier from 10 %". */
  readonly name: string;
  /** In words; '': always and everywhere. */
  readonly when: string;
  readonly isOff: boolean;
  /** Absent: as the speed tier or the fence has it. */
  readonly level?: Level;
  readonly tier?: Tier;
  readonly thresholds: readonly ToldThreshold[];
};

export type ToldRule = {
  readonly rule: RuleId;
  readonly term: string;
  readonly condition: string;
  readonly source: string;
  /** Why it is off for the class, or here and now; absent: it applies. */
  readonly offBecause?: string;
  /** Of a class: the rule's own and then its cases, the last that holds wins. At a place: what applies there and then. */
  readonly settings: readonly ToldSetting[];
  /** How long it must hold and be away, where the policy has the rule. */
  readonly timing: readonly ToldThreshold[];
};

/** Of whom and where it is asked. */
export type Subject = {
  readonly policy: Policy;
  readonly rules: RuleSet;
  readonly class: VehicleClass;
  readonly view: PlaceView | undefined;
};

export function fencesOf({ fences }: Policy, vehicleClass: VehicleClass): Fence[] {
  return fences.filter(({ classes }) => classes.includes(vehicleClass));
}

export function timingOf({
  minDurationS,
  clearAfterS,
}: Pick<RuleSetting, 'minDurationS' | 'clearAfterS'>): ToldThreshold[] {
  return [
    { name: 'minDurationS', unit: 's', ...minDurationS },
    { name: 'clearAfterS', unit: 's', ...clearAfterS },
  ];
}
