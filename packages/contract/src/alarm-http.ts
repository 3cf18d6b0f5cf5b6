import {
  alarmStepKinds,
  ruleIds,
  suppressions,
  tiers,
  vehicleClasses,
  type Alarm,
  type AlarmStep,
} from '@haulwatch/domain';
import { z } from 'zod';
import { vehicleSchema } from './vehicle-schema.ts';

const causeSchema = z.object({ partition: z.int(), offset: z.int(), index: z.int() });

/** What a step and an alarm have in common; the units are in the names. */
const toldShape = {
  alarmId: z.string().describe('32 hexadecimal digits; the same after any replay'),
  seq: z.int().describe('Counts the steps of the alarm from 1'),
  rule: z.enum(ruleIds),
  vehicleId: z.string(),
  class: z.enum(vehicleClasses),
  company: z.string().exactOptional(),
  district: z.string().exactOptional(),
  plate: z.string().exactOptional(),
  fenceId: z.string().exactOptional(),
  fenceName: z.string().exactOptional(),
  subject: z.string().exactOptional().describe("Which of the terminal's reports, such as 6502"),
  subjectName: z.string().exactOptional(),
  level: z.literal([1, 2, 3, 4]),
  tier: z.enum(tiers),
  suppressedBy: z
    .enum(suppressions)
    .exactOptional()
    .describe(
      'Recorded and counted, but nobody is called: a graver alarm is open, it was told too often, too many vehicles tell the same at once (storm), or the vehicle tells too much at once (flood)',
    ),
  late: z.boolean().describe('Told after the fact: from a blind zone or out of order'),
  startedAtMs: z.number().describe('When the condition began'),
  raisedAtMs: z.number().describe('When the condition had held for its minimum duration'),
  endedAtMs: z.number().exactOptional(),
  clearReason: z.enum(['condition-over', 'gap', 'rule-withdrawn', 'late-lane-over']).exactOptional(),
  value: z.number().exactOptional().describe('Measured at this step; km/h for overspeed'),
  limit: z.number().exactOptional(),
  limitSource: z.string().exactOptional(),
  peak: z.number().exactOptional(),
  derived: z.boolean().exactOptional(),
  distanceM: z.number(),
  lonDeg: z.number().exactOptional(),
  latDeg: z.number().exactOptional(),
  explanation: z.string(),
  policyVersion: z.int(),
  cause: causeSchema,
  producedAtMs: z.number(),
};

export const alarmStepSchema = z
  .object({ v: z.literal(1), kind: z.enum(alarmStepKinds), ...toldShape, atMs: z.number() })
  .meta({
    id: 'AlarmStep',
    description: 'One step of an alarm, as it stands in the alarm log',
  }) satisfies z.ZodType<AlarmStep>;

export const alarmSchema = z
  .object({ ...toldShape, status: z.enum(['open', 'cleared']), updatedAtMs: z.number() })
  .meta({
    id: 'Alarm',
    description: 'An alarm as it stands after its newest step',
  }) satisfies z.ZodType<Alarm>;

/** Rows of a page: 50 fill a screen, 500 are half a megabyte of JSON. */
const alarmsPerPage = { usual: 50, max: 500 };

const momentMs = z.coerce.number().int().min(0).max(8.64e15);

/** The filters of `GET /v1/alarms`. Strict: a filter with a typing error must not answer with everything. */
export const alarmFilterSchema = z.strictObject({
  status: z.enum(['open', 'cleared']).optional(),
  rule: z.enum(ruleIds).optional(),
  vehicleId: z.string().min(1).max(64).optional().describe('An id or an alias'),
  company: z.string().min(1).max(200).optional(),
  district: z.string().min(1).max(200).optional(),
  class: z.enum(vehicleClasses).optional(),
  levelMin: z.coerce.number().int().min(1).max(4).optional(),
  late: z.enum(['true', 'false']).optional().describe('Only alarms told after the fact, or only those told at once'),
  fromMs: momentMs.optional().describe('startedAtMs at or after'),
  toMs: momentMs.optional().describe('startedAtMs before'),
  limit: z.coerce.number().int().min(1).max(alarmsPerPage.max).default(alarmsPerPage.usual),
  cursor: z.string().min(1).max(400).optional().describe('`next` of the page before; the filters stay the same'),
});

export const alarmPageSchema = z
  .object({
    alarms: z.array(alarmSchema),
    next: z.string().optional().describe('Ask with it as `cursor`; absent: the last page'),
  })
  .meta({ id: 'AlarmPage', description: 'Newest startedAtMs first' });

/** The query of `GET /v1/alarms/open`. */
export const openAlarmsQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(alarmsPerPage.max).default(alarmsPerPage.usual),
});

export const openAlarmsAnswerSchema = z
  .object({
    alarms: z.array(alarmSchema),
    complete: z.boolean().describe('False: there are more open alarms than these'),
  })
  .meta({
    id: 'OpenAlarms',
    description:
      'Newest startedAtMs first, as the event stream told them. Alarms told after the fact are left out, as in the stream; emergency buttons never are.',
  });

export const alarmIdSchema = z.strictObject({ id: z.string().min(1).max(64) });

export const alarmAnswerSchema = z
  .object({ alarm: alarmSchema, steps: z.array(alarmStepSchema) })
  .meta({ id: 'AlarmAnswer' });

export const lastFixSchema = z.object({
  vehicleId: z.string(),
  fixedAtMs: z.number(),
  receivedAtMs: z.number(),
  lonDeg: z.number(),
  latDeg: z.number(),
  speedKph: z.number().exactOptional(),
  headingDeg: z.number().exactOptional(),
});

export const vehicleIdParamSchema = z.strictObject({ id: z.string().min(1).max(64) });

export const vehicleAnswerSchema = z
  .object({
    vehicle: vehicleSchema.optional().describe('Absent: nobody registered it, but it is being watched'),
    lastFix: lastFixSchema.optional(),
    openAlarms: z.array(alarmSchema),
  })
  .meta({ id: 'VehicleAnswer' });
