import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import { createRegistry, logFunction, openFleetRegistry, openPolicyRegistry, type Logger } from '@haulwatch/service';
import type { z } from 'zod';
import type { ApiPorts } from './api-ports.ts';
import type { Config } from './config.ts';

/** The ports on Kafka, Redis and PostgreSQL, ended by the stack. What does not answer is thrown, with what to do. */
export async function openPorts(
  config: z.output<typeof Config>,
  logger: Logger,
  stack: AsyncDisposableStack,
): Promise<ApiPorts> {
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const kafka = { brokers: config.KAFKA_BROKERS, clientId: 'haulwatch-api', logger: logFunction(logger) };
  const log = stack.adopt(await openKafkaLog(kafka), (open) => open.close());
  const redis = { url: config.REDIS_URL, prefix: config.REDIS_PREFIX, logger };
  const live = stack.adopt(await openRedisStore(redis), (open) => open.close());
  const history = stack.adopt(openHistory({ dialect: postgresDialect(config.DATABASE_URL) }), (open) => open.close());
  // Whichever of the API and the history service comes first brings the schema up to date.
  await history.migrate();
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet));
  const policies = stack.use(await openPolicyRegistry(log, topics.policies));
  return {
    log,
    topics,
    live,
    history,
    fleet,
    policies,
    logger,
    registry: createRegistry(),
    nowMs: Date.now,
    publicDir: config.PUBLIC_DIR,
    limits: { requestsPerMinute: config.REQUESTS_PER_MINUTE, fixRequestsPerMinute: config.FIX_REQUESTS_PER_MINUTE },
  };
}
