import { tiers, vehicleClasses, type Policy, type Threshold } from '@haulwatch/domain';
import { z } from 'zod';
import { fenceCollectionSchema, fencesOf } from './fence-file.ts';
import { problemsOf, type Problem } from './problem.ts';

/** What a bare number says about its origin. */
const sourceNotStated = 'not stated';

/** A threshold of a policy file: a number within limits, alone or with its source. */
function threshold(number: z.ZodNumber) {
  return z.union([number, z.strictObject({ value: number, source: z.string().min(1) })], {
    error: 'expected a number, or { value, source }',
  });
}

/** Durations of rules: a day is longer than any that makes sense. */
const seconds = z.number().min(0).max(86_400);
const kph = z.number().positive().max(200);
const level = z.literal([1, 2, 3, 4]);
const tier = z.enum(tiers);

const tierListSchema = z
  .array(
    z.strictObject({
      excessPercent: z.number().min(0),
      level,
      tier,
      source: z.string().min(1).optional(),
    }),
  )
  .min(1)
  .superRefine((list, context) => {
    for (const [index, { excessPercent }] of list.entries()) {
      const before = list[index - 1]?.excessPercent;
      const path = [index, 'excessPercent'];
      if (before === undefined && excessPercent !== 0) {
        context.addIssue({
          code: 'custom',
          path,
          message: 'the first tier must begin at 0, or small excesses have none',
        });
      }
      if (before !== undefined && excessPercent <= before) {
        context.addIssue({
          code: 'custom',
          path,
          message: `tiers must ascend: ${excessPercent} does not follow ${before}`,
        });
      }
    }
  });

/** The schema of a policy file, after YAML or JSON has been parsed. Strict: a key that is not known is a mistake. */
export const policyFileSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    timeZone: z.string().refine(isTimeZone, { error: 'is not an IANA time zone such as Asia/Shanghai' }),
    unknownVehicles: z.enum(['reject', ...vehicleClasses]).describe('What happens to a vehicle that nobody registered'),
    time: z.strictObject({
      clockAheadMaxS: threshold(seconds),
      reorderMaxS: threshold(seconds),
      gapMaxS: threshold(seconds.positive()),
      lateLaneIdleS: threshold(seconds.positive()),
    }),
    rules: z.strictObject({
      overspeed: z.strictObject({
        limitsKph: z.strictObject({
          coach: threshold(kph),
          hazmat: threshold(kph),
          earthwork: threshold(kph),
          mixer: threshold(kph),
          heavy: threshold(kph),
        }),
        minDurationS: threshold(seconds),
        clearBelowKph: threshold(z.number().min(0).max(50)),
        clearAfterS: threshold(seconds),
        plausibleMaxKph: threshold(z.number().positive().max(1_000)),
        tiers: tierListSchema,
      }),
      'prohibited-zone': z.strictObject({
        minDurationS: threshold(seconds),
        clearAfterS: threshold(seconds),
        level,
        tier,
      }),
      sos: z.strictObject({ clearAfterS: threshold(seconds), level, tier }),
    }),
    fences: fenceCollectionSchema.optional(),
  })
  .meta({ id: 'PolicyFile', description: 'A rule set with its fences, as people write it' });

export type PolicyFile = z.input<typeof policyFileSchema>;

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The policy of a file's value under a version, or all that is wrong with it. */
export function parsePolicy(value: unknown, version: number): ParsedPolicy {
  const parsed = policyFileSchema.safeParse(value);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, value) };
  return { ok: true, policy: policyOf(parsed.data, version) };
}

function policyOf(file: z.output<typeof policyFileSchema>, version: number): Policy {
  const { overspeed, sos } = file.rules;
  const zone = file.rules['prohibited-zone'];
  return {
    name: file.name,
    version,
    timeZone: file.timeZone,
    unknownVehicles: file.unknownVehicles,
    time: {
      clockAheadMaxS: thresholdOf(file.time.clockAheadMaxS),
      reorderMaxS: thresholdOf(file.time.reorderMaxS),
      gapMaxS: thresholdOf(file.time.gapMaxS),
      lateLaneIdleS: thresholdOf(file.time.lateLaneIdleS),
    },
    overspeed: {
      limitsKph: {
        coach: thresholdOf(overspeed.limitsKph.coach),
        hazmat: thresholdOf(overspeed.limitsKph.hazmat),
        earthwork: thresholdOf(overspeed.limitsKph.earthwork),
        mixer: thresholdOf(overspeed.limitsKph.mixer),
        heavy: thresholdOf(overspeed.limitsKph.heavy),
      },
      minDurationS: thresholdOf(overspeed.minDurationS),
      clearBelowKph: thresholdOf(overspeed.clearBelowKph),
      clearAfterS: thresholdOf(overspeed.clearAfterS),
      plausibleMaxKph: thresholdOf(overspeed.plausibleMaxKph),
      tiers: overspeed.tiers.map((one) => ({ ...one, source: one.source ?? sourceNotStated })),
    },
    prohibitedZone: {
      minDurationS: thresholdOf(zone.minDurationS),
      clearAfterS: thresholdOf(zone.clearAfterS),
      level: zone.level,
      tier: zone.tier,
    },
    sos: { clearAfterS: thresholdOf(sos.clearAfterS), level: sos.level, tier: sos.tier },
    fences: file.fences === undefined ? [] : fencesOf(file.fences),
  };
}

function thresholdOf(written: number | Threshold): Threshold {
  return typeof written === 'number' ? { value: written, source: sourceNotStated } : written;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // A RangeError is how Intl says that it does not know the zone.
    return false;
  }
}
