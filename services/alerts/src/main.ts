import { topicsWithPrefix, type Policy } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openRedisStore } from '@haulwatch/redis';
import {
  createLogger,
  createRegistry,
  kafkaSecurity,
  logFunction,
  openPolicyRegistry,
  readConfig,
  runService,
  startAdmin,
} from '@haulwatch/service';
import { AlertsMetrics, exportAlertsMetrics, startAlerts } from './app.ts';
import { Config } from './config.ts';

const logger = createLogger('alerts', Config.shape.LOG_LEVEL.catch('info').parse(process.env['LOG_LEVEL']));

await runService(logger, async ({ signal, stack }) => {
  const config = readConfig(Config, process.env);
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const metrics = new AlertsMetrics();
  const registry = createRegistry();
  exportAlertsMetrics(metrics, registry);
  const log = await openKafkaLog({
    brokers: config.KAFKA_BROKERS,
    security: kafkaSecurity(config),
    clientId: 'haulwatch-alerts',
    logger: logFunction(logger),
  });
  stack.defer(() => log.close());
  // One that is away is waited for here: whoever supervises this process waits longer from start to start.
  const store = await openRedisStore({
    url: config.REDIS_URL,
    prefix: config.REDIS_PREFIX,
    logger,
    mayBeAway: true,
  });
  stack.defer(() => store.close());
  const policies = stack.use(
    await openPolicyRegistry(log, topics.policies, {
      onReject: (reject, offset) =>
        logger.warn({ topic: topics.policies, offset, detail: reject.detail }, 'record not understood'),
    }),
  );
  const policy = (): Policy | undefined => policies.active();
  const alerts = await startAlerts({ log, store, topics, policy, metrics, logger, nowMs: Date.now, signal });
  stack.defer(() => alerts.close());
  const checks = {
    log: () => log.endOffsets(topics.alarmLog),
    store: () => store.position(),
    alarms: async () => alerts.mustFlow(),
  };
  const admin = stack.use(
    await startAdmin({ host: config.ADMIN_HOST, port: config.ADMIN_PORT, setting: 'ADMIN_PORT', registry, checks }),
  );
  logger.info({ admin: admin.address }, 'alerts runs');
  return { until: alerts.failed };
});
