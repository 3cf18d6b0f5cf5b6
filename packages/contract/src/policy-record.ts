import { tiers, vehicleClasses, type Fence, type Policy, type Reject, type Tier } from '@haulwatch/domain';
import { z } from 'zod';
import { flappingDefaults, floodDefaults, lateSettleDefault, motionDefaults } from './motion-schema.ts';
import { problemsOf, problemText } from './problem.ts';
import {
  firstCasesSchema,
  levelSchema,
  ruleSettingsSchema,
  scheduleSchema,
  sosCasesSchema,
  thresholdSchema,
  tierSchema,
  usesSchema,
} from './rule-record.ts';
import { stormDefaults, stormsRecordSchema } from './storm-schema.ts';
import { vendorMappingSchema } from './vendor-record.ts';

/** What this package needs of the Encoding standard. It is pure, but the compiler's library keeps it with the DOM. */
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: boolean },
) => { decode(bytes: Uint8Array): string };

const positionSchema = z.tuple([z.number(), z.number()]);

const fenceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    shape: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('circle'), centre: positionSchema, radiusM: z.number() }),
      z.object({
        kind: z.literal('corridor'),
        line: z.array(positionSchema).min(2),
        halfWidthM: z.number().positive(),
      }),
      z.object({
        kind: z.literal('polygons'),
        polygons: z.array(z.array(z.array(positionSchema))),
      }),
    ]),
    prohibited: z.boolean(),
    limitKph: z.number().exactOptional(),
    uses: usesSchema.exactOptional(),
    crowdMax: z.number().exactOptional(),
    dwellMaxS: z.number().exactOptional(),
    classes: z.array(z.enum(vehicleClasses)),
    schedule: scheduleSchema,
    level: levelSchema.exactOptional(),
    tier: tierSchema.exactOptional(),
  })
  .meta({ id: 'Fence' }) satisfies z.ZodType<Fence>;

/**
 * The wire form of the topic `policies`: the JSON of the domain's `Policy`, coordinates already WGS-84. Loose where a
 * later version may add: what is read here has been checked strictly when it was published. What an earlier version did
 * not write yet has the defaults of files.
 */
export const policySchema: z.ZodType<Policy> = z
  .object({
    name: z.string(),
    version: z.int().positive(),
    timeZone: z.string(),
    unknownVehicles: z.enum(['reject', ...vehicleClasses]),
    time: z.object({
      clockAheadMaxS: thresholdSchema,
      reorderMaxS: thresholdSchema,
      gapMaxS: thresholdSchema,
      lateSettleS: thresholdSchema.default(lateSettleDefault),
      lateLaneIdleS: thresholdSchema,
    }),
    overspeed: z.object({
      limitsKph: z.record(z.enum(vehicleClasses), thresholdSchema),
      nightPercent: z.partialRecord(z.enum(vehicleClasses), thresholdSchema).exactOptional(),
      minDurationS: thresholdSchema,
      clearBelowKph: thresholdSchema,
      clearAfterS: thresholdSchema,
      plausibleMaxKph: thresholdSchema,
      tiers: z.array(
        z.object({
          excessPercent: z.number(),
          level: levelSchema,
          tier: tierSchema,
          source: z.string(),
        }),
      ),
      cases: firstCasesSchema.exactOptional(),
    }),
    prohibitedZone: z.object({
      minDurationS: thresholdSchema,
      clearAfterS: thresholdSchema,
      level: levelSchema,
      tier: tierSchema,
      cases: firstCasesSchema.exactOptional(),
    }),
    motion: z
      .object({
        movingFromKph: thresholdSchema,
        stoppedToKph: thresholdSchema,
        restMinS: thresholdSchema,
        accuracyMaxM: thresholdSchema,
        fenceConfirmS: thresholdSchema,
        night: z.object({ fromMinute: z.number(), toMinute: z.number(), source: z.string() }),
      })
      .default(motionDefaults),
    rules: ruleSettingsSchema.default({}),
    flapping: z.object({ raisedMax: thresholdSchema, withinS: thresholdSchema }).default(flappingDefaults),
    flood: z.object({ toldMax: thresholdSchema, withinS: thresholdSchema }).default(floodDefaults),
    storms: stormsRecordSchema.default(stormDefaults),
    sos: z.object({
      clearAfterS: thresholdSchema,
      level: levelSchema,
      tier: tierSchema,
      cases: sosCasesSchema.exactOptional(),
    }),
    vendors: vendorMappingSchema.exactOptional(),
    fences: z.array(fenceSchema),
  })
  .meta({
    id: 'Policy',
    description: 'A published rule set: immutable under its version',
  });

export function encodePolicy(policy: Policy): string {
  return JSON.stringify(policy);
}

/**
 * A record of `policies`, checked. Bad data is a value: the reader counts it and goes on with what stands.
 *
 * @param onAmended is told what of the record is not obeyed.
 */
export function decodePolicy(bytesOrText: Uint8Array | string, onAmended?: (detail: string) => void): Policy | Reject {
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytesOrText));
  } catch (error) {
    return { reason: 'json-broken', detail: String(error) };
  }
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return withEmergencyHeard(parsed.data, onAmended);
  const [first] = problemsOf(parsed.error, value);
  return { reason: 'field-type', detail: first === undefined ? 'not as expected' : problemText(first) };
}

/**
 * Files that silence the emergency button are refused, but some were published before that was so. Somebody must answer all the same:
 * a lower tier is taken for the lowest under which somebody does.
 */
function withEmergencyHeard(policy: Policy, onAmended?: (detail: string) => void): Policy {
  const { sos } = policy;
  const lowest: Tier = 'T2';
  const isSilent = (tier: Tier | undefined): boolean =>
    tier !== undefined && tiers.indexOf(tier) < tiers.indexOf(lowest);
  const told = [sos.tier, ...(sos.cases ?? []).map(({ tier }) => tier)].filter(isSilent);
  if (told.length === 0) return policy;
  onAmended?.(`policy v${policy.version}: sos has tier ${told.join(', ')}, taken for ${lowest}; publish it anew`);
  const heard = <T extends { readonly tier?: Tier }>(one: T): T =>
    isSilent(one.tier) ? { ...one, tier: lowest } : one;
  const cases = sos.cases === undefined ? {} : { cases: sos.cases.map(heard) };
  return { ...policy, sos: { ...heard(sos), ...cases } };
}

function textOf(bytesOrText: Uint8Array | string): string {
  return typeof bytesOrText === 'string' ? bytesOrText : new TextDecoder('utf-8', { fatal: true }).decode(bytesOrText);
}

/** Whether two policies say the same under whatever versions: then there is nothing to publish. */
export function samePolicy(a: Policy, b: Policy): boolean {
  return JSON.stringify({ ...a, version: 0 }) === JSON.stringify({ ...b, version: 0 });
}

/**
 * The record key of a policy in `policies`. Version and content: were two people to publish at the same moment, both
 * would write the same version; under one key compaction would keep the later record, which is not the one in force.
 */
export function policyKey(policy: Policy): string {
  return `${policy.version}-${fnv1a(encodePolicy(policy)).toString(16).padStart(8, '0')}`;
}

/** FNV-1a, 32 bits, over UTF-16 code units: tells contents apart, no more is asked of it. */
function fnv1a(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
