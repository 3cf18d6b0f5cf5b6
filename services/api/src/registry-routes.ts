import {
  nameClashes,
  policyAnswerSchema,
  policyFileSchema,
  policySchema,
  vehiclesAnswerSchema,
  vehiclesBodySchema,
  vehiclesPerRequestMax,
} from '@haulwatch/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ApiPorts } from './api-ports.ts';
import { parseNdjson } from './ndjson.ts';
import { ProblemError, problemResponses, validateInHandler } from './problems.ts';

/** The registry of vehicles and the policies: both are compacted topics, so what is answered stands in the log. */
export const registryRoutes: FastifyPluginAsyncZod<Pick<ApiPorts, 'fleet' | 'policies' | 'logger'>> = async (app, ports) => {
  const { fleet, policies, logger } = ports;

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
      if (errors.length > 0) throw new ProblemError('invalid-vehicles', 'see errors: names must be of one vehicle', { errors });
      const { registered, unchanged } = await fleet.register(entries);
      logger.info({ registered, unchanged }, 'vehicles registered');
      return reply.send({ registered, unchanged, vehicles: fleet.fleet.size });
    },
  );

  app.post(
    '/v1/policies',
    {
      validatorCompiler: validateInHandler,
      schema: {
        summary: 'Publishes a policy: it becomes the next version and comes into force',
        tags: ['policies'],
        body: policyFileSchema,
        response: { 200: policyAnswerSchema, 201: policyAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const outcome = await policies.publish(request.body);
      if (!outcome.ok) {
        throw new ProblemError('invalid-policy', 'see errors: they name places in the policy', {
          errors: outcome.problems,
        });
      }
      const { version, name } = outcome.policy;
      if (outcome.published) logger.info({ version, name }, 'policy published');
      return reply.code(outcome.published ? 201 : 200).send({ version, name, published: outcome.published });
    },
  );

  app.get(
    '/v1/policies/active',
    {
      schema: {
        summary: 'The policy in force',
        tags: ['policies'],
        response: { 200: policySchema, ...problemResponses },
      },
    },
    async (_request, reply) => {
      const policy = policies.active();
      if (policy === undefined) throw new ProblemError('not-found', 'no policy has been published yet');
      return reply.send(policy);
    },
  );
};
