import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../bootstrap/lock.mjs';
import { say } from '../bootstrap/progress.mjs';
import { startKafka } from './kafka.ts';
import { kafkaIsReady } from './kafka-probe.ts';
import { assertPortFree, loopback } from './ports.ts';
import { postgresIsReady, startPostgres } from './postgres.ts';
import { redisIsReady, startRedis } from './redis.ts';
import { ensureRequirements, type ServerName } from './requirements.ts';
import { ServerError } from './server-error.ts';
import { isRunning, logTails, stopServers, type ServerProcess } from './server-process.ts';

/** The servers of one data folder, which outlive the command that starts them: what `servers up` and `down` do. */
export type LocalServersOptions = {
  readonly dataDir: string;
  readonly brokers?: number | undefined;
  /** The first broker's; the others take the next ones. */
  readonly kafkaPort?: number | undefined;
  readonly redisPort?: number | undefined;
  readonly postgresPort?: number | undefined;
};

/** Written as soon as there are processes, so that `down` finds them whatever happened since. */
type Running = {
  /** The value of the environment variable. */
  readonly address: string;
  readonly ports: readonly number[];
  readonly processes: readonly ServerProcess[];
};

type Kind = {
  readonly variable: string;
  readonly portOption: string;
  readonly ports: (options: LocalServersOptions) => number[];
  readonly isReady: (ports: readonly number[]) => Promise<boolean>;
  readonly start: (
    dir: string,
    ports: readonly number[],
    onSpawned: (processes: readonly ServerProcess[]) => void,
  ) => Promise<string>;
  /** Asks for an orderly end. */
  readonly stopSignal: NodeJS.Signals;
};

/** An orderly end takes a second or two; what takes longer than this is killed, and recovers at its next start. */
const stopMsMax = 15_000;

const kinds: Record<ServerName, Kind> = {
  kafka: {
    variable: 'KAFKA_BROKERS',
    portOption: '--kafka-port',
    ports: ({ brokers = 1, kafkaPort = 9092 }) => Array.from({ length: brokers }, (_, index) => kafkaPort + index),
    isReady: async (ports) =>
      (await Promise.all(ports.map((port) => kafkaIsReady(`${loopback}:${port}`, ports.length)))).every(Boolean),
    start: async (dir, ports, onSpawned) => {
      // One broker and three are different clusters: the voters of a KRaft quorum do not change between starts.
      const clusterDir = join(dir, ports.length === 1 ? '1-broker' : `${ports.length}-brokers`);
      const kafka = await startKafka({ dir: clusterDir, brokers: ports.length, ports, onSpawned });
      return kafka.bootstrapServers.join(',');
    },
    stopSignal: 'SIGTERM',
  },
  redis: {
    variable: 'REDIS_URL',
    portOption: '--redis-port',
    ports: ({ redisPort = 6379 }) => [redisPort],
    isReady: ([port]) => redisIsReady(port!),
    start: async (dir, [port], onSpawned) => (await startRedis({ dir, port: port!, onSpawned })).url,
    stopSignal: 'SIGTERM',
  },
  postgres: {
    variable: 'DATABASE_URL',
    portOption: '--postgres-port',
    ports: ({ postgresPort = 5432 }) => [postgresPort],
    isReady: ([port]) => postgresIsReady(port!),
    start: async (dir, [port], onSpawned) => (await startPostgres({ dir, port: port!, onSpawned })).url,
    stopSignal: 'SIGINT',
  },
};

/** Starts what does not run; returns the environment lines of all named servers. */
export async function serversUp(names: readonly ServerName[], options: LocalServersOptions): Promise<string[]> {
  await ensureRequirements(names);
  const onWait = (pid: number | undefined) =>
    say(`waiting for process ${pid ?? '?'}, which works on ${options.dataDir} …`);
  return withLock(join(options.dataDir, 'servers.lock'), onWait, async () => {
    const started = await Promise.allSettled(
      names.map(async (name) => `${kinds[name].variable}=${await up(name, options)}`),
    );
    const failures = started.filter((result) => result.status === 'rejected').map(({ reason }) => reason as Error);
    if (failures.length === 0)
      return started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    throw new ServerError(failures.map(({ message }) => message).join('\n'), { cause: failures[0] });
  });
}

async function up(name: ServerName, options: LocalServersOptions): Promise<string> {
  const kind = kinds[name];
  const dir = join(options.dataDir, name);
  const ports = kind.ports(options);
  const found = readRunning(options.dataDir, name);
  if (found !== undefined && (await healthOf(name, found)) === 'ready') {
    assertAsAsked(name, found, options);
    say(`${name} runs already: ${found.address}`);
    return found.address;
  }
  if (found !== undefined) await stop(name, found, options.dataDir);
  await Promise.all(ports.map((port) => assertPortFree(port, kind.portOption)));
  say(`starting ${name} …`);
  const startedAtMs = Date.now();
  const address = await kind.start(dir, ports, (processes) =>
    writeRunning(options.dataDir, name, { address: 'starting', ports, processes }),
  );
  const { processes } = readRunning(options.dataDir, name)!;
  writeRunning(options.dataDir, name, { address, ports, processes });
  say(`${name} is ready after ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s: ${address}`);
  return address;
}

/** A running server keeps its ports; an option that says otherwise must not be passed over in silence. */
function assertAsAsked(name: ServerName, found: Running, options: LocalServersOptions): void {
  const asked = {
    kafka: options.kafkaPort ?? options.brokers,
    redis: options.redisPort,
    postgres: options.postgresPort,
  };
  const wanted = kinds[name].ports({ brokers: found.ports.length, kafkaPort: found.ports[0], ...defined(options) });
  if (asked[name] !== undefined && wanted.join() !== found.ports.join()) {
    throw new ServerError(`${name} runs already, on ${found.address}: \`npm run servers -- down ${name}\` first`);
  }
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** Stops the named servers, in order where they still listen to us; resolves when their processes have gone. */
export async function serversDown(names: readonly ServerName[], dataDir: string): Promise<void> {
  const work = async (name: ServerName) => {
    const found = readRunning(dataDir, name);
    if (found === undefined) return say(`${name} does not run`);
    await stop(name, found, dataDir);
    return say(`${name} has stopped`);
  };
  const onWait = (pid: number | undefined) => say(`waiting for process ${pid ?? '?'}, which works on ${dataDir} …`);
  await withLock(join(dataDir, 'servers.lock'), onWait, () => Promise.all(names.map(work)));
}

async function stop(name: ServerName, found: Running, dataDir: string): Promise<void> {
  await stopServers(found.processes, kinds[name].stopSignal, stopMsMax);
  rmSync(runningFile(dataDir, name), { force: true });
}

export type ServerStatus = {
  readonly name: ServerName;
  readonly health: 'ready' | 'not ready' | 'down';
  readonly address: string;
  readonly pids: readonly number[];
};

export function serversStatus(names: readonly ServerName[], dataDir: string): Promise<ServerStatus[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = readRunning(dataDir, name);
      if (found === undefined) return { name, health: 'down', address: '', pids: [] };
      const pids = found.processes.map(({ pid }) => pid);
      return { name, health: await healthOf(name, found), address: found.address, pids };
    }),
  );
}

async function healthOf(name: ServerName, found: Running): Promise<ServerStatus['health']> {
  const alive = await Promise.all(found.processes.map(isRunning));
  if (!alive.includes(true)) return 'down';
  return !alive.includes(false) && (await kinds[name].isReady(found.ports)) ? 'ready' : 'not ready';
}

/** The end of every log file of the servers that were started. */
export function serversLogs(names: readonly ServerName[], dataDir: string): string[] {
  return names.map((name) => logTails(readRunning(dataDir, name)?.processes ?? [])).filter(Boolean);
}

function runningFile(dataDir: string, name: ServerName): string {
  return join(dataDir, name, 'running.json');
}

function readRunning(dataDir: string, name: ServerName): Running | undefined {
  try {
    return JSON.parse(readFileSync(runningFile(dataDir, name), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

function writeRunning(dataDir: string, name: ServerName, running: Running): void {
  mkdirSync(join(dataDir, name), { recursive: true });
  writeFileSync(runningFile(dataDir, name), `${JSON.stringify(running, null, 2)}\n`);
}
