import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { topicsWithPrefix, type Policy, type TopicNames } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { ensureRequirements, startKafka, startPostgres, startRedis } from '@haulwatch/local';
import type { History, LiveStore, Log } from '@haulwatch/ports';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import { openFleetRegistry, openPolicyRegistry, topicSpecs, type FleetRegistry } from '@haulwatch/service';
import { execa } from 'execa';
import { parse } from 'yaml';

/** Real servers and the services as processes, with the default policy in force: the whole pipeline on this machine. */
export type RealRoad = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: FleetRegistry;
  readonly policy: Policy;
  readonly store: LiveStore;
  readonly history: History;
};

const policyFile = new URL('../deploy/policies/shanghai.yaml', import.meta.url);
const redisPrefix = 'haulwatch:';

/** Starts it all; what was started ends with the stack. */
export async function openRealRoad(stack: AsyncDisposableStack, partitions: number): Promise<RealRoad> {
  await ensureRequirements(['kafka', 'redis', 'postgres']);
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-road-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const kafka = stack.adopt(await startKafka({ dir: join(dir, 'kafka'), ephemeral: true }), (it) => it.stop());
  const redis = stack.adopt(await startRedis({ dir: join(dir, 'redis'), ephemeral: true }), (it) => it.stop());
  const postgres = stack.adopt(await startPostgres({ dir: join(dir, 'postgres'), ephemeral: true }), (it) => it.stop());
  const brokers = [...kafka.bootstrapServers];
  const log = stack.adopt(await openKafkaLog({ brokers, clientId: 'road' }), (it) => it.close());
  const topics = topicsWithPrefix('');
  await log.ensureTopics(topicSpecs(topics, partitions));
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet));
  const policies = stack.use(await openPolicyRegistry(log, topics.policies));
  const outcome = await policies.publish(parse(await readFile(policyFile, 'utf8')));
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    REDIS_URL: redis.url,
    REDIS_PREFIX: redisPrefix,
    DATABASE_URL: postgres.url,
  };
  for (const name of ['ingest', 'alerts', 'history']) await startService(stack, name, env);
  const store = stack.adopt(await openRedisStore({ url: redis.url, prefix: redisPrefix }), (it) => it.close());
  const history = stack.adopt(openHistory({ dialect: postgresDialect(postgres.url) }), (it) => it.close());
  return { log, topics, fleet, policy: outcome.policy, store, history };
}

/** Starts a service as a process of its own and waits until it logs where its admin server is. */
async function startService(
  stack: AsyncDisposableStack,
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = execa(process.execPath, [`services/${name}/src/main.ts`], {
    cwd: join(import.meta.dirname, '..'),
    env,
    all: true,
    reject: false,
  });
  stack.defer(async () => {
    child.kill('SIGTERM');
    await child;
  });
  const seen: string[] = [];
  const started = Promise.withResolvers<void>();
  createInterface({ input: child.all }).on('line', (line) => {
    seen.push(line);
    if (line.includes('"admin":')) started.resolve();
  });
  void child.then(() => started.reject(new Error(`${name} ended:\n${seen.join('\n')}`)));
  await started.promise;
}
