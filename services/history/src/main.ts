import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import {
  createLogger,
  createRegistry,
  kafkaSecurity,
  logFunction,
  readConfig,
  runService,
  startAdmin,
} from '@haulwatch/service';
import { exportHistoryMetrics, startHistory } from './app.ts';
import { Config } from './config.ts';

const logger = createLogger('history', Config.shape.LOG_LEVEL.catch('info').parse(process.env['LOG_LEVEL']));

await runService(logger, async ({ signal, stack }) => {
  const config = readConfig(Config, process.env);
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const metrics = { steps: 0, unreadable: 0, lagRecords: 0 };
  const registry = createRegistry();
  exportHistoryMetrics(metrics, registry);
  const log = await openKafkaLog({
    brokers: config.KAFKA_BROKERS,
    security: kafkaSecurity(config),
    clientId: 'haulwatch-history',
    logger: logFunction(logger),
  });
  stack.defer(() => log.close());
  const history = openHistory({ dialect: postgresDialect(config.DATABASE_URL) });
  stack.defer(() => history.close());
  const service = await startHistory({ log, history, topics, metrics, logger, signal });
  stack.defer(() => service.close());
  const checks = {
    log: () => log.endOffsets(topics.alarmLog),
    database: () => history.position(),
    writes: async () => service.mustFlow(),
  };
  const admin = stack.use(
    await startAdmin({ host: config.ADMIN_HOST, port: config.ADMIN_PORT, setting: 'ADMIN_PORT', registry, checks }),
  );
  logger.info({ admin: admin.address }, 'history runs');
  return { until: service.failed };
});
