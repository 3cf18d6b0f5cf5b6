import { tiers, vehicleClasses, type Fence, type Policy, type Threshold } from '@haulwatch/domain';
import { z } from 'zod';
import { fenceProblem, fencesOf, type FenceGrowth } from './fence-file.ts';
import { fenceCollectionSchema } from './fence-schema.ts';
import { firstProblems, problemsOf, valueAt, type Problem } from './problem.ts';

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

/** All of a policy but what its fences with a `bufferM` grow by: they are in it as they were drawn. */
export type PreparedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly growths: readonly FenceGrowth[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The policy of a file's value under a version and what is still to be grown of it, or all that is wrong with it. */
export function preparePolicy(value: unknown, version: number): PreparedPolicy {
  const parsed = policyFileSchema.safeParse(value);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, value).map(namingFence(value)) };
  const { data } = parsed;
  const fences = fencesOf(data.fences ?? { type: 'FeatureCollection', features: [] });
  if (!fences.ok) return { ok: false, problems: firstProblems(fences.problems) };
  return { ok: true, policy: policyOf(data, version, fences.fences), growths: fences.growths };
}

/** The same for a file in which nothing is to be grown; where something is, publishing takes the time for it. */
export function parsePolicy(value: unknown, version: number): ParsedPolicy {
  const prepared = preparePolicy(value, version);
  if (!prepared.ok || prepared.growths.length === 0) return prepared;
  const message = 'bufferM is worked out when a policy is published, not here';
  const problems = prepared.growths.map(({ index, fenceId }) =>
    fenceProblem(index, fenceId, ['properties', 'bufferM'], message),
  );
  return { ok: false, problems };
}

/** Says whose problem it is: a path alone is hard to find among thousands of fences. */
function namingFence(value: unknown): (problem: Problem) => Problem {
  return (problem) => {
    const [key, list, index, ...path] = problem.path;
    if (key !== 'fences' || list !== 'features' || typeof index !== 'number') return problem;
    const id = valueAt(value, [key, list, index, 'id']);
    if (typeof id !== 'string' && typeof id !== 'number') return problem;
    // Below `geometry.coordinates` lie as many lists as the type has: of polygons, of rings, then of vertices.
    const type = valueAt(value, [key, list, index, 'geometry', 'type']);
    const depth = { LineString: 2, Polygon: 3, MultiPolygon: 4 }[String(type)];
    const vertex = path[1] === 'coordinates' && depth !== undefined ? path[depth] : undefined;
    const which = vertex === undefined ? `fence '${id}'` : `fence '${id}', vertex ${vertex}`;
    return { path: problem.path, message: `${which}: ${problem.message}` };
  };
}

function policyOf(file: z.output<typeof policyFileSchema>, version: number, fences: readonly Fence[]): Policy {
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
    fences,
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
