import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openRedisStore } from '@haulwatch/redis';
import {
  createLogger,
  createRegistry,
  kafkaSecurity,
  logFunction,
  openFleetRegistry,
  openPolicyRegistry,
  readConfig,
  runService,
  startAdmin,
} from '@haulwatch/service';
import { exportIngestMetrics, ingestDefaults, IngestMetrics, NoPolicyError, startIngest, type Ingest } from './app.ts';
import { Config } from './config.ts';

const logger = createLogger('ingest', readLevel());

await runService(logger, async ({ signal, stack }) => {
  const config = readConfig(Config, process.env);
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const metrics = new IngestMetrics();
  const registry = createRegistry();
  exportIngestMetrics(metrics, registry);
  const log = await openKafkaLog({
    brokers: config.KAFKA_BROKERS,
    security: kafkaSecurity(config),
    clientId: 'haulwatch-ingest',
    logger: logFunction(logger),
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
  });
  stack.defer(() => log.close());
  // It keeps the maps fresh and nothing else: without it alarms are found all the same.
  const store = await openRedisStore({
    url: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    logger,
    mayBeAway: true,
  });
  stack.defer(() => store.close());
  const unreadable = (topic: string) => (reject: { readonly detail: string }, offset: number) =>
    logger.warn({ topic, offset, detail: reject.detail }, 'record not understood');
  let ingest: Ingest | undefined;
  const { fleet } = stack.use(await openFleetRegistry(log, topics.fleet, unreadable(topics.fleet)));
  const policies = stack.use(
    await openPolicyRegistry(log, topics.policies, {
      onActive: (next) => ingest?.setPolicy(next),
      onReject: unreadable(topics.policies),
      onAmended: (detail, offset) =>
        logger.warn({ topic: topics.policies, offset, detail }, 'policy not obeyed as written'),
    }),
  );
  const policy = policies.active();
  if (policy === undefined) throw new NoPolicyError();
  ingest = await startIngest(
    { log, topics, fleet, policy, lastFixes: store, metrics, logger, nowMs: Date.now, signal },
    { ...ingestDefaults, checkpointMs: config.CHECKPOINT_MS },
  );
  const running = ingest;
  // One may have been published while the group was joined.
  running.setPolicy(policies.active() ?? policy);
  stack.defer(() => running.close());
  const checks = {
    log: () => log.endOffsets(topics.telemetry),
    alarms: async () => running.mustFlow(),
  };
  const admin = stack.use(
    await startAdmin({ host: config.ADMIN_HOST, port: config.ADMIN_PORT, setting: 'ADMIN_PORT', registry, checks }),
  );
  logger.info({ admin: admin.address, vehicles: fleet.size, policyVersion: policy.version }, 'ingest runs');
  return { until: running.failed };
});

function readLevel() {
  return Config.shape.LOG_LEVEL.catch('info').parse(process.env['LOG_LEVEL']);
}
