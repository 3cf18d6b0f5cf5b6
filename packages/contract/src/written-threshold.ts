import { tiers, type Threshold, type Tier } from '@haulwatch/domain';
import { z } from 'zod';

/** What a bare number says about its origin. */
export const sourceNotStated = 'not stated';

/** A threshold of a policy file: a number within limits, alone or with its source. */
export function threshold(number: z.ZodNumber) {
  return z
    .union([number, z.strictObject({ value: number, source: z.string().min(1) })], {
      error: 'expected a number, or { value, source }',
    })
    .transform((written): Threshold =>
      typeof written === 'number' ? { value: written, source: sourceNotStated } : written,
    );
}

/** Durations of rules: a day is longer than any that makes sense. */
export const seconds = z.number().min(0).max(86_400);
export const duration = threshold(seconds).meta({ id: 'Duration' });
export const kph = z.number().positive().max(200);
export const level = z.literal([1, 2, 3, 4]).meta({ id: 'Level' });
export const tier = z.enum(tiers).meta({ id: 'Tier' });
/** Of the emergency button: somebody must answer. */
export const emergencyTier = z
  .enum(['T2', 'T3'] as const satisfies readonly Tier[], {
    error: 'expected one of T2|T3: an emergency is never silenced',
  })
  .meta({ id: 'EmergencyTier' });

/** For checks of what belongs together: they are asked only of parts that are right. */
export const whenRight = {
  when: ({ issues }: { readonly issues: readonly unknown[] }): boolean => issues.length === 0,
};
