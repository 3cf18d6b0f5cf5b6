import { vehicleClasses, type Fence, type Policy, type RuleSettings } from '@haulwatch/domain';
import { z } from 'zod';
import { fenceProblem, fencesOf, type FenceGrowth } from './fence-file.ts';
import { fenceCollectionSchema } from './fence-schema.ts';
import { flappingSchema, floodSchema, lateSettleDefault, motionSchema } from './motion-schema.ts';
import { namingKeys } from './nearest.ts';
import { firstProblems, problemsOf, valueAt, type Problem } from './problem.ts';
import { ruleProblems } from './rule-problems.ts';
import { firstCasesSchema, ruleShape, sosCasesSchema } from './rule-schema.ts';
import { stormsSchema } from './storm-schema.ts';
import { vendorsSchema } from './vendor-schema.ts';
import {
  duration,
  emergencyTier,
  kph,
  level,
  seconds,
  sourceNotStated,
  threshold,
  tier,
  whenRight,
} from './written-threshold.ts';

const tierListSchema = z
  .array(
    z.strictObject({
      excessPercent: z.number().min(0),
      level,
      tier,
      source: z.string().min(1).default(sourceNotStated),
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

const percent = threshold(z.number().min(1).max(100));
const nightPercentSchema = z
  .strictObject(Object.fromEntries(vehicleClasses.map((name) => [name, percent.exactOptional()])) as PercentByClass)
  .describe('Per cent of the limit that applies which may be driven at night (motion.night); absent: all of it');
type PercentByClass = Record<(typeof vehicleClasses)[number], z.ZodExactOptional<typeof percent>>;

const overspeedSchema = z
  .strictObject({
    limitsKph: z.strictObject({
      coach: threshold(kph),
      hazmat: threshold(kph),
      earthwork: threshold(kph),
      mixer: threshold(kph),
      heavy: threshold(kph),
    }),
    nightPercent: nightPercentSchema.exactOptional(),
    minDurationS: duration,
    clearBelowKph: threshold(z.number().min(0).max(50)),
    clearAfterS: duration,
    plausibleMaxKph: threshold(z.number().positive().max(1_000)),
    tiers: tierListSchema,
    cases: firstCasesSchema.exactOptional(),
  })
  .refine(
    ({ limitsKph, plausibleMaxKph }) => Object.values(limitsKph).every((limit) => limit.value < plausibleMaxKph.value),
    {
      ...whenRight,
      path: ['plausibleMaxKph'],
      error: 'must be above each of limitsKph: what is faster is taken for drift',
    },
  );

/** The schema of a policy file, after YAML or JSON has been parsed. Strict: a key that is not known is a mistake. */
export const policyFileSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    timeZone: z.string().refine(isTimeZone, { error: 'is not an IANA time zone such as Asia/Shanghai' }),
    unknownVehicles: z.enum(['reject', ...vehicleClasses]).describe('What happens to a vehicle that nobody registered'),
    time: z.strictObject({
      clockAheadMaxS: duration,
      reorderMaxS: duration,
      gapMaxS: threshold(seconds.positive()),
      lateSettleS: duration.default(lateSettleDefault),
      lateLaneIdleS: threshold(seconds.positive()),
    }),
    motion: motionSchema,
    rules: z.strictObject({
      overspeed: overspeedSchema,
      'prohibited-zone': z.strictObject({
        minDurationS: duration,
        clearAfterS: duration,
        level,
        tier,
        cases: firstCasesSchema.exactOptional(),
      }),
      sos: z.strictObject({
        clearAfterS: duration,
        level,
        tier: emergencyTier,
        cases: sosCasesSchema.exactOptional(),
      }),
      ...ruleShape,
    }),
    flapping: flappingSchema,
    flood: floodSchema,
    storms: stormsSchema,
    vendors: vendorsSchema.exactOptional(),
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
  const parsed = policyFileSchema.safeParse(value, namingKeys);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, value).map(namingFence(value)) };
  const { data } = parsed;
  const fences = fencesOf(data.fences ?? { type: 'FeatureCollection', features: [] });
  if (!fences.ok) return { ok: false, problems: firstProblems(fences.problems) };
  const policy = policyOf(data, version, fences.fences);
  const problems = ruleProblems(policy);
  return problems.length > 0
    ? { ok: false, problems: firstProblems(problems) }
    : { ok: true, policy, growths: fences.growths };
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
  const { overspeed, sos, 'prohibited-zone': prohibitedZone, ...rules } = file.rules;
  return {
    name: file.name,
    version,
    timeZone: file.timeZone,
    unknownVehicles: file.unknownVehicles,
    time: file.time,
    overspeed,
    prohibitedZone,
    motion: file.motion,
    rules: rules as RuleSettings,
    flapping: file.flapping,
    flood: file.flood,
    storms: file.storms,
    sos,
    ...(file.vendors !== undefined && { vendors: file.vendors }),
    fences,
  };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    // A RangeError is how Intl says that it does not know the zone.
    return false;
  }
}
