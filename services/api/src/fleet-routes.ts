import { nameClashes, vehiclesAnswerSchema, vehiclesBodySchema, vehiclesPerRequestMax } from '@haulwatch/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ApiPorts } from './api-ports.ts';
import { parseNdjson } from './ndjson.ts';
import { ProblemError, problemResponses } from './problems.ts';

type FleetRoutesOptions = Pick<ApiPorts, 'fleet' | 'logger'>;

/** `PUT /v1/vehicles`: the registry is a compacted topic, so what is answered stands in the log. */
export const fleetRoutes: FastifyPluginAsyncZod<FleetRoutesOptions> = async (app, { fleet, logger }) => {
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    parseNdjson(body).map((line) => {
      if (line.ok) return line.value;
      const errors = [{ path: [line.index], message: line.detail }];
      throw new ProblemError('invalid-vehicles', 'a line is not JSON', { errors });
    }),
  );

  app.put(
    '/v1/vehicles',
    {
      schema: {
        summary: 'Registers vehicles, new or changed',
        description: `At most ${vehiclesPerRequestMax} a request. All are taken, or none. Repeating it changes nothing.`,
        tags: ['vehicles'],
        consumes: ['application/json', 'application/x-ndjson'],
        body: vehiclesBodySchema,
        response: { 200: vehiclesAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const entries = request.body;
      if (entries.length > vehiclesPerRequestMax) {
        throw new ProblemError('too-large', `send at most ${vehiclesPerRequestMax} vehicles in a request`);
      }
      const errors = nameClashes(entries, fleet.fleet).map(({ index, column, message }) => ({
        path: [index, column],
        message,
      }));
      if (errors.length > 0)
        throw new ProblemError('invalid-vehicles', 'see errors: names must be of one vehicle', { errors });
      const { registered, unchanged } = await fleet.register(entries);
      logger.info({ registered, unchanged }, 'vehicles registered');
      return reply.send({ registered, unchanged, vehicles: fleet.fleet.size });
    },
  );
};
