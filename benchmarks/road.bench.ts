import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FixBatch, groupOf, vehicleClasses, type Alarm, type Policy, type VehicleClass } from '@haulwatch/domain';
import type { LiveStore } from '@haulwatch/ports';
import { createSimulator, SimulatedGateway, type Simulator } from '@haulwatch/simulator';
import { differing, offlineAlarms, type SentFrame } from './offline-alarms.ts';
import { openRealRoad, type RealRoad } from './real-road.ts';

const partitions = 8;
/** How often the simulated terminals send what they have, ms. */
const stepMs = 100;

/**
 * How long does an alarm take from the production of its cause to Redis's event stream, and is anything lost on the
 * way? Simulated vehicles -> real Kafka -> ingest -> alarm-log -> alerts -> Redis and history -> PostgreSQL, each service
 * a process, open loop. The alarms are held to those of engines offline on the same frames.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const { vehicles, seconds, periodMs, seed } = readOptions(args);
  await using stack = new AsyncDisposableStack();
  const road = await openRealRoad(stack, partitions);
  const startMs = Date.now();
  const simulator = createSimulator({
    seed,
    vehicles,
    startMs,
    periodMs,
    zones: road.policy.fences,
    limitsKph: limitsOf(road.policy),
  });
  await road.fleet.register(simulator.fleet());
  const watch = watchAlarms(road.store);
  const { sent, fixes } = await drive(road, simulator, startMs, seconds);
  await caughtUp(road);
  const latenciesMs = (await watch.stop()).toSorted((a, b) => a - b);

  const expected = offlineAlarms(sent, road.policy, road.fleet.fleet, partitions);
  const inRedis = await road.store.alarms();
  const { alarms: inPostgres } = await road.history.alarms({ limit: 100_000 });
  const ingested = await ingestedFixes(road);
  return {
    vehicles,
    seconds,
    fixesSent: fixes,
    fixesIngested: ingested,
    lost: fixes - ingested,
    alarmsOffline: expected.length,
    alarmsInRedis: inRedis.length,
    alarmsInPostgres: inPostgres.length,
    differing: differing(expected, inRedis) + differing(expected, inPostgres),
    eventsSeen: latenciesMs.length,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    maxMs: latenciesMs.at(-1) ?? null,
  };
}

function readOptions(args: readonly string[]): Record<'vehicles' | 'seconds' | 'periodMs' | 'seed', number> {
  const text = { type: 'string' } as const;
  const options = { vehicles: text, seconds: text, 'period-ms': text, seed: text };
  const { values } = parseArgs({ args: [...args], options });
  return {
    vehicles: Number(values.vehicles ?? 200),
    seconds: Number(values.seconds ?? 60),
    periodMs: Number(values['period-ms'] ?? 5_000),
    seed: Number(values.seed ?? 1),
  };
}

/** Sends what the simulated terminals report, at the times when they report it, whether or not anybody keeps up. */
async function drive(
  road: RealRoad,
  simulator: Simulator,
  startMs: number,
  seconds: number,
): Promise<{ readonly sent: SentFrame[]; readonly fixes: number }> {
  const gateway = new SimulatedGateway(simulator.fleet(), road.fleet.fleet, partitions);
  const batch = new FixBatch(20_000);
  const sent: SentFrame[] = [];
  const nextOffsets = Array.from({ length: partitions }, () => 0);
  const appends: Promise<unknown>[] = [];
  let fixes = 0;
  for (let atMs = startMs; atMs < startMs + seconds * 1_000; atMs += stepMs) {
    await sleep(Math.max(0, atMs - Date.now()));
    for (let done = false; !done;) {
      done = simulator.step(atMs, batch);
      fixes += batch.count;
      const frames = gateway.frames(batch, atMs);
      for (const frame of frames) sent.push({ ...frame, offset: nextOffsets[frame.partition]!++, atMs });
      appends.push(
        road.log.append(
          road.topics.telemetry,
          frames.map((frame) => ({ ...frame, key: null })),
        ),
      );
    }
  }
  await Promise.all(appends);
  return { sent, fixes };
}

/** Resolves when ingest has committed all telemetry, and both stores have all that came of it. */
async function caughtUp({ log, topics, store, history }: RealRoad): Promise<void> {
  const ends = await log.endOffsets(topics.telemetry);
  const ingestBehind = async (): Promise<boolean> => {
    const committed = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
    return ends.some((end, partition) => end > (committed.find((it) => it.partition === partition)?.offset ?? 0));
  };
  while (await ingestBehind()) await sleep(100);
  const [alarmEnd = 0] = await log.endOffsets(topics.alarmLog);
  while ((await store.position()) < alarmEnd - 1 || (await history.position()) < alarmEnd - 1) await sleep(50);
}

/** Reads the event stream as a screen does and notes how old each alarm's cause is when it is seen. */
function watchAlarms(store: LiveStore): { stop(): Promise<number[]> } {
  const latenciesMs: number[] = [];
  const stopped = new AbortController();
  const reading = (async () => {
    let after: string | undefined;
    while (!stopped.signal.aborted) {
      const page = await store.events(after, 1_000, 500);
      const seenAtMs = Date.now();
      for (const { data } of page.events) latenciesMs.push(seenAtMs - (JSON.parse(data) as Alarm).producedAtMs);
      after = page.next;
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await reading;
      return latenciesMs;
    },
  };
}

/** What ingest itself says that it took, in the metadata of its commits. */
async function ingestedFixes({ log, topics }: RealRoad): Promise<number> {
  const committed = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
  return committed.reduce((sum, { metadata }) => {
    const { counters } = JSON.parse(metadata) as { readonly counters: { readonly fixes: number } };
    return sum + counters.fixes;
  }, 0);
}

function limitsOf(policy: Policy): Record<VehicleClass, number> {
  const limits = vehicleClasses.map((name) => [name, policy.overspeed.limitsKph[name].value]);
  return Object.fromEntries(limits) as Record<VehicleClass, number>;
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
