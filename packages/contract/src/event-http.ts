import { z } from 'zod';
import { platformAlarmSchema } from './platform-alarm.ts';

/** An event's id, as `Last-Event-ID` brings it back. */
const eventIdSchema = z.string().regex(/^\d{1,16}-\d{1,16}$/, 'is not the id of an event');

export const eventsQuerySchema = z.strictObject({
  lastEventId: eventIdSchema.optional().describe('For clients that cannot set the header Last-Event-ID'),
});

/** Browsers reconnect with the header, so it wins over the query of the address. Other headers are of no concern. */
export const eventsHeadersSchema = z.looseObject({
  'last-event-id': z.union([eventIdSchema, z.literal('')]).optional(),
});

/** The stream's own events; all others are the alarm events of the live store, passed on as they are. */
export const streamEventTypes = { gap: 'gap', heartbeat: 'heartbeat' } as const;

/** A `gap`: events after the id you had are gone. Fetch the open alarms anew, then go on with the stream. */
export const gapEventSchema = z.object({ next: z.string() }).meta({ id: 'GapEvent' });

/** A `heartbeat`, at once and then every 5 s: a page that has had none for longer shows old data and must say so. */
export const heartbeatEventSchema = z
  .object({
    atMs: z.number().describe("The server's clock"),
    platformAlarms: z.array(platformAlarmSchema).describe('What is wrong with Haulwatch itself at this moment'),
  })
  .meta({ id: 'HeartbeatEvent' });

export type GapEvent = z.output<typeof gapEventSchema>;
export type HeartbeatEvent = z.output<typeof heartbeatEventSchema>;

/** How often heartbeats come: the page says "stale" after 5 s without one, and a proxy's idle limit is far away. */
export const heartbeatMs = 5_000;
