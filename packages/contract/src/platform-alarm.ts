import { z } from 'zod';

/** What can be wrong with Haulwatch itself; its own operators are to act, nobody on the road. */
export const platformAlarmKinds = [
  'away',
  'no-progress',
  'lag',
  'data-gap',
  'poison',
  'broken-state',
  'dead-letters',
  'host-clock',
] as const;

/** One thing that is wrong with Haulwatch itself at this moment. */
export const platformAlarmSchema = z
  .object({
    kind: z.enum(platformAlarmKinds),
    /** Which part: ingest, live, history, log, a topic. */
    subject: z.string(),
    sinceMs: z.number().describe('Since when, by the clock of this process'),
    detail: z.string().describe('What it is and what to do'),
  })
  .meta({ id: 'PlatformAlarm', description: "Something is wrong with Haulwatch itself: its own operators' affair" });

export type PlatformAlarm = z.output<typeof platformAlarmSchema>;
