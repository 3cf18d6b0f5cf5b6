import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  topicsWithPrefix,
  vehicleClasses,
  type Fence,
  type Policy,
  type TopicNames,
  type VehicleClass,
} from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { LogError, type History, type LiveStore, type Log, type NewLogRecord } from '@haulwatch/ports';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import { openFleetRegistry, openPolicyRegistry, topicSpecs, type FleetRegistry } from '@haulwatch/service';
import { createSimulator, demoZones, type Simulator } from '@haulwatch/simulator';
import { parse } from 'yaml';
import { chaosMess } from './chaos-input.ts';
import type { ChaosServers } from './chaos-servers.ts';

export type WorldOptions = {
  readonly vehicles: number;
  readonly periodMs: number;
  readonly seed: number;
};

/** What the harness itself knows of the road: its own ways to log and stores, the policy in force, the fleet. */
export type ChaosWorld = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: FleetRegistry;
  readonly policy: Policy;
  readonly simulator: Simulator;
  readonly store: LiveStore;
  readonly history: History;
  /** What the workers need to know. */
  readonly env: Readonly<Record<string, string>>;
};

export const partitions = 8;
const redisPrefix = 'haulwatch:';
const policyFile = new URL('../deploy/policies/shanghai.yaml', import.meta.url);
/** Around the city's centre: whoever comes and goes is told, so that there are alarms all the time. */
const boroughs = { columns: 4, rows: 4, westDeg: 121.3, southDeg: 31.1, stepDeg: 0.08 } as const;
/** So many dangerous loads in one borough at once are a crowd. */
const crowdMax = 5;

/** Topics, the policy and the fleet on empty servers. The stores are asked past the proxies; the log knows no other way. */
export async function openWorld(
  stack: AsyncDisposableStack,
  servers: ChaosServers,
  { vehicles, periodMs, seed }: WorldOptions,
): Promise<ChaosWorld> {
  const brokers = [`127.0.0.1:${servers.kafka.port}`];
  const log = stack.adopt(await openKafkaLog({ brokers, clientId: 'chaos' }), (it) => it.close());
  const topics = topicsWithPrefix('');
  await log.ensureTopics(topicSpecs(topics, partitions));
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet));
  const policies = stack.use(await openPolicyRegistry(log, topics.policies));
  const outcome = await policies.publish(await policyOver(seed));
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const { policy } = outcome;
  const simulator = createSimulator({
    seed,
    vehicles,
    periodMs,
    startMs: Date.now(),
    zones: policy.fences.filter(({ prohibited }) => prohibited),
    limitsKph: limitsOf(policy),
    mess: chaosMess,
  });
  await fleet.register(simulator.fleet());
  const databaseUrl = (port: number): string => `postgres://postgres@127.0.0.1:${port}/haulwatch`;
  const redisUrl = (port: number): string => `redis://127.0.0.1:${port}`;
  const store = await openRedisStore({ url: redisUrl(servers.redis.ownPort), prefix: redisPrefix });
  stack.defer(() => store.close());
  const history = openHistory({ dialect: postgresDialect(databaseUrl(servers.postgres.ownPort)) });
  stack.defer(() => history.close());
  await history.migrate();
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    REDIS_URL: redisUrl(servers.redis.port),
    REDIS_PREFIX: redisPrefix,
    DATABASE_URL: databaseUrl(servers.postgres.port),
    PORT: '0',
  };
  return { log, topics, fleet, policy, simulator, store, history, env };
}

/** The default policy with zones that the simulated roads lead through, and boroughs. */
async function policyOver(seed: number): Promise<unknown> {
  const file = parse(await readFile(policyFile, 'utf8')) as { fences: { features: unknown[] } };
  const zones = demoZones(seed).map((zone) => featureOf(zone));
  const features = [...file.fences.features, ...zones, ...boroughFeatures()];
  return { ...file, name: 'Chaos', fences: { ...file.fences, features } };
}

function featureOf({ id, name, shape, classes }: Fence): unknown {
  const properties = { name, datum: 'WGS-84', prohibited: true, classes };
  switch (shape.kind) {
    case 'circle': {
      const geometry = { type: 'Point', coordinates: shape.centre };
      return { type: 'Feature', id, geometry, properties: { ...properties, radiusM: shape.radiusM } };
    }
    case 'corridor': {
      const geometry = { type: 'LineString', coordinates: shape.line };
      return { type: 'Feature', id, geometry, properties: { ...properties, halfWidthM: shape.halfWidthM } };
    }
    case 'polygons':
      return { type: 'Feature', id, geometry: { type: 'MultiPolygon', coordinates: shape.polygons }, properties };
  }
}

function boroughFeatures(): unknown[] {
  const { columns, rows, westDeg, southDeg, stepDeg } = boroughs;
  return Array.from({ length: columns * rows }, (_, number) => {
    const west = westDeg + (number % columns) * stepDeg;
    const south = southDeg + Math.floor(number / columns) * stepDeg;
    const [east, north] = [west + stepDeg, south + stepDeg];
    const ring = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const properties = {
      name: `Borough ${number}`,
      datum: 'WGS-84',
      uses: ['enter', 'exit'],
      crowdMax,
      classes: ['hazmat', 'earthwork'],
    };
    return { type: 'Feature', id: `borough-${number}`, geometry: { type: 'Polygon', coordinates: [ring] }, properties };
  });
}

function limitsOf(policy: Policy): Record<VehicleClass, number> {
  const limits = vehicleClasses.map((name) => [name, policy.overspeed.limitsKph[name].value]);
  return Object.fromEntries(limits) as Record<VehicleClass, number>;
}

/** Appends in order and never gives up: what a gateway with a buffer does. What was written twice by that is input, too. */
export class PatientProducer {
  readonly #log: Log;
  readonly #topic: string;
  #last: Promise<void> = Promise.resolve();

  constructor(log: Log, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  send(records: readonly NewLogRecord[]): void {
    if (records.length === 0) return;
    this.#last = this.#last.then(() => this.#append(records));
    // Told to whoever waits for the end.
    this.#last.catch(() => undefined);
  }

  /** Resolves when all is durable. */
  async drained(): Promise<void> {
    await this.#last;
  }

  async #append(records: readonly NewLogRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#log.append(this.#topic, records);
        return;
      } catch (error) {
        if (!(error instanceof LogError) || !error.retriable) throw error;
        await sleep(200);
      }
    }
  }
}
