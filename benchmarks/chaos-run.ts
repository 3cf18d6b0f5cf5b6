import { setTimeout as sleep } from 'node:timers/promises';
import { groupOf, type EngineCounters } from '@haulwatch/domain';
import type { CommittedOffset } from '@haulwatch/ports';
import { CalmRun, committedBooks, foldLog, readAlarmLog, readHistory, readLiveStore, untaken } from './chaos-calm.ts';
import { faultSpec, type ChaosCluster } from './chaos-faults.ts';
import { ChaosInput } from './chaos-input.ts';
import { faultLine, type Fault, type FaultKind } from './chaos-plan.ts';
import type { Evidence } from './chaos-verdict.ts';
import type { ChaosWatch, Gauge } from './chaos-watch.ts';
import { partitions, PatientProducer, type ChaosWorld } from './chaos-world.ts';

/** How often the fleet's gateway sends what it has, ms. */
const stepMs = 200;
/** After the last fault and the last fix: until then everything must have gone all the way. */
const drainMsMax = 120_000;

/** And for the workers to end. */
const endMsMax = 60_000;
/** What a fault takes beyond the end of the input: a server's start, workers that join. */
const faultsMsMax = 60_000;

/** What waited for less than this is news to the stage that tells people, with some time to spare: it takes a minute for old. */
const newsMsMax = 45_000;

export type RunReport = {
  readonly fixes: number;
  readonly injected: ReadonlyMap<FaultKind, number>;
  readonly recoveries: ReadonlyMap<FaultKind, readonly number[]>;
  readonly longestSilenceMs: number;
  /** See `Evidence`. */
  readonly newsSinceMs: number;
  /** Faults after which something did not show that it works again, although everything did arrive in the end. */
  readonly unrecovered: readonly string[];
};

/** What became of the rows: in a calm run, and by what ingest itself has committed. */
export type Books = { readonly calm: EngineCounters; readonly committed: EngineCounters };

/** What did not come to its end: the road stands still, or its input was not taken. */
export class NotDrainedError extends Error {
  override readonly name = 'NotDrainedError';
}

/** Input and faults side by side, until both have ended and everything has arrived. */
export async function runChaos(
  world: ChaosWorld,
  cluster: ChaosCluster,
  watch: ChaosWatch,
  options: { readonly plan: readonly Fault[]; readonly forMs: number; readonly seed: number },
): Promise<RunReport> {
  const producer = new PatientProducer(world.log, world.topics.telemetry);
  const input = new ChaosInput(world.simulator, world.fleet.fleet, partitions, options.seed);
  watch.inputBegins();
  const beganMs = Date.now();
  const stop = new AbortController();
  const faults = new Faults(cluster, watch, stop.signal);
  const injecting = faults.run(options.plan, beganMs);
  // An error of it is heard below.
  injecting.catch(() => undefined);
  for (let atMs = beganMs; atMs < beganMs + options.forMs; atMs += stepMs) {
    await sleep(Math.max(0, atMs - Date.now()));
    producer.send(input.next(Date.now()));
  }
  const longestSilenceMs = watch.inputEnds();
  say('the input has ended');
  await within('the last fault', faultsMsMax, injecting);
  // Who waits for alarms of new input waits in vain now.
  const late = setTimeout(() => stop.abort(), 5_000);
  await faults.settled();
  clearTimeout(late);
  producer.send(input.rest());
  say('all faults are over');
  await within('what the fleet has sent', drainMsMax, producer.drained());
  say('all input is durable');
  await within('the way to both stores', drainMsMax + endMsMax, drained(world, cluster, watch));
  say('all has arrived, and the workers have ended');
  return {
    fixes: input.fixes,
    injected: faults.injected,
    recoveries: faults.recoveries,
    longestSilenceMs,
    newsSinceMs: faults.newsSinceMs(),
    unrecovered: faults.unrecovered,
  };
}

/** Injects what is planned, when it is planned; what meets the same thing comes after each other. */
class Faults {
  readonly injected = new Map<FaultKind, number>();
  readonly recoveries = new Map<FaultKind, number[]>();
  readonly unrecovered: string[] = [];
  #flushedAtMs = 0;
  readonly #cluster: ChaosCluster;
  readonly #watch: ChaosWatch;
  readonly #signal: AbortSignal;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #recovering: Promise<void>[] = [];

  constructor(cluster: ChaosCluster, watch: ChaosWatch, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#watch = watch;
    this.#signal = signal;
  }

  /** Resolves when the last fault is over. */
  async run(plan: readonly Fault[], beganMs: number): Promise<void> {
    const running = plan.map(async (fault) => {
      await sleep(Math.max(0, beganMs + fault.atMs - Date.now()));
      const { thing } = faultSpec(fault.kind);
      const turn = (this.#busy.get(thing) ?? Promise.resolve()).then(() => this.#inject(fault));
      this.#busy.set(thing, turn);
      await turn;
    });
    await Promise.all(running);
  }

  /** From when on each step was news to the live store, ms; where something waited for too long nobody can say. */
  newsSinceMs(): number {
    const waitedMs = [...this.recoveries.values()].flat();
    const isSure = this.unrecovered.length === 0 && Math.max(0, ...waitedMs) < newsMsMax;
    return isSure ? this.#flushedAtMs : Infinity;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#recovering);
  }

  async #inject(fault: Fault): Promise<void> {
    const { gauges, from, inject } = faultSpec(fault.kind);
    say(faultLine(fault));
    // What works again while the fault lasts has recovered then, and not when it is over.
    if (from === 'begin') this.#recovering.push(this.#awaitRecovery(fault, gauges));
    await inject(this.#cluster, fault);
    say(`         ${fault.kind} is over`);
    this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
    if (fault.kind === 'redis-flush') this.#flushedAtMs = Date.now();
    if (from === 'end') this.#recovering.push(this.#awaitRecovery(fault, gauges));
  }

  async #awaitRecovery(fault: Fault, gauges: readonly Gauge[]): Promise<void> {
    try {
      const tookMs = await this.#watch.recovered(gauges, Date.now(), this.#signal);
      say(`         ${fault.kind}: all well ${(tookMs / 1_000).toFixed(1)} s after its ${faultSpec(fault.kind).from}`);
      this.recoveries.set(fault.kind, [...(this.recoveries.get(fault.kind) ?? []), tookMs]);
    } catch {
      this.unrecovered.push(faultLine(fault).trim());
    }
  }
}

/** Waits for something that must come; a wait without an end would hide what it waited for. */
async function within(what: string, msMax: number, coming: Promise<void>): Promise<void> {
  const came = coming.then(() => true);
  if (await Promise.race([came, sleep(msMax, false, { ref: false })])) return;
  throw new NotDrainedError(`${what} did not end within ${msMax / 1_000} s`);
}

/** A line for whoever reads the processes' own logs beside it. */
export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

/** Waits until ingest has committed everything and both stores have all that came of it, and nothing moves any more. */
async function drained(world: ChaosWorld, { workers }: ChaosCluster, watch: ChaosWatch): Promise<void> {
  const deadlineMs = Date.now() + drainMsMax;
  for (;;) {
    const behind = await whatIsBehind(world, watch);
    if (behind.length === 0) break;
    if (Date.now() > deadlineMs) {
      throw new NotDrainedError(`not everything arrived within ${drainMsMax / 1_000} s: ${behind.join('; ')}`);
    }
    await sleep(250);
  }
  // Ingest first: it may have something to tell yet.
  await workers.stopAll(['ingest', 'api']);
  for (;;) {
    const behind = await sinksBehind(world, watch);
    if (behind.length === 0) break;
    if (Date.now() > deadlineMs) throw new NotDrainedError(`after ingest ended: ${behind.join('; ')}`);
    await sleep(250);
  }
  await workers.stopAll();
}

async function whatIsBehind(world: ChaosWorld, watch: ChaosWatch): Promise<string[]> {
  const { log, topics } = world;
  const ends = await log.endOffsets(topics.telemetry);
  const committed = await committedOffsets(world);
  const behind = ends.flatMap((end, partition) => {
    const at = committed[partition] ?? 0;
    return at < end ? [`telemetry[${partition}] is committed at ${at} of ${end}`] : [];
  });
  return [...behind, ...(await sinksBehind(world, watch))];
}

async function sinksBehind({ log, topics }: ChaosWorld, watch: ChaosWatch): Promise<string[]> {
  const [end = 0] = await log.endOffsets(topics.alarmLog);
  const { redis, postgres } = watch.positions();
  return [
    ...(redis < end - 1 ? [`Redis is at ${redis} of ${end - 1}`] : []),
    ...(postgres < end - 1 ? [`PostgreSQL is at ${postgres} of ${end - 1}`] : []),
  ];
}

async function committedOffsets(world: ChaosWorld): Promise<readonly number[]> {
  const offsets = Array.from({ length: partitions }, () => 0);
  for (const { partition, offset } of await commitsOf(world)) offsets[partition] = offset;
  return offsets;
}

async function commitsOf({ log, topics }: ChaosWorld): Promise<readonly CommittedOffset[]> {
  return await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
}

/** What is there when all workers have ended: in the log, in the sinks, and what a calm run makes of the same input. */
export async function gatherEvidence(
  world: ChaosWorld,
  newsSinceMs: number,
): Promise<Evidence & { readonly books: Books }> {
  const { log, topics } = world;
  const calm = new CalmRun(world.fleet.fleet, world.policy, partitions);
  const ends = await log.endOffsets(topics.telemetry);
  for (const [partition, committed] of (await committedOffsets(world)).entries()) {
    const left = await untaken(log, topics.telemetry, partition, committed, ends[partition] ?? 0);
    if (left > 0)
      throw new NotDrainedError(`${left} records of telemetry[${partition}] behind ${committed} were not taken`);
    await calm.play(log, topics.telemetry, partition, committed);
  }
  const logged = await readAlarmLog(log, topics.alarmLog);
  return {
    calm: calm.steps,
    books: { calm: calm.counters, committed: committedBooks(await commitsOf(world)) },
    newsSinceMs,
    logged,
    folded: foldLog(logged),
    sinks: { redis: await readLiveStore(world.store), postgres: await readHistory(world.history) },
  };
}
