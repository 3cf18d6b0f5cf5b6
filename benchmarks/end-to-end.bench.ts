import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { groupOf } from '@haulwatch/domain';
import { createSimulator } from '@haulwatch/simulator';
import { LoadFleet } from './load-fleet.ts';
import { slotMs, slotsOf, type LoadStep } from './load-plan.ts';
import { startLoad, type LoadProcess } from './load-process.ts';
import { openProfiling, type Profiling, type ProfileResult } from './load-profile.ts';
import {
  coreMeter,
  countedRows,
  memoryMeter,
  quantile,
  round,
  slopeOf,
  watchAlarms,
  type Latency,
  type MemoryUse,
} from './load-watch.ts';
import { differing, offlineAlarms, type SentFrame } from './offline-alarms.ts';
import { openLiveRoad, startService, type LiveRoad, type RunningService } from './real-road.ts';

const partitions = 32;
const sampleEveryMs = 500;
/** Code is compiled and every vehicle gets its place before anything is measured. */
const warmUpMs = 10_000;

type Options = {
  readonly vehicles: number;
  readonly hz: number;
  readonly seconds: number;
  readonly rowsMax: number;
  readonly climb: boolean;
  readonly verify: boolean;
  readonly fromFixesPerS: number;
  readonly byFixesPerS: number;
  /** Whether ingest is profiled while a rate is measured, which costs it some percent. */
  readonly profile: boolean;
};

/** What one rate did while it was held. */
type Held = {
  readonly fixesPerS: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly p50IntendedMs: number | null;
  readonly p99IntendedMs: number | null;
  readonly alarmsSeen: number;
  readonly maxLagRecords: number;
  readonly maxLagMs: number;
  readonly lagSlope: number;
  readonly lagSlopeError: number;
  readonly generatorLateMs: number;
  readonly cpu: Readonly<Record<'simulator' | 'broker' | 'ingest' | 'alerts' | 'redis' | 'bench', number>>;
  readonly memory: Readonly<Record<'ingest' | 'alerts' | 'redis', MemoryUse>>;
  readonly grows: boolean;
  readonly profile?: ProfileResult;
};

/**
 * Which load does the whole road carry on this one machine, and how late are its alarms? Generator -> Kafka -> ingest ->
 * alarm-log -> alerts -> Redis, each a process, open loop: what is due is sent with the time at which it was due, also
 * where the machine is late. The lag is what was due until now less what ingest has counted, so the generator's own
 * lateness counts too. `--climb` raises the rate until that lag grows.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const options = readOptions(args);
  await using stack = new AsyncDisposableStack();
  const road = await openLiveRoad(stack, partitions);
  const simulator = createSimulator({ seed: 1, vehicles: options.vehicles, startMs: Date.now() });
  await road.fleet.register(simulator.fleet());
  const profiling = options.profile ? await openProfiling(stack) : undefined;
  const ingest = await startService(stack, 'ingest', { ...road.env, ...profiling?.env }, profiling?.nodeOptions);
  const alerts = await startService(stack, 'alerts', road.env);
  const { vehicles, rowsMax } = options;
  const load = await startLoad(stack, { brokers: road.brokers, partitions, vehicles, rowsMax });
  const watch = watchAlarms(road.store);
  const run: Run = { options, road, ingest, alerts, load, seen: watch.seen, plan: [], profiling };
  const held = options.climb ? await climb(run) : [await hold(run, options.vehicles * options.hz, options.seconds)];
  const sent = await load.finish(beginStep(run, -1));
  await caughtUp(road);
  await watch.stop();
  const ingested = await ingestedRows(road);
  const alarms = await road.store.alarms();
  const best = held.findLast((it) => !it.grows);
  return {
    vehicles,
    partitions,
    ...(best ?? held.at(-1)!),
    alarms: alarms.length,
    refused: sent.refusedFixes,
    lost: sent.ackedFixes - ingested,
    differing: options.verify && sent.refusedFixes === 0 ? differing(expectedAlarms(run), alarms) : 'not compared',
    highestFixesPerS: best?.fixesPerS ?? null,
    ...(options.climb && { steps: held }),
  };
}

type Run = {
  readonly options: Options;
  readonly road: LiveRoad;
  readonly ingest: RunningService;
  readonly alerts: RunningService;
  readonly load: LoadProcess;
  readonly seen: readonly Latency[];
  readonly plan: LoadStep[];
  readonly profiling: Profiling | undefined;
};

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      vehicles: text,
      hz: text,
      seconds: text,
      rows: text,
      from: text,
      by: text,
      profile: flag,
      climb: flag,
      'no-verify': flag,
    },
  });
  return {
    vehicles: Number(values.vehicles ?? 198_083),
    hz: Number(values.hz ?? 1),
    seconds: Number(values.seconds ?? (values.climb === true ? 30 : 120)),
    rowsMax: Number(values.rows ?? 1_000),
    climb: values.climb === true,
    // All frames are made a second time for the comparison: affordable for one rate, not for a climb.
    verify: values['no-verify'] !== true && values.climb !== true,
    fromFixesPerS: Number(values.from ?? 400_000),
    byFixesPerS: Number(values.by ?? 100_000),
    profile: values.profile === true,
  };
}

/** Holds one rate after the other until the lag grows. */
async function climb(run: Run): Promise<Held[]> {
  const held: Held[] = [];
  const { fromFixesPerS, byFixesPerS, seconds } = run.options;
  for (let fixesPerS = fromFixesPerS; held.at(-1)?.grows !== true; fixesPerS += byFixesPerS) {
    held.push(await hold(run, fixesPerS, seconds));
    process.stderr.write(`${JSON.stringify(held.at(-1))}\n`);
  }
  return held;
}

/** Tells the generator of a new rate and returns from when on it holds: a whole number of slots after the last one. */
function beginStep({ plan, load }: Run, fixesPerS: number): number {
  const soonMs = Date.now() + 100;
  const firstMs = plan[0]?.fromMs ?? soonMs;
  const fromMs = firstMs + Math.ceil((soonMs - firstMs) / slotMs) * slotMs;
  plan.push({ fromMs, fixesPerS });
  if (fixesPerS >= 0) load.at({ fromMs, fixesPerS });
  return fromMs;
}

/** Fixes that the plan had due until a time. */
function dueFixes(plan: readonly LoadStep[], nowMs: number): number {
  return plan.reduce((sum, { fromMs, fixesPerS }, at) => {
    const endMs = Math.min(nowMs, plan[at + 1]?.fromMs ?? Infinity);
    return sum + (Math.max(0, endMs - fromMs) / 1_000) * Math.max(0, fixesPerS);
  }, 0);
}

async function hold(run: Run, fixesPerS: number, seconds: number): Promise<Held> {
  const { load, ingest, alerts, road, plan } = run;
  beginStep(run, fixesPerS);
  await sleep(warmUpMs);
  const beganAtMs = Date.now();
  run.profiling?.begin(ingest.pid);
  const meter = coreMeter({
    simulator: load.pid,
    broker: road.pids.broker,
    ingest: ingest.pid,
    alerts: alerts.pid,
    redis: road.pids.redis,
    bench: process.pid,
  });
  const memory = memoryMeter({ ingest: ingest.pid, alerts: alerts.pid, redis: road.pids.redis });
  const before = load.report;
  const lags: [number, number][] = [];
  let lateMs = 0;
  for (let atMs = beganAtMs; atMs < beganAtMs + seconds * 1_000; atMs += sampleEveryMs) {
    await sleep(Math.max(0, atMs - Date.now()));
    const counted = await countedRows(ingest.admin);
    const nowMs = Date.now();
    lags.push([(nowMs - beganAtMs) / 1_000, dueFixes(plan, nowMs) - counted]);
    lateMs = Math.max(lateMs, load.report.lateMs);
    memory.sample();
  }
  const cpu = meter.read();
  const profile = await run.profiling?.end(ingest.pid);
  const after = load.report;
  const rowsPerRecord = (after.sentFixes - before.sentFixes) / (after.sentRecords - before.sentRecords);
  const { slope, error } = slopeOf(lags);
  const maxLag = Math.max(...lags.map(([, lag]) => lag));
  const seen = run.seen.filter(({ seenAtMs }) => seenAtMs >= beganAtMs);
  const produced = seen.map((it) => it.producedMs);
  const intended = seen.map((it) => it.intendedMs);
  return {
    fixesPerS: round(fixesPerS),
    p50Ms: quantile(produced, 0.5),
    p99Ms: quantile(produced, 0.99),
    p50IntendedMs: quantile(intended, 0.5),
    p99IntendedMs: quantile(intended, 0.99),
    alarmsSeen: seen.length,
    maxLagRecords: round(maxLag / rowsPerRecord),
    maxLagMs: round((maxLag / fixesPerS) * 1_000),
    lagSlope: round(slope / rowsPerRecord, 2),
    lagSlopeError: round(error / rowsPerRecord, 2),
    generatorLateMs: lateMs,
    cpu,
    memory: memory.read(),
    // Three standard errors, and half a percent of the load: what grows less is the noise of one machine's other work.
    grows: (slope > 3 * error && slope > fixesPerS / 200) || after.refusedFixes > before.refusedFixes,
    ...(profile !== undefined && { profile }),
  };
}

/** Resolves when ingest has committed all telemetry, and the live store has all that came of it. */
async function caughtUp({ log, topics, store }: LiveRoad): Promise<void> {
  const ends = await log.endOffsets(topics.telemetry);
  const ingestBehind = async (): Promise<boolean> => {
    const committed = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
    return ends.some((end, partition) => end > (committed.find((it) => it.partition === partition)?.offset ?? 0));
  };
  while (await ingestBehind()) await sleep(200);
  const [alarmEnd = 0] = await log.endOffsets(topics.alarmLog);
  while ((await store.position()) < alarmEnd - 1) await sleep(50);
}

/** What ingest itself says that it took, in the metadata of its commits: fixes, duplicates and rejects are all rows. */
async function ingestedRows({ log, topics }: LiveRoad): Promise<number> {
  const committed = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
  return committed.reduce((sum, { metadata }) => {
    const { counters } = JSON.parse(metadata) as { readonly counters: Counters };
    const rejected = Object.values(counters.rejects).reduce((rows, count) => rows + count, 0);
    return sum + counters.fixes + counters.duplicates + rejected;
  }, 0);
}

type Counters = {
  readonly fixes: number;
  readonly duplicates: number;
  readonly rejects: Readonly<Record<string, number>>;
};

/** What engines offline raise on the same frames, which the same fleet makes a second time. */
function expectedAlarms({ road, plan, options }: Run): ReturnType<typeof offlineAlarms> {
  const { vehicles, rowsMax } = options;
  const fleet = new LoadFleet(road.fleet.fleet.vehicles(), road.policy, partitions, rowsMax);
  function* frames(): Generator<SentFrame> {
    for (const { atMs, share } of slotsOf(plan, vehicles)) {
      for (const frame of fleet.frames(atMs, share)) yield { ...frame, offset: 0, atMs };
    }
  }
  return offlineAlarms(frames(), road.policy, road.fleet.fleet, partitions);
}
