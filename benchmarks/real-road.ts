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
export type RealRoad = LiveRoad & { readonly history: History };

/** The part of it that leads to the live store. */
export type LiveRoad = {
  readonly brokers: readonly string[];
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: FleetRegistry;
  readonly policy: Policy;
  readonly store: LiveStore;
  readonly pids: { readonly broker: number; readonly redis: number };
  /** What a service needs to know to take part. */
  readonly env: Readonly<Record<string, string>>;
};

export type RunningService = {
  readonly pid: number;
  /** Where its metrics are. */
  readonly admin: string;
  /** Ends it as a supervisor does, and waits until it has gone. */
  stop(): Promise<void>;
};

const policyFile = new URL('../deploy/policies/shanghai.yaml', import.meta.url);
const redisPrefix = 'haulwatch:';

/** Starts it all; what was started ends with the stack. */
export async function openRealRoad(stack: AsyncDisposableStack, partitions: number): Promise<RealRoad> {
  await ensureRequirements(['kafka', 'redis', 'postgres']);
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-road-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const postgres = stack.adopt(await startPostgres({ dir: join(dir, 'postgres'), ephemeral: true }), (it) => it.stop());
  const live = await openLiveRoad(stack, partitions);
  const env = { ...live.env, DATABASE_URL: postgres.url };
  for (const name of ['ingest', 'alerts', 'history']) await startService(stack, name, env);
  const history = stack.adopt(openHistory({ dialect: postgresDialect(postgres.url) }), (it) => it.close());
  return { ...live, history };
}

/** Starts Kafka and Redis and publishes the default policy; which services run is the caller's choice. */
export async function openLiveRoad(stack: AsyncDisposableStack, partitions: number): Promise<LiveRoad> {
  await ensureRequirements(['kafka', 'redis']);
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-road-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const kafka = stack.adopt(await startKafka({ dir: join(dir, 'kafka'), ephemeral: true }), (it) => it.stop());
  const redis = stack.adopt(await startRedis({ dir: join(dir, 'redis'), ephemeral: true }), (it) => it.stop());
  const brokers = [...kafka.bootstrapServers];
  const log = stack.adopt(await openKafkaLog({ brokers, clientId: 'road' }), (it) => it.close());
  const topics = topicsWithPrefix('');
  await log.ensureTopics(topicSpecs(topics, partitions));
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet));
  const policies = stack.use(await openPolicyRegistry(log, topics.policies));
  const outcome = await policies.publish(parse(await readFile(policyFile, 'utf8')));
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const env = { KAFKA_BROKERS: brokers.join(','), REDIS_URL: redis.url, REDIS_PREFIX: redisPrefix };
  const store = stack.adopt(await openRedisStore({ url: redis.url, prefix: redisPrefix }), (it) => it.close());
  const pids = { broker: kafka.pids[0]!, redis: redis.processes[0]!.pid };
  return { brokers, log, topics, fleet, policy: outcome.policy, store, pids, env };
}

/** Starts a service as a process of its own and waits until it logs where its admin server is. */
export async function startService(
  stack: AsyncDisposableStack,
  name: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<RunningService> {
  const child = execa(process.execPath, [...nodeOptions, `services/${name}/src/main.ts`], {
    cwd: join(import.meta.dirname, '..'),
    env,
    all: true,
    reject: false,
    // A service ends itself within 10 s.
    forceKillAfterDelay: 20_000,
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const { exitCode, signal } = await child;
    if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode ?? signal}:\n${seen.join('\n')}`);
  };
  stack.defer(stop);
  const seen: string[] = [];
  const started = Promise.withResolvers<string>();
  createInterface({ input: child.all }).on('line', (line) => {
    // A service that complains all the time must not fill the memory of whoever measures it.
    if (seen.length < 1_000) seen.push(line);
    const admin = /"admin":"([^"]+)"/.exec(line)?.[1];
    if (admin !== undefined) started.resolve(admin);
  });
  void child.then(() => started.reject(new Error(`${name} ended:\n${seen.join('\n')}`)));
  return { pid: child.pid!, admin: await started.promise, stop };
}
