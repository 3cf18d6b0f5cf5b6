import type { Fault, FaultKind } from './chaos-plan.ts';
import type { ChaosServers } from './chaos-servers.ts';
import type { Gauge } from './chaos-watch.ts';
import type { ChaosWorker, ChaosWorkers, WorkerRole } from './chaos-workers.ts';

/** What a fault meets, and what must work again after it. */
type FaultSpec = {
  /** Faults of one thing follow each other: a server that is down cannot be stopped. */
  readonly thing: string;
  readonly gauges: readonly Gauge[];
  /**
   * From when on recovery counts: from the fault's beginning where the road should go on by itself, from the end of it where
   * nobody can before a server is back, or where workers come and go in an orderly way.
   */
  readonly from: 'begin' | 'end';
  readonly inject: (cluster: ChaosCluster, fault: Fault) => Promise<void>;
};

export type ChaosCluster = {
  readonly servers: ChaosServers;
  readonly workers: ChaosWorkers;
};

/** Ingest workers after scale-out, and after scale-in. */
const ingestWorkers = { most: 4, least: 2 } as const;

const everything: readonly Gauge[] = ['engine', 'redis', 'postgres', 'api'];
const gaugesOf: Record<WorkerRole, readonly Gauge[]> = {
  ingest: ['engine'],
  alerts: ['redis'],
  history: ['postgres'],
  api: ['api'],
};

const specs: Record<FaultKind, FaultSpec> = {
  'kill-ingest': kills('ingest'),
  'kill-alerts': kills('alerts'),
  'kill-history': kills('history'),
  'kill-api': kills('api'),
  'freeze-ingest': freezes('ingest'),
  'freeze-alerts': freezes('alerts'),
  'freeze-history': freezes('history'),
  'broker-stop': ends('kafka', 'SIGTERM', everything),
  'broker-kill': ends('kafka', 'SIGKILL', everything),
  'redis-kill': ends('redis', 'SIGKILL', ['redis', 'api']),
  'redis-flush': redis('begin', async ({ servers }) => await servers.redis.flush()),
  'redis-full': redis('end', async ({ servers }, { forMs }) => await servers.redis.fill(forMs)),
  'redis-failover': redis('end', async ({ servers }, { forMs }) => await servers.redis.failOver(forMs)),
  // PostgreSQL's immediate shutdown: it recovers from its log at the next start.
  'postgres-stop': ends('postgres', 'SIGQUIT', ['postgres', 'api']),
  'scale-out': { thing: 'ingest', gauges: ['engine'], from: 'end', inject: scaleOut },
  'scale-in': { thing: 'ingest', gauges: ['engine'], from: 'end', inject: scaleIn },
  'cut-kafka': cuts('kafka', everything),
  'cut-redis': cuts('redis', ['redis', 'api']),
  'cut-postgres': cuts('postgres', ['postgres', 'api']),
};

export function faultSpec(kind: FaultKind): FaultSpec {
  return specs[kind];
}

function kills(role: WorkerRole): FaultSpec {
  const inject = async ({ workers }: ChaosCluster, { forMs, pick }: Fault): Promise<void> => {
    pickWorker(workers.of(role), pick)?.kill(forMs);
  };
  return { thing: role, gauges: gaugesOf[role], from: 'begin', inject };
}

function freezes(role: WorkerRole): FaultSpec {
  const inject = async ({ workers }: ChaosCluster, { forMs, pick }: Fault): Promise<void> => {
    await pickWorker(workers.of(role), pick)?.freeze(forMs);
  };
  return { thing: role, gauges: gaugesOf[role], from: 'begin', inject };
}

function redis(from: FaultSpec['from'], inject: FaultSpec['inject']): FaultSpec {
  return { thing: 'redis', gauges: ['redis', 'api'], from, inject };
}

function ends(
  server: keyof ChaosServers,
  signal: 'SIGTERM' | 'SIGKILL' | 'SIGQUIT',
  gauges: readonly Gauge[],
): FaultSpec {
  const inject = async ({ servers }: ChaosCluster, { forMs }: Fault): Promise<void> => {
    await servers[server].end(signal);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    await servers[server].start();
  };
  return { thing: server, gauges, from: 'end', inject };
}

function cuts(server: keyof ChaosServers, gauges: readonly Gauge[]): FaultSpec {
  const inject = async ({ servers }: ChaosCluster, { forMs }: Fault): Promise<void> =>
    await servers[server].proxy.cut(forMs);
  return { thing: server, gauges, from: 'begin', inject };
}

/** Resolves when the new ones have joined: the partitions are on their way to them. */
async function scaleOut({ workers }: ChaosCluster): Promise<void> {
  const added: ChaosWorker[] = [];
  while (workers.of('ingest').length < ingestWorkers.most) added.push(workers.add('ingest'));
  await Promise.all(added.map((worker) => worker.up()));
}

/** The oldest go, in an orderly way. */
async function scaleIn({ workers }: ChaosCluster): Promise<void> {
  const leaving = workers.of('ingest').slice(0, Math.max(0, workers.of('ingest').length - ingestWorkers.least));
  await Promise.all(leaving.map((worker) => workers.remove(worker)));
}

/** The one at work three times in four, where only one is. */
function pickWorker(workers: readonly ChaosWorker[], pick: number): ChaosWorker | undefined {
  const inOrder = workers.toSorted((a, b) => Number(b.isActive) - Number(a.isActive));
  if (inOrder[0]?.isActive === true && inOrder[1]?.isActive !== true) {
    return pick < 0.75 ? inOrder[0] : (inOrder[1] ?? inOrder[0]);
  }
  return inOrder[Math.floor(pick * inOrder.length)];
}
