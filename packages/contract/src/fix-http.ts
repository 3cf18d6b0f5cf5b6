import { rejectReasons, vehicleIdLengthMax, type Fix, type RejectReason } from '@haulwatch/domain';
import { z } from 'zod';

/** The years 2000 to 2099, as in the codec: a terminal whose clock says 1970 has none. */
const moment = z.number().min(946_684_800_000).lt(4_102_444_800_000);
const flagWord = z.int().min(0).max(0xffff_ffff);

const zeroToTwo = z.literal([0, 1, 2]);

const terminalEventSchema = z
  .object({
    code: z.int().min(0).max(0xffff).describe('Peripheral and type: 0x6401 = 25601 is forward collision'),
    level: zeroToTwo.describe('2 is the more serious; 0: the peripheral has no levels'),
    state: zeroToTwo.describe('1 begins, 2 ends; 0: not a lasting one'),
  })
  .meta({ id: 'TerminalEvent' });

/**
 * JSON v1, as `POST /v1/fixes` and the topic `telemetry` take it. For the document alone: fixes are read by the codec's
 * hand-written parser, which a test holds to this schema.
 */
export const fixSchema = z
  .object({
    vehicleId: z.string().min(1).max(vehicleIdLengthMax).describe('An id or an alias'),
    fixedAtMs: moment.describe('When the terminal fixed the position, ms since the epoch, UTC'),
    receivedAtMs: moment.exactOptional().describe('When a gateway received it; absent: now'),
    lonDeg: z.number().min(-180).max(180).describe('WGS-84'),
    latDeg: z.number().min(-90).max(90).describe('WGS-84'),
    speedKph: z.number().min(0).max(6_553.4).exactOptional().describe('Absent: derived from displacement'),
    headingDeg: z.number().min(0).max(360).exactOptional(),
    altitudeM: z.number().min(-32_767).max(32_767).exactOptional(),
    accuracyM: z.number().min(0).max(1_000_000).exactOptional(),
    valid: z.boolean().exactOptional().describe('False: the terminal had no position; its flags are read all the same'),
    mileageKm: z.number().min(0).max(429_496_729.4).exactOptional(),
    alarmFlags: flagWord.exactOptional().describe('JT/T 808 alarm flags; bit 0 is the emergency button'),
    statusFlags: flagWord.exactOptional(),
    driverId: z.string().min(1).max(64).exactOptional(),
    sensors: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).exactOptional(),
    terminalEvents: z
      .array(terminalEventSchema)
      .max(32)
      .exactOptional()
      .describe('What the peripherals of the terminal alarmed of (T/JSATL 12)'),
    blindZone: z.boolean().exactOptional().describe('Reported again after a blind zone'),
  })
  .meta({ id: 'Fix', description: 'One report of a vehicle, JSON v1' }) satisfies z.ZodType<Fix>;

export const fixesBodySchema = z.union([fixSchema, z.array(fixSchema)]);

/**
 * Fixes of one request. 10,000 full ones are 2.9 MB and held a busy core for 0.2 s (measured 2026-11 on a shared 2-core
 * machine): more would make others wait, and nothing is gained by larger requests.
 */
export const fixesPerRequestMax = 10_000;

const reasonSchema = z.enum(rejectReasons.filter((reason): reason is RejectReason => reason !== 'none'));

export const rejectedFixSchema = z.object({
  index: z.int().describe('Place in the array, or line of the NDJSON body, from 0'),
  reason: reasonSchema,
  detail: z.string(),
});

/** 202: the accepted fixes are in the log, durably. What the rules make of them comes as alarms. */
export const fixesAnswerSchema = z
  .object({ accepted: z.int(), rejected: z.array(rejectedFixSchema) })
  .meta({ id: 'FixesAnswer' });

export type FixesAnswer = z.output<typeof fixesAnswerSchema>;
