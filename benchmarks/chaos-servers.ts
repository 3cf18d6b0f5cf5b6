import { join } from 'node:path';
import {
  ensureRequirements,
  freePorts,
  startKafka,
  startPostgres,
  type RunningKafka,
  type ServerProcess,
} from '@haulwatch/local';
import { openProxy } from './chaos-proxy.ts';
import { startRedisPair, type ChaosRedis } from './chaos-redis.ts';
import { endServers, type ChaosServer } from './chaos-server.ts';

export type ChaosServers = Readonly<Record<'kafka' | 'postgres', ChaosServer>> & { readonly redis: ChaosRedis };

const loopback = '127.0.0.1';

/**
 * Kafka, Redis (append-only file, and a replica) and PostgreSQL, each behind a proxy. The servers die with this process; their data lies in the
 * folder. PostgreSQL does not wait for the disk at a commit: a stop may take its last commits away, as a failover to an
 * asynchronous replica does.
 */
export async function startServers(stack: AsyncDisposableStack, dir: string): Promise<ChaosServers> {
  await ensureRequirements(['kafka', 'redis', 'postgres']);
  const ports = await freePorts(8);
  const redis = await startRedisPair(stack, join(dir, 'redis'), [ports[0]!, ports[1]!, ports[6]!, ports[7]!]);
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
  const properties = { 'advertised.listeners': `CLIENT://${loopback}:${proxyPort}` };
  return await startKafka({ dir, ports: [port], ephemeral: true, properties });
}

async function behindProxy(
  stack: AsyncDisposableStack,
  port: number,
  ownPort: number,
  launch: (port: number) => Promise<readonly ServerProcess[]>,
): Promise<ChaosServer> {
  let processes: readonly ServerProcess[] = [];
  const start = async (): Promise<void> => void (processes = await launch(ownPort));
  await start();
  stack.defer(() => endServers(processes, 'SIGKILL'));
  const proxy = stack.adopt(await openProxy(port, ownPort), (it) => it.close());
  const end: ChaosServer['end'] = async (signal) => await endServers(processes, signal);
  return { port, ownPort, proxy, end, start };
}
