import {
  catalogueRuleIds,
  fenceUses,
  ruleSpec,
  tiers,
  vehicleClasses,
  type CatalogueRuleId,
  type RuleSetting,
  type RuleSettings,
} from '@haulwatch/domain';
import { z } from 'zod';

/** Parts of a published policy, loose where a later version may add. */
export const thresholdSchema = z.object({ value: z.number(), source: z.string() });
export const levelSchema = z.literal([1, 2, 3, 4]);
export const tierSchema = z.enum(tiers);
export const scheduleSchema = z.array(
  z.object({ days: z.array(z.number()), fromMinute: z.number(), toMinute: z.number() }),
);
export const usesSchema = z.array(z.enum(fenceUses));

const conditionSchema = z.object({
  classes: z.array(z.enum(vehicleClasses)).exactOptional(),
  hours: scheduleSchema.exactOptional(),
  within: usesSchema.exactOptional(),
  outside: usesSchema.exactOptional(),
  fences: z.array(z.string()).exactOptional(),
  subjects: z.array(z.string()).exactOptional(),
  eventLevel: z.literal([1, 2]).exactOptional(),
});

/** Of the three rules that are always on. */
export const firstCasesSchema = z.array(
  z.object({
    when: conditionSchema,
    off: z.boolean().exactOptional(),
    level: levelSchema.exactOptional(),
    tier: tierSchema.exactOptional(),
  }),
);
export const sosCasesSchema = z.array(
  z.object({
    when: conditionSchema.pick({ classes: true, hours: true }),
    level: levelSchema.exactOptional(),
    tier: tierSchema.exactOptional(),
  }),
);

function settingSchema(id: CatalogueRuleId): z.ZodType<RuleSetting> {
  const numbers = Object.keys(ruleSpec(id).thresholds).map((name) => [name, thresholdSchema] as const);
  const thresholds = z.object(Object.fromEntries(numbers));
  return z.object({
    when: conditionSchema,
    off: z.boolean().exactOptional(),
    level: levelSchema,
    tier: tierSchema,
    minDurationS: thresholdSchema,
    clearAfterS: thresholdSchema,
    thresholds,
    cases: z.array(
      z.object({
        when: conditionSchema,
        off: z.boolean().exactOptional(),
        level: levelSchema.exactOptional(),
        tier: tierSchema.exactOptional(),
        thresholds: thresholds.partial().exactOptional(),
      }),
    ),
  });
}

/** The settings of the rules that this version knows; those of a later one are left out. */
export const ruleSettingsSchema = z.object(
  Object.fromEntries(catalogueRuleIds.map((id) => [id, settingSchema(id).optional()])),
) as unknown as z.ZodType<RuleSettings>;
