import {
  alarmAnswerSchema,
  alarmFilterSchema,
  alarmIdSchema,
  alarmPageSchema,
  vehicleAnswerSchema,
  vehicleIdParamSchema,
} from '@haulwatch/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { decodeCursor, encodeCursor } from './alarm-cursor.ts';
import type { ApiPorts } from './api-ports.ts';
import { ProblemError, problemResponses } from './problems.ts';

/** Alarms out of the history, and a vehicle as it stands in the live store. */
export const alarmRoutes: FastifyPluginAsyncZod<Pick<ApiPorts, 'history' | 'live' | 'fleet'>> = async (app, ports) => {
  const { history, live } = ports;
  const { fleet } = ports.fleet;

  app.get(
    '/v1/alarms',
    {
      schema: {
        summary: 'Alarms, newest first, in pages',
        tags: ['alarms'],
        querystring: alarmFilterSchema,
        response: { 200: alarmPageSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { cursor, late, vehicleId, ...filters } = request.query;
      const page = await history.alarms({
        ...present(filters),
        limit: filters.limit,
        ...(vehicleId !== undefined && { vehicleId: fleet.find(vehicleId)?.id ?? vehicleId }),
        ...(late !== undefined && { late: late === 'true' }),
        ...(cursor !== undefined && { after: decodeCursor(cursor) }),
      });
      const next = page.next === undefined ? {} : { next: encodeCursor(page.next) };
      return reply.send({ alarms: [...page.alarms], ...next });
    },
  );

  app.get(
    '/v1/alarms/:id',
    {
      schema: {
        summary: 'One alarm with all its steps',
        tags: ['alarms'],
        params: alarmIdSchema,
        response: { 200: alarmAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const found = await history.alarm(request.params.id);
      if (found === undefined) throw new ProblemError('not-found', `there is no alarm "${request.params.id}"`);
      return reply.send({ alarm: found.alarm, steps: [...found.steps] });
    },
  );

  app.get(
    '/v1/vehicles/:id',
    {
      schema: {
        summary: 'A vehicle: where it was last, and its open alarms',
        tags: ['vehicles'],
        params: vehicleIdParamSchema,
        response: { 200: vehicleAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const vehicle = fleet.find(request.params.id);
      const id = vehicle?.id ?? request.params.id;
      const [lastFix, openAlarms] = await Promise.all([live.lastFix(id), live.openAlarmsOf(id)]);
      // A policy may watch vehicles that nobody registered: those are known by what they did.
      if (vehicle === undefined && lastFix === undefined && openAlarms.length === 0) {
        throw new ProblemError('not-found', `nobody registered a vehicle "${id}", and nothing was heard of it`);
      }
      return reply.send({
        openAlarms: [...openAlarms],
        ...(vehicle !== undefined && { vehicle }),
        ...(lastFix !== undefined && { lastFix }),
      });
    },
  );
};

/** Without the fields that are undefined: a query says what it asks for and no more. */
function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
