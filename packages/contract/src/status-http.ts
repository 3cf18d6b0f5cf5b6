import { z } from 'zod';
import { platformAlarmSchema } from './platform-alarm.ts';

const tallySchema = z.record(z.string(), z.number());

/** What became of the rows: `EngineCounters`, summed over the partitions. rows = fixes + duplicates + rejects. */
export const countersSchema = z
  .object({
    fixes: z.number(),
    late: z.number(),
    lateCut: z.number(),
    reordered: z.number(),
    derivedSpeeds: z.number(),
    duplicates: z.number(),
    rejects: tallySchema,
    rerouted: z.number(),
    alarmsRaised: z.number(),
    alarmsCleared: z.number(),
    alarmsByRule: tallySchema,
    suppressed: tallySchema,
  })
  .meta({ id: 'Counters', description: 'Totals of ingest up to its last commit' });

export const statusSchema = z
  .object({
    atMs: z.number(),
    ingest: z.object({
      counters: countersSchema,
      lagRecords: z.number().describe('Telemetry that has come in but is not committed yet'),
      partitions: z.array(
        z.object({
          partition: z.int(),
          committed: z.number().describe('The next offset to read; 0 where nothing is committed'),
          end: z.number(),
        }),
      ),
    }),
    alarmLog: z.object({
      end: z.number().describe('How many records were ever written'),
      livePosition: z.number().describe('The newest record in the live store; -1: none'),
      historyPosition: z.number().describe('The newest record in the history; -1: none'),
      liveLag: z.number(),
      historyLag: z.number(),
    }),
    openAlarms: z.object({ total: z.number(), byRule: tallySchema }),
    vehicles: z.int(),
    policyVersion: z.int().optional().describe('Absent: no policy has been published'),
    eventStreams: z.int(),
    platformAlarms: z.array(platformAlarmSchema),
    unreachable: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('Parts that do not answer (log, live, history), and why: their numbers are those that were known last'),
  })
  .meta({ id: 'Status' });

export type Status = z.output<typeof statusSchema>;

/**
 * /healthz: the process runs. /readyz: and each part of it can work; `parts` tells "ok" or why not. Degraded: those that it cannot do
 * without can.
 */
export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
export const readinessSchema = z
  .object({ status: z.enum(['ready', 'degraded', 'not-ready']), parts: z.record(z.string(), z.string()) })
  .meta({ id: 'Readiness' });

/** Metadata of ingest's commits, as far as the status reads it; packed counters leave out what is zero. */
export const commitCountersSchema = z.looseObject({
  v: z.literal(1),
  counters: countersSchema.partial(),
});
