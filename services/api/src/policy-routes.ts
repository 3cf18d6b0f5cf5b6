import { policyAnswerSchema, policyFileSchema, policySchema } from '@haulwatch/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { ApiPorts } from './api-ports.ts';
import { ProblemError, problemResponses, validateInHandler } from './problems.ts';

type PolicyRoutesOptions = Pick<ApiPorts, 'policies' | 'logger'>;

/** Policies: published under the next version, never changed; the newest is in force. */
export const policyRoutes: FastifyPluginAsyncZod<PolicyRoutesOptions> = async (app, { policies, logger }) => {
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
