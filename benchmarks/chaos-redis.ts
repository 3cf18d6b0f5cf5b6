import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type ServerProcess } from '@haulwatch/local';
import { openProxy } from './chaos-proxy.ts';
import { endServers, type ChaosServer } from './chaos-server.ts';

/** Redis with a replica, and what can happen to it beyond its end. */
export type ChaosRedis = ChaosServer & {
  /** Takes everything out, as a person does who is in the wrong window. */
  flush(): Promise<void>;
  /** For so long there is no room: each write is refused. */
  fill(forMs: number): Promise<void>;
  /**
   * The replica takes over, and lacks what the primary has taken for the last `behindMs`: replication waits for nobody. The old
   * primary is killed and comes back as the replica.
   */
  failOver(behindMs: number): Promise<void>;
};

type Node = { readonly port: number; readonly dir: string; processes: readonly ServerProcess[] };

const loopback = '127.0.0.1';
/** Until a replica has copied a store of this size. */
const syncMsMax = 60_000;
/** For a command, by a server that may be busy. */
const answerMsMax = 30_000;

/** Ports: where services connect, where the harness does, and the two servers' own. */
export async function startRedisPair(
  stack: AsyncDisposableStack,
  dir: string,
  [port, ownPort, ...nodePorts]: readonly [number, number, number, number],
): Promise<ChaosRedis> {
  const nodes = nodePorts.map((nodePort, i): Node => {
    return { port: nodePort, dir: join(dir, String(i)), processes: [] };
  });
  let [primary, replica] = nodes as [Node, Node];
  const launch = async (node: Node): Promise<void> => {
    node.processes = (await startRedis({ dir: node.dir, port: node.port, ephemeral: true })).processes;
  };
  stack.defer(async () => void (await Promise.all(nodes.map(({ processes }) => endServers(processes, 'SIGKILL')))));
  await Promise.all(nodes.map(launch));
  await command(replica.port, `REPLICAOF ${loopback} ${primary.port}`);
  const proxy = stack.adopt(await openProxy(port, primary.port), (it) => it.close());
  const ownProxy = stack.adopt(await openProxy(ownPort, primary.port), (it) => it.close());
  return {
    port,
    ownPort,
    proxy,
    end: async (signal) => await endServers(primary.processes, signal),
    start: async () => await launch(primary),
    flush: async () => await command(primary.port, 'FLUSHALL'),
    async fill(forMs) {
      await command(primary.port, 'CONFIG SET maxmemory 1');
      await sleep(forMs);
      await command(primary.port, 'CONFIG SET maxmemory 0');
    },
    async failOver(behindMs) {
      await inSync(replica.port);
      await command(replica.port, 'REPLICAOF NO ONE');
      await sleep(behindMs);
      await endServers(primary.processes, 'SIGKILL');
      [primary, replica] = [replica, primary];
      for (const way of [proxy, ownProxy]) way.moveTo(primary.port);
      await launch(replica);
      await command(replica.port, `REPLICAOF ${loopback} ${primary.port}`);
    },
  };
}

async function inSync(port: number): Promise<void> {
  const deadlineMs = performance.now() + syncMsMax;
  while (!(await ask(port, 'INFO replication')).includes('master_link_status:up')) {
    if (performance.now() > deadlineMs) throw new Error(`Redis at ${port} has not become a replica in ${syncMsMax} ms`);
    await sleep(100);
  }
}

async function command(port: number, text: string): Promise<void> {
  const reply = await ask(port, text);
  if (!reply.startsWith('+OK')) throw new Error(`Redis at ${port} answered ${text} with ${reply}`);
}

/** A command in Redis' inline form, which no client stands between, and its answer as it comes. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: loopback, port });
    const fail = (what: string): void => {
      socket.destroy();
      reject(new Error(`Redis at ${port}, asked ${text}: ${what}`));
    };
    socket.setTimeout(answerMsMax, () => fail('no answer'));
    socket.once('error', ({ message }) => fail(message));
    socket.once('close', () => fail('it hung up'));
    socket.once('connect', () => socket.write(`${text}\r\n`));
    socket.once('data', (reply) => {
      resolve(reply.toString());
      socket.destroy();
    });
  });
}
