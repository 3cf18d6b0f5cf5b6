import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ensureRequirements,
  freePorts,
  isRunning,
  startKafka,
  startPostgres,
  startRedis,
  type RunningKafka,
  type ServerProcess,
} from '@haulwatch/local';
import { openProxy, type Proxy } from './chaos-proxy.ts';

/** A server that can be ended and started again on its port, and the proxy through which the services reach it. */
type ChaosServer = {
  /** Where the services connect to. */
  readonly port: number;
  /** Where it listens itself: for the harness, which no cut shall hinder. */
  readonly ownPort: number;
  readonly proxy: Proxy;
  /** Ends the process by this signal; resolves when it has gone. */
  end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts it again on its data; resolves when it takes requests. */
  start(): Promise<void>;
};

export type ChaosServers = Readonly<Record<'kafka' | 'redis' | 'postgres', ChaosServer>>;

const loopback = '127.0.0.1';
/** An orderly end takes longer than this only when it hangs. */
const endMsMax = 30_000;

/**
 * Kafka, Redis (append-only file) and PostgreSQL, each behind a proxy. The servers die with this process; their data lies in the
 * folder. PostgreSQL does not wait for the disk at a commit: a stop may take its last commits away, as a failover to an
 * asynchronous replica does.
 */
export async function startServers(stack: AsyncDisposableStack, dir: string): Promise<ChaosServers> {
  await ensureRequirements(['kafka', 'redis', 'postgres']);
  const ports = await freePorts(6);
  const redis = await behindProxy(stack, ports[0]!, ports[1]!, async (port) => {
    const { processes } = await startRedis({ dir: join(dir, 'redis'), port, ephemeral: true });
    return processes;
  });
  const postgres = await behindProxy(stack, ports[2]!, ports[3]!, async (port) => {
    const { processes } = await startPostgres({ dir: join(dir, 'postgres'), port, ephemeral: true });
    return processes;
  });
  const kafka = await behindProxy(stack, ports[4]!, ports[5]!, async (port) => {
    return (await startAdvertised(join(dir, 'kafka'), port, ports[4]!)).processes;
  });
  return { kafka, redis, postgres };
}

/** Clients of Kafka go where the broker says that it is: here, to the proxy. */
async function startAdvertised(dir: string, port: number, proxyPort: number): Promise<RunningKafka> {
  const kafka = await startKafka({
    dir,
    ports: [port],
    ephemeral: true,
    // The JVM reads its properties a good while after it was spawned; of two lines of a name the last one holds.
    onSpawned: ([broker]) => appendFileSync(broker!.marker, `advertised.listeners=CLIENT://${loopback}:${proxyPort}\n`),
  });
  return kafka;
}

async function behindProxy(
  stack: AsyncDisposableStack,
  port: number,
  ownPort: number,
  launch: (port: number) => Promise<readonly ServerProcess[]>,
): Promise<ChaosServer> {
  let processes: readonly ServerProcess[] = [];
  const end: ChaosServer['end'] = async (signal) => {
    for (const server of processes) if (await isRunning(server)) process.kill(server.pid, signal);
    const deadlineMs = performance.now() + endMsMax;
    for (const server of processes) {
      while (await isRunning(server)) {
        if (performance.now() > deadlineMs) throw new Error(`${server.marker} did not end within ${endMsMax} ms`);
        await sleep(20);
      }
    }
  };
  const start = async (): Promise<void> => void (processes = await launch(ownPort));
  await start();
  stack.defer(() => end('SIGKILL'));
  const proxy = stack.adopt(await openProxy(port, ownPort), (it) => it.close());
  return { port, ownPort, proxy, end, start };
}

/** Takes everything out of Redis, as a person does who is in the wrong window. */
export function flushRedis(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: loopback, port });
    socket.once('error', reject);
    socket.once('connect', () => socket.write('FLUSHALL\r\n'));
    socket.once('data', (reply) => {
      socket.destroy();
      if (reply.toString().startsWith('+OK')) resolve();
      else reject(new Error(`Redis answered FLUSHALL with ${reply.toString()}`));
    });
  });
}
