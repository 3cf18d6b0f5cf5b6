import {
  catalogueRuleIds,
  fenceUses,
  peripherals,
  ruleSpec,
  vehicleClasses,
  type CatalogueRuleId,
  type FirstRuleCase,
  type RuleCase,
  type RuleCondition,
  type RuleSetting,
  type RuleSpec,
  type Threshold,
} from '@haulwatch/domain';
import { z } from 'zod';
import type { Problem } from './problem.ts';
import { scheduleSchema } from './schedule-schema.ts';
import { duration, emergencyTier, level, threshold, tier } from './written-threshold.ts';

/** Cases of one rule: more cannot be read, and each is asked at each fix. */
const casesMax = 32;

/** A list that is given names something: an empty one would mean nobody or everybody. */
const uses = z.array(z.enum(fenceUses)).min(1);

/** When and for whom. */
const conditions = {
  classes: z
    .array(z.enum(vehicleClasses))
    .min(1)
    .meta({ id: 'RuleClasses', description: 'Whose vehicles; absent: all' }),
  hours: scheduleSchema.min(1).meta({ id: 'RuleHours', description: 'Local times; absent: always' }),
  within: uses.meta({ id: 'RuleWithin', description: 'In a place of one of these uses' }),
  outside: uses.meta({ id: 'RuleOutside', description: 'Outside of all places of these uses' }),
  fences: z.array(z.string().min(1)).min(1).meta({ id: 'RuleFences', description: 'In one of these fences' }),
};

const conditionShape = {
  classes: conditions.classes.exactOptional(),
  hours: conditions.hours.exactOptional(),
  within: conditions.within.exactOptional(),
  outside: conditions.outside.exactOptional(),
  fences: conditions.fences.exactOptional(),
};

/** Whose reports the rules by kind take; that of faults names its kinds by words. */
const peripheralOf: Partial<Record<CatalogueRuleId, number>> = {
  adas: peripherals.adas,
  dsm: peripherals.dsm,
  tpms: peripherals.tpms,
  bsd: peripherals.bsd,
  'terminal-manner': peripherals.manner,
};

/** Of rules by kind. A code of another peripheral would be a condition that is never met. */
function kindShape(id: CatalogueRuleId) {
  const hex = peripheralOf[id]?.toString(16);
  const subject =
    hex === undefined
      ? z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected the name of a fault such as camera-fault')
      : z.string().regex(new RegExp(`^${hex}[0-9a-f]{2}$`), `expected the code of a report, '${hex}01' to '${hex}ff'`);
  return {
    subjects: z.array(subject).min(1).exactOptional().describe("Kinds of the terminal's report"),
    eventLevel: z.literal([1, 2]).exactOptional().describe("The terminal's own level, 2 the more serious"),
  };
}

const conditionKeys = [...Object.keys(conditionShape), 'subjects', 'eventLevel'];

/** What a rule's or a case's schema gives, whichever the rule: told flat, as people write it. */
type Flat = Readonly<Record<string, unknown>>;

/** One rule of the catalogue as a file writes it; what comes out is the domain's form. */
function ruleSchema(id: CatalogueRuleId) {
  const spec = ruleSpec(id);
  const shape = { ...conditionShape, ...(spec.per === 'kind' && kindShape(id)) };
  const numbers = Object.entries(spec.thresholds).map(
    ([name, { about, unit, min, max }]) =>
      [name, threshold(z.number().min(min).max(max)).describe(`${about}, ${unit}`)] as const,
  );
  const caseSchema = z
    .strictObject({
      ...shape,
      off: z.boolean().exactOptional().describe('The rule does not apply here'),
      level: level.exactOptional(),
      tier: tier.exactOptional(),
      ...Object.fromEntries(numbers.map(([name, number]) => [name, number.exactOptional()])),
    })
    .transform((written) => caseOf(written, spec));
  return z
    .strictObject({
      ...shape,
      off: z.boolean().exactOptional().describe('Only its cases switch it on'),
      level,
      tier,
      minDurationS: duration.default(durationDefaults.minDurationS),
      clearAfterS: duration.default(durationDefaults.clearAfterS),
      ...Object.fromEntries(numbers),
      cases: z.array(caseSchema).max(casesMax).default([]),
    })
    .transform((written, context) => {
      const setting = settingOf(written, spec);
      // A key that is not known says enough: what it should have been is not asked.
      const problems = [...caseProblems(setting, spec), ...rangeProblems(setting)];
      for (const { path, message } of context.issues.length > 0 ? [] : problems) {
        context.addIssue({ code: 'custom', path: [...path], message });
      }
      return setting;
    })
    .describe(`${spec.term}: ${spec.condition}. ${spec.source}`);
}

/** What a rule has that says nothing of its durations. */
const durationDefaults = {
  minDurationS: { value: 0, source: 'our choice: the condition is told as soon as it holds' },
  clearAfterS: {
    value: 60,
    source: 'our choice: as for overspeed, 交运发〔2016〕160号 考核表注② (several within 1 min count once)',
  },
};

function alwaysApplies(keys: readonly string[]): string {
  return `the case applies always: give it a condition (${keys.join(', ')}) or change the rule itself`;
}

/** Cases that do nothing, or more than they seem to. A rule that is off is switched on by a case that says no more. */
function caseProblems({ off = false, cases }: RuleSetting, { per, thresholds }: RuleSpec): Problem[] {
  const changeable = ['off', 'level', 'tier', ...Object.keys(thresholds)];
  const keys = per === 'kind' ? conditionKeys : Object.keys(conditionShape);
  const problems = cases.flatMap(({ when, ...changes }, index): Problem[] => {
    const path = ['cases', index];
    if (!off && Object.keys(changes).length === 0) return [{ path, message: changesNothing(changeable) }];
    return Object.keys(when).length === 0 ? [{ path, message: alwaysApplies(keys) }] : [];
  });
  if (!off || cases.some((one) => one.off !== true)) return problems;
  const message = 'no case switches the rule on: add a case with its conditions, or take the rule out';
  return [...problems, { path: ['off'], message }];
}

/** A lowest above the highest of the same name: the condition would hold whatever is measured. */
function rangeProblems({ thresholds, cases }: RuleSetting): Problem[] {
  const own: Changed = { path: [], changed: thresholds };
  const changes = cases.map(({ thresholds: changed = {} }, index): Changed => ({ path: ['cases', index], changed }));
  return [own, ...changes].flatMap(({ path, changed }) => {
    const all: Numbers = { ...thresholds, ...changed };
    return Object.keys(all).flatMap((min): Problem[] => {
      const max = min.replace(/^min/, 'max');
      const [low, high] = [all[min], all[max]];
      if (low === undefined || high === undefined || low.value <= high.value) return [];
      if (changed[min] === undefined && changed[max] === undefined) return [];
      const [key, word, other] = changed[min] === undefined ? [max, 'below', min] : [min, 'above', max];
      return [{ path: [...path, key], message: `must not be ${word} ${other}, ${all[other]!.value}` }];
    });
  });
}

type Numbers = Readonly<Record<string, Threshold | undefined>>;
/** Numbers that are set together, and where. */
type Changed = { readonly path: readonly (string | number)[]; readonly changed: Numbers };

function changesNothing(names: readonly string[]): string {
  return `the case changes nothing: give it one of ${names.join(', ')}`;
}

function settingOf(written: Flat, spec: RuleSpec): RuleSetting {
  const { level: ruleLevel, tier: ruleTier, minDurationS, clearAfterS, cases } = written as RuleSetting & Flat;
  return {
    when: picked(written, conditionKeys),
    ...picked(written, ['off']),
    level: ruleLevel,
    tier: ruleTier,
    minDurationS,
    clearAfterS,
    thresholds: picked(written, Object.keys(spec.thresholds)),
    cases,
  };
}

function caseOf(written: Flat, spec: RuleSpec): RuleCase {
  const thresholds = picked(written, Object.keys(spec.thresholds));
  return {
    when: picked(written, conditionKeys) satisfies RuleCondition,
    ...picked(written, ['off', 'level', 'tier']),
    ...(Object.keys(thresholds).length > 0 && { thresholds }),
  };
}

/** The keys that are there, in this order. */
function picked(written: Flat, keys: readonly string[]): Flat {
  return Object.fromEntries(keys.filter((key) => key in written).map((key) => [key, written[key]]));
}

const emergency = 'an emergency is never silenced: give the case a level or tier';
const placeless = 'the button is heard where no place is known: give the case classes or hours';

/** Cases of the three rules that are always on and have a shape of their own. */
export const firstCasesSchema = firstCases(
  z.strictObject({
    ...conditionShape,
    off: z.boolean().exactOptional().describe('The rule does not apply here'),
    level: level.exactOptional(),
    tier: tier.exactOptional(),
  }),
  { keys: Object.keys(conditionShape), changes: ['off', 'level', 'tier'] },
);

/** The same of the emergency button. */
export const sosCasesSchema = firstCases(
  z.strictObject({
    classes: conditionShape.classes,
    hours: conditionShape.hours,
    within: z.never({ error: placeless }).exactOptional(),
    outside: z.never({ error: placeless }).exactOptional(),
    fences: z.never({ error: placeless }).exactOptional(),
    off: z.never({ error: emergency }).exactOptional(),
    level: level.exactOptional(),
    tier: emergencyTier.exactOptional(),
  }),
  { keys: ['classes', 'hours'], changes: ['level', 'tier'] },
);

function firstCases(
  schema: z.ZodType<Flat>,
  told: { readonly keys: readonly string[]; readonly changes: readonly string[] },
) {
  const one = schema.transform((written, context): FirstRuleCase => {
    const when = picked(written, told.keys);
    const changed = picked(written, told.changes);
    const problems = [
      ...(Object.keys(changed).length === 0 ? [changesNothing(told.changes)] : []),
      ...(Object.keys(when).length === 0 ? [alwaysApplies(told.keys)] : []),
    ];
    const isTold = context.issues.length > 0;
    for (const message of isTold ? [] : problems.slice(0, 1)) context.addIssue({ code: 'custom', message });
    return { when, ...changed };
  });
  return z.array(one).max(casesMax).describe('What is different for whom, when and where; the last that applies wins');
}

type RuleSchema = ReturnType<typeof ruleSchema>;

/** `rules.<id>` for every id of the catalogue; a rule that is not there is off. */
export const ruleShape = Object.fromEntries(
  catalogueRuleIds.map((id) => [id, ruleSchema(id).exactOptional()]),
) as Record<CatalogueRuleId, z.ZodExactOptional<RuleSchema>>;
