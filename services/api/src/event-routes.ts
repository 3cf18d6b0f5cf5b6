import { eventsHeadersSchema, eventsQuerySchema } from '@haulwatch/contract';
import { counterFrom, gaugeFrom, type Registry } from '@haulwatch/service';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiLimits } from './api-ports.ts';
import type { EventHub } from './event-hub.ts';
import { securityHeaders } from './guards.ts';
import { ProblemError, problemResponses } from './problems.ts';
import { SseConnection } from './sse-connection.ts';

export type EventRoutesOptions = {
  readonly hub: EventHub;
  readonly registry: Registry;
  readonly limits: Pick<ApiLimits, 'eventStreamsMax' | 'streamBytesMax'>;
};

/** `GET /v1/events`: what happens to alarms, as it happens, for screens. */
export const eventRoutes: FastifyPluginAsyncZod<EventRoutesOptions> = async (app, { hub, registry, limits }) => {
  gaugeFrom(registry, {
    name: 'haulwatch_api_event_streams',
    help: 'Event streams that are open.',
    read: () => hub.open,
  });
  counterFrom(registry, {
    name: 'haulwatch_api_event_streams_dropped_total',
    help: 'Event streams that were cut off because their reader was too slow.',
    read: () => hub.dropped,
  });
  app.addHook('onReady', async () => hub.start());
  // Before the server waits for its connections to end, for these never end by themselves.
  app.addHook('preClose', async () => hub.close());

  app.get(
    '/v1/events',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Server-sent events: raised, escalated and cleared alarms; gap; heartbeat',
        description:
          'The data of raised, escalated and cleared is an Alarm. A gap says that events were missed: fetch the open alarms anew. A heartbeat comes at once and then every 5 s, as long as events can be read.',
        tags: ['events'],
        headers: eventsHeadersSchema,
        querystring: eventsQuerySchema,
        response: {
          200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      if (hub.open >= limits.eventStreamsMax) {
        throw new ProblemError('too-many-listeners', `${limits.eventStreamsMax} streams are open, which is the limit`);
      }
      const header = request.headers['last-event-id'];
      const after = header === undefined || header === '' ? request.query.lastEventId : header;
      reply.hijack();
      reply.raw.writeHead(200, {
        ...securityHeaders,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Tells nginx not to collect the stream before it passes it on.
        'x-accel-buffering': 'no',
      });
      const reader = new SseConnection(reply.raw, limits.streamBytesMax);
      await hub.serve(reader, after).catch((error: unknown) => {
        // The reader comes back with its last id.
        request.log.warn({ err: error }, 'event stream ended: the live store failed');
      });
    },
  );
};
