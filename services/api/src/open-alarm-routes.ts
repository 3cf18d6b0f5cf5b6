import { isPushed } from '@haulwatch/alerting';
import { openAlarmsAnswerSchema, openAlarmsQuerySchema } from '@haulwatch/contract';
import type { Alarm } from '@haulwatch/domain';
import type { LiveStore } from '@haulwatch/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { problemResponses } from './problems.ts';

export type OpenAlarms = {
  readonly alarms: Alarm[];
  /** False: there may be more. In doubt false, for a page takes what a complete list does not name as cleared. */
  readonly complete: boolean;
};

type OpenAlarmStore = Pick<LiveStore, 'openAlarms' | 'openCounts'>;

/** Alarms that may open between the count and the list: 4 s of a usual rate of 25/s. */
const spareAlarms = 100;
/** The most that one request reads, some 10 MB: late alarms that are left out count as well. */
const readMax = 10_000;

/** `GET /v1/alarms/open`: what a page begins with that follows the event stream. */
export const openAlarmRoutes: FastifyPluginAsyncZod<{ readonly live: OpenAlarmStore }> = async (app, { live }) => {
  // The router prefers the fixed path to /v1/alarms/:id, and no alarm's id is "open".
  app.get(
    '/v1/alarms/open',
    {
      schema: {
        summary: 'Open alarms as the event stream told them, newest first',
        description:
          'Answered by the live store, from which the events come: who follows the stream starts from this list. GET /v1/alarms?status=open asks the history, which may be behind the stream.',
        tags: ['alarms'],
        querystring: openAlarmsQuerySchema,
        response: { 200: openAlarmsAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => reply.send(await pushedOpenAlarms(live, request.query.limit)),
  );
};

/** The newest open alarms that people are called for. */
export async function pushedOpenAlarms(live: OpenAlarmStore, limit: number): Promise<OpenAlarms> {
  for (let asked = limit + spareAlarms; ; asked = Math.min(2 * asked, readMax)) {
    // Counted, since a list shorter than asked proves nothing: what is cleared while it is read is missing in it.
    const counts = await live.openCounts();
    const open = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const pushed = (await live.openAlarms(asked)).filter(isPushed);
    const everyOne = open + spareAlarms <= asked;
    if (pushed.length > limit || everyOne || asked === readMax) {
      return { alarms: pushed.slice(0, limit), complete: everyOne && pushed.length <= limit };
    }
  }
}
