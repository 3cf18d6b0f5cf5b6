import { healthSchema, readinessSchema, statusSchema } from '@haulwatch/contract';
import { checkReady, type ReadyChecks } from '@haulwatch/service';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiPorts } from './api-ports.ts';
import type { EventHub } from './event-hub.ts';
import { PipelineMetrics } from './pipeline-metrics.ts';
import { PipelineStatus } from './pipeline-status.ts';
import { problemResponses } from './problems.ts';
import type { SelfWatch } from './self-watch.ts';

type StatusOptions = { readonly ports: ApiPorts; readonly hub: EventHub; readonly watch: SelfWatch };

/** Where the pipeline stands, and whether the API can work. */
export const statusRoutes: FastifyPluginAsyncZod<StatusOptions> = async (app, { ports, hub, watch }) => {
  const pipelineStatus = new PipelineStatus(ports);
  app.get(
    '/v1/status',
    {
      schema: {
        summary: 'Totals of the pipeline and how far each part has come',
        tags: ['status'],
        response: { 200: statusSchema, ...problemResponses },
      },
    },
    async (_request, reply) =>
      reply.send({ ...(await pipelineStatus.read(hub.open)), platformAlarms: [...watch.alarms()] }),
  );

  // Probes and scrapes are never turned away.
  const config = { rateLimit: false as const };
  app.get(
    '/healthz',
    { config, schema: { summary: 'The process runs', tags: ['status'], response: { 200: healthSchema } } },
    async (_request, reply) => reply.send({ status: 'ok' }),
  );

  const checks: ReadyChecks = {
    log: () => ports.log.endOffsets(ports.topics.alarmLog),
    live: () => ports.live.position(),
    history: () => ports.history.position(),
  };
  app.get(
    '/readyz',
    {
      config,
      schema: {
        summary:
          'Every part can work, or which cannot and why. Without the history alone it is degraded: screens and intake need none',
        tags: ['status'],
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const { status, parts } = await checkReady(checks, ['history']);
      return reply.code(status === 'not-ready' ? 503 : 200).send({ status, parts: { ...parts } });
    },
  );

  const pipeline = new PipelineMetrics(ports.registry);
  app.get(
    '/metrics',
    {
      config,
      schema: {
        summary: 'Metrics for Prometheus',
        tags: ['status'],
        response: { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      // A part that does not answer costs the scrape its freshness, not the scrape: /readyz tells which one it is.
      const status = await pipelineStatus.read(hub.open);
      pipeline.note(status);
      const { unreachable } = status;
      if (unreachable !== undefined) ports.logger.warn({ unreachable }, 'the status is not all known for this scrape');
      const text = await ports.registry.metrics();
      return reply.type(ports.registry.contentType).serializer(asItIs).send(text);
    },
  );
};

function asItIs(text: unknown): string {
  return String(text);
}
