import { fixesAnswerSchema, fixesBodySchema, fixesPerRequestMax } from '@haulwatch/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { counterFrom, type Registry } from '@haulwatch/service';
import type { FixIntake, FixItem } from './fix-intake.ts';
import { parseNdjson } from './ndjson.ts';
import { ProblemError, problemResponses, validateInHandler } from './problems.ts';

export type FixRoutesOptions = {
  readonly intake: FixIntake;
  readonly registry: Registry;
  readonly requestsPerMinute: number;
};

/** `POST /v1/fixes`: what the vehicles said, from programs that speak no Kafka. */
export const fixRoutes: FastifyPluginAsyncZod<FixRoutesOptions> = async (
  app,
  { intake, registry, requestsPerMinute },
) => {
  counterFrom(registry, {
    name: 'haulwatch_api_fixes_total',
    help: 'Fixes taken by POST /v1/fixes.',
    read: () => intake.accepted,
  });
  counterFrom(registry, {
    name: 'haulwatch_api_fix_rejects_total',
    help: 'Fixes that POST /v1/fixes could not read.',
    label: 'reason',
    read: () => intake.rejected,
  });

  // Read as text: an item that is not JSON is one reject among its neighbours, not the end of the request.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    jsonItems(body),
  );
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, async (_request: unknown, body: string) =>
    parseNdjson(body).map((line) => (line.ok ? line : brokenItem(line.index, line.text, line.detail))),
  );

  app.post(
    '/v1/fixes',
    {
      config: { rateLimit: { max: requestsPerMinute } },
      validatorCompiler: validateInHandler,
      schema: {
        summary: 'Takes fixes: one, an array, or NDJSON',
        description: `At most ${fixesPerRequestMax} a request. What can be read is taken, the rest is told item by item.`,
        tags: ['fixes'],
        consumes: ['application/json', 'application/x-ndjson'],
        body: fixesBodySchema,
        response: { 202: fixesAnswerSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      // The content type parsers above make a list of items of any body; without a body there is none.
      const items = (request.body ?? []) as unknown as readonly FixItem[];
      if (items.length === 0) throw new ProblemError('no-fix-readable', 'the body is empty: send a fix');
      if (items.length > fixesPerRequestMax) {
        throw new ProblemError('too-large', `send at most ${fixesPerRequestMax} fixes in a request`);
      }
      const { accepted, rejected } = await intake.take(items);
      if (accepted > 0) return reply.code(202).send({ accepted, rejected });
      throw new ProblemError('no-fix-readable', 'see rejected: nothing was taken', { rejected });
    },
  );
};

function jsonItems(body: string): FixItem[] {
  if (body.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return [brokenItem(0, body, (error as SyntaxError).message)];
  }
  return Array.isArray(value) ? value.map((one: unknown, index) => ({ index, value: one })) : [{ index: 0, value }];
}

function brokenItem(index: number, text: string, detail: string): FixItem {
  return { index, text, reject: { reason: 'json-broken', detail } };
}
