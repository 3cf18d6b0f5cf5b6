import { ruleIds, stormRuleIds, type StormRuleId, type StormSettings } from '@haulwatch/domain';
import { z } from 'zod';
import { suggestion } from './nearest.ts';
import { thresholdSchema } from './rule-record.ts';
import { seconds, threshold } from './written-threshold.ts';

/**
 * What a policy has that says nothing of storms. Power that is cut and terminals that are tampered with come to one vehicle at a time:
 * where many do at once, somebody may be doing it, so they are listed only by a policy that says so.
 */
export const stormDefaults: StormSettings & { readonly rules: StormRuleId[] } = {
  rules: stormRuleIds.filter((id) => id !== 'power-cut' && id !== 'tampering-suspected'),
  vehiclesMax: {
    value: 10,
    source: 'our choice: eleven calls about the same fault tell an operator that it is not the vehicles',
  },
  vehiclesPercent: {
    value: 1,
    source: 'our choice: of a large fleet so many have a fault of their own at any time that ten are no storm',
  },
  withinS: {
    value: 600,
    source: 'our choice: a network or a satellite signal that fails does so for all within minutes',
  },
};

/** Of a rule that storms do not know: which one may have been meant, or why it is none of theirs. */
function noStormRule(rule: unknown): string {
  const listed = `those that may be listed: ${stormRuleIds.join(', ')}`;
  if (typeof rule !== 'string') return `expected the id of a rule; ${listed}`;
  if (ruleIds.some((id) => id === rule)) {
    return `'${rule}' may not be listed: its alarms are no fault of network, satellites or terminals, many at once are many dangers; ${listed}`;
  }
  return `there is no rule '${rule}'; ${suggestion(rule, stormRuleIds) || listed}`;
}

/** Each rule once and in one order: the same rules are the same policy however they are written. */
export const stormsSchema = z
  .strictObject({
    rules: z
      .array(z.enum(stormRuleIds, { error: ({ input }) => noStormRule(input) }))
      .transform((written) => stormRuleIds.filter((id) => written.includes(id)))
      .default(stormDefaults.rules)
      .describe('Alarms that may be one fault of many vehicles; none: there are no storms'),
    // One vehicle is no storm, whatever the per cent.
    vehiclesMax: threshold(z.int().min(2).max(1_000_000)).default(stormDefaults.vehiclesMax),
    vehiclesPercent: threshold(z.number().min(0).max(100)).default(stormDefaults.vehiclesPercent),
    withinS: threshold(seconds.positive()).default(stormDefaults.withinS),
  })
  .default(stormDefaults);

export const stormsRecordSchema = z.object({
  rules: z.array(z.enum(stormRuleIds)),
  vehiclesMax: thresholdSchema,
  vehiclesPercent: thresholdSchema,
  withinS: thresholdSchema,
});
