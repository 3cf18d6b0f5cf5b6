import { ruleIds, toE7, type RuleId, type RuleSetting, type VehicleClass } from '@haulwatch/domain';
import {
  applies,
  classCode,
  derivePlace,
  newFacts,
  useBit,
  type ActiveRule,
  type Facts,
  type RuleSet,
  type Situation,
} from '@haulwatch/rules';
import { scheduleWords } from './explain-words.ts';

export type PlaceAndTime = { readonly atMs: number; readonly lonDeg: number; readonly latDeg: number };

/** What the engine would know of a vehicle of a class here and now, by its own index and its own derivation. */
export type PlaceView = {
  readonly asked: PlaceAndTime;
  readonly facts: Facts;
  readonly situation: Situation;
  /** Numbers of the fences that hold the place, those of other classes and other hours too. */
  readonly fences: readonly number[];
};

export function viewPlace(rules: RuleSet, vehicleClass: VehicleClass, asked: PlaceAndTime): PlaceView {
  // No more fences than there are can hold a point.
  const hits = new Int32Array(Math.max(1, rules.fences.length));
  const facts = newFacts(rules, hits, new Float64Array(0));
  facts.classCode = classCode(vehicleClass);
  facts.atMs = asked.atMs;
  facts.minuteOfWeek = rules.localTime.minuteOfWeek(asked.atMs);
  facts.fenceCount = rules.fenceIndex.fencesAt(toE7(asked.lonDeg), toE7(asked.latDeg), hits);
  derivePlace(facts);
  const { placeMask, minuteOfWeek } = facts;
  const situation = { placeMask, minuteOfWeek, subject: '', eventLevel: 0 };
  return { asked, facts, situation, fences: [...hits.subarray(0, facts.fenceCount)] };
}

/** The compiled rule of a class; undefined: no setting of the policy switches it on for it. */
export function activeRule(rules: RuleSet, vehicleClass: VehicleClass, id: RuleId): ActiveRule | undefined {
  const { vehicle, kinds, enter, exit, dwell } = rules.classRules[classCode(vehicleClass)]!;
  const number = ruleIds.indexOf(id);
  return [...vehicle, ...kinds, enter, exit, dwell].find((active) => active?.number === number);
}

/** The variant whose setting `settingOf` gives: 0 is the rule's own, the others are its cases; -1: none applies. */
export function variantAt(active: ActiveRule, situation: Situation): number {
  return active.variants.findLastIndex(({ conditions }) => conditions.every((one) => applies(one, situation)));
}

/**
 * Of a rule by kind, which of its variants some report could meet here and now, in their order: what the terminal will report
 * nobody knows before. Those before one that takes every report can never win and are left out.
 */
export function variantsForReports(active: ActiveRule, situation: Situation): readonly number[] {
  const met: number[] = [];
  for (const [index, { conditions }] of active.variants.entries()) {
    const lists = conditions.flatMap(({ subjects }) => (subjects === undefined ? [] : [[...subjects]]));
    const level = conditions.findLast(({ eventLevel }) => eventLevel !== 0)?.eventLevel ?? 0;
    const isMet = (lists.at(-1) ?? ['']).some((subject) =>
      conditions.every((one) => applies(one, { ...situation, subject, eventLevel: level })),
    );
    if (!isMet) continue;
    if (lists.length === 0 && level === 0) met.length = 0;
    met.push(index);
  }
  return met;
}

/** Why the rule's own conditions are not met here and now, in words. */
export function unmetWords(active: ActiveRule, { when }: RuleSetting, { situation }: PlaceView): string {
  const { schedule, within, fences } = active.variants[0]!.conditions[0]!;
  const nothing = { schedule: undefined, within: 0, outside: 0, fences: 0, subjects: undefined, eventLevel: 0 };
  const isMet = (part: Partial<CompiledCondition>): boolean => applies({ ...nothing, ...part }, situation);
  const heldUses = (when.outside ?? []).filter((use) => (situation.placeMask & useBit(use)) !== 0);
  return [
    ...(isMet({ schedule }) ? [] : [`it is not the time: ${scheduleWords(when.hours ?? [])}`]),
    ...(isMet({ within }) ? [] : [`the place is for none of ${(when.within ?? []).join(', ')}`]),
    ...(heldUses.length === 0 ? [] : [`the place is for ${heldUses.join(', ')}`]),
    ...(isMet({ fences }) ? [] : [`the place is in none of the fences ${(when.fences ?? []).join(', ')}`]),
  ].join('; ');
}

type CompiledCondition = Parameters<typeof applies>[0];
