import { commitCountersSchema, healthSchema, readinessSchema, statusSchema, type Status } from '@haulwatch/contract';
import { addCounters, countersZero, groupOf, type EngineCounters } from '@haulwatch/domain';
import { checkReady, type ReadyChecks } from '@haulwatch/service';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiPorts } from './api-ports.ts';
import type { EventHub } from './event-hub.ts';
import { PipelineMetrics } from './pipeline-metrics.ts';
import { problemResponses } from './problems.ts';
import type { SelfWatch } from './self-watch.ts';

type StatusOptions = { readonly ports: ApiPorts; readonly hub: EventHub; readonly watch: SelfWatch };

/** Where the pipeline stands, and whether the API can work. */
export const statusRoutes: FastifyPluginAsyncZod<StatusOptions> = async (app, { ports, hub, watch }) => {
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
      reply.send({ ...(await statusOf(ports, hub.open)), platformAlarms: [...watch.alarms()] }),
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
        summary: 'Every part can work, or which cannot and why',
        tags: ['status'],
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const { status, parts } = await checkReady(checks);
      return reply.code(status === 'ready' ? 200 : 503).send({ status, parts: { ...parts } });
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
      await statusOf(ports, hub.open).then(
        (status) => pipeline.note(status),
        (error: unknown) => ports.logger.warn({ error: String(error) }, 'the status is not known for this scrape'),
      );
      const text = await ports.registry.metrics();
      return reply.type(ports.registry.contentType).serializer(asItIs).send(text);
    },
  );
};

function asItIs(text: unknown): string {
  return String(text);
}

async function statusOf(ports: ApiPorts, eventStreams: number): Promise<Omit<Status, 'platformAlarms'>> {
  const { log, topics, live, history } = ports;
  const [commits, ends, alarmEnds, livePosition, historyPosition, openCounts] = await Promise.all([
    log.committed(groupOf(topics, 'ingest'), topics.telemetry),
    log.endOffsets(topics.telemetry),
    log.endOffsets(topics.alarmLog),
    live.position(),
    history.position(),
    live.openCounts(),
  ]);
  const committed = new Map(commits.map(({ partition, offset }) => [partition, offset]));
  const partitions = ends.map((end, partition) => ({ partition, committed: committed.get(partition) ?? 0, end }));
  const counters = commits
    .map(({ metadata }) => countersOf(metadata))
    .reduce((a, b) => addCounters(a, b), countersZero());
  const alarmEnd = alarmEnds[0] ?? 0;
  const policyVersion = ports.policies.active()?.version;
  return {
    atMs: ports.nowMs(),
    ingest: {
      counters: {
        ...counters,
        rejects: told(counters.rejects),
        alarmsByRule: told(counters.alarmsByRule),
        suppressed: told(counters.suppressed),
      },
      lagRecords: partitions.reduce((sum, { committed: at, end }) => sum + Math.max(0, end - at), 0),
      partitions,
    },
    alarmLog: {
      end: alarmEnd,
      livePosition,
      historyPosition,
      liveLag: Math.max(0, alarmEnd - 1 - livePosition),
      historyLag: Math.max(0, alarmEnd - 1 - historyPosition),
    },
    openAlarms: { total: Object.values(openCounts).reduce((sum, count) => sum + count, 0), byRule: { ...openCounts } },
    vehicles: ports.fleet.fleet.size,
    ...(policyVersion !== undefined && { policyVersion }),
    eventStreams,
  };
}

/** The counters of a commit; a commit of another making (an operator reset the offsets by hand) counts as nothing. */
function countersOf(metadata: string): EngineCounters {
  try {
    const parsed = commitCountersSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? ({ ...countersZero(), ...parsed.data.counters } as EngineCounters) : countersZero();
  } catch {
    return countersZero();
  }
}

function told(tally: Readonly<Partial<Record<string, number>>>): Record<string, number> {
  return Object.fromEntries(Object.entries(tally).filter((entry): entry is [string, number] => entry[1] !== undefined));
}
