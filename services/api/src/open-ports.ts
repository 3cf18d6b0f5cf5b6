import { setTimeout as sleep } from 'node:timers/promises';
import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { History } from '@haulwatch/ports';
import { HistoryError, openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import {
  createRegistry,
  kafkaSecurity,
  logFunction,
  openFleetRegistry,
  openPolicyRegistry,
  type Logger,
} from '@haulwatch/service';
import type { z } from 'zod';
import type { ApiPorts } from './api-ports.ts';
import type { Config } from './config.ts';

/** The pause before a database that is away is asked again, ms. */
const migrateAgainMs = 1_000;

/**
 * The ports on Kafka, Redis and PostgreSQL, ended by the stack. What refuses us is thrown, with what to do, and so is a Kafka that
 * is away. Redis and PostgreSQL may be: the screens need no history, fixes are taken without either, and somebody must tell
 * that they are away.
 */
export async function openPorts(
  config: z.output<typeof Config>,
  logger: Logger,
  stack: AsyncDisposableStack,
): Promise<ApiPorts> {
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const kafka = {
    brokers: config.KAFKA_BROKERS,
    security: kafkaSecurity(config),
    clientId: 'haulwatch-api',
    logger: logFunction(logger),
  };
  const log = stack.adopt(await openKafkaLog(kafka), (open) => open.close());
  const redis = { url: config.REDIS_URL, prefix: config.REDIS_PREFIX, logger, mayBeAway: true };
  const live = stack.adopt(await openRedisStore(redis), (open) => open.close());
  const history = stack.adopt(openHistory({ dialect: postgresDialect(config.DATABASE_URL) }), (open) => open.close());
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  await migrateWhenThere(history, logger, stop.signal);
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

/**
 * Whichever of the API and the history service comes first brings the schema up to date. Resolves after the first try: with a
 * database that is away it goes on beside everything else.
 */
async function migrateWhenThere(history: History, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    await history.migrate();
  } catch (error) {
    if (!isAway(error)) throw error;
    logger.warn({ detail: error.message }, 'the history is not there yet');
    void migrateLater(history, logger, signal);
  }
}

async function migrateLater(history: History, logger: Logger, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(migrateAgainMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await history.migrate();
      logger.info('the history is there');
      return;
    } catch (error) {
      if (isAway(error)) continue;
      // Each query for history, and /readyz, say it too.
      logger.error({ error: String(error) }, 'the schema of the history cannot be brought up to date');
      return;
    }
  }
}

function isAway(error: unknown): error is HistoryError {
  return error instanceof HistoryError && error.retriable;
}
