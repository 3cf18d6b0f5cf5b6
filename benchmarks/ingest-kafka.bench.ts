import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { encodeFixJson, isReject, readFrameRows, headerSize, rowSize } from '@haulwatch/codec';
import type { NewLogRecord } from '@haulwatch/ports';
import { createSimulator } from '@haulwatch/simulator';
import { LoadFleet, type LoadFrame } from './load-fleet.ts';
import { openProfiling, type ProfileResult } from './load-profile.ts';
import { countedRows, cpuSeconds, quantile, round } from './load-watch.ts';
import { openLiveRoad, startService, type LiveRoad } from './real-road.ts';

const partitions = 32;
/** Slots of telemetry as a gateway sends it that lingers for 100 ms, each vehicle once a second. */
const slotMs = 100;
/** Each look makes the process write all its metrics, some ms of work: not often, for it counts as the drain's. */
const pollMs = 100;

type Format = 'frames' | 'json';

type Drain = ProfileResult & { readonly fixesPerS: number; readonly fixesPerCpuS: number };

/**
 * How fast does one ingest process drain a topic of real Kafka? The topic is filled while nobody reads, then the service
 * starts anew, restores its state and catches up, as after a restart. Measured is the second half of each drain, when the
 * code is compiled and every vehicle has its place: fixes by the clock, and by the CPU time of the process, all its threads.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const options = readOptions(args);
  await using stack = new AsyncDisposableStack();
  const road = await openLiveRoad(stack, partitions);
  const atMs = Date.now() - 3_600_000;
  const simulator = createSimulator({ seed: 1, vehicles: options.vehicles, startMs: atMs });
  await road.fleet.register(simulator.fleet());
  const fleet = new LoadFleet(road.fleet.fleet.vehicles(), road.policy, partitions, 1_000);
  const filler: Filler = { road, fleet, vehicles: options.vehicles, atMs };
  const drains: Record<Format, Drain[]> = { frames: [], json: [] };
  // Taking turns: what the machine does beside meets both alike.
  for (let run = 0; run < options.drains; run += 1) {
    for (const format of ['frames', 'json'] as const) {
      const drain = await drainOnce(stack, filler, format, options[format]);
      process.stderr.write(`${format} ${drain.fixesPerS}/s, ${drain.fixesPerCpuS} a CPU second\n`);
      drains[format].push(drain);
    }
  }
  return {
    vehicles: options.vehicles,
    drains: options.drains,
    ...summary('frames', drains.frames),
    ...summary('json', drains.json),
  };
}

function readOptions(args: readonly string[]): Record<Format | 'vehicles' | 'drains', number> {
  const text = { type: 'string' } as const;
  const options = { vehicles: text, drains: text, frames: text, json: text };
  const { values } = parseArgs({ args: [...args], options });
  return {
    vehicles: Number(values.vehicles ?? 198_083),
    drains: Number(values.drains ?? 5),
    frames: Number(values.frames ?? 8_000_000),
    json: Number(values.json ?? 2_000_000),
  };
}

type Filler = {
  readonly road: LiveRoad;
  readonly fleet: LoadFleet;
  readonly vehicles: number;
  /** The time of the next slot: it goes on from drain to drain. */
  atMs: number;
};

/** Appends telemetry until there are so many fixes; returns how many there are. */
async function fill(filler: Filler, format: Format, fixes: number): Promise<number> {
  const { road, fleet } = filler;
  let filled = 0;
  while (filled < fixes) {
    const frames = fleet.frames(filler.atMs, slotMs / 1_000);
    filler.atMs += slotMs;
    for (const { value } of frames) filled += (value.length - headerSize) / rowSize;
    await road.log.append(
      road.topics.telemetry,
      format === 'frames' ? frames.map((it) => ({ ...it, key: null })) : frames.flatMap((it) => asJson(it, road)),
    );
  }
  return filled;
}

function asJson({ partition, value }: LoadFrame, road: LiveRoad): NewLogRecord[] {
  const frame = readFrameRows(value);
  if (isReject(frame)) throw new Error(frame.detail);
  const { receivedAtMs } = frame;
  return frame.rows.map(({ vehicleNumber, ...fix }) => {
    const vehicleId = road.fleet.fleet.findNumber(vehicleNumber)!.id;
    return { partition, key: vehicleId, value: encodeFixJson({ vehicleId, receivedAtMs, ...fix }) };
  });
}

async function drainOnce(stack: AsyncDisposableStack, filler: Filler, format: Format, fixes: number): Promise<Drain> {
  const filled = await fill(filler, format, fixes);
  const profiling = await openProfiling(stack);
  const env = { ...filler.road.env, ...profiling.env };
  const ingest = await startService(stack, 'ingest', env, profiling.nodeOptions);
  const read = async (): Promise<Reading> => ({
    rows: await countedRows(ingest.admin),
    cpuS: cpuSeconds(ingest.pid),
    atMs: performance.now(),
  });
  let from = await read();
  for (; from.rows < filled / 2; from = await read()) await sleep(pollMs);
  profiling.begin(ingest.pid);
  // Up to the last look that found it at work: when exactly it was done afterwards nobody saw.
  let to = from;
  for (let at = await read(); at.rows < filled; at = await read()) {
    to = at;
    await sleep(pollMs);
  }
  if (to === from) throw new Error(`${filled} fixes were drained between two looks: more are needed`);
  const profile = await profiling.end(ingest.pid);
  await ingest.stop();
  const rows = to.rows - from.rows;
  return {
    fixesPerS: round(rows / ((to.atMs - from.atMs) / 1_000)),
    fixesPerCpuS: round(rows / (to.cpuS - from.cpuS)),
    ...profile,
  };
}

type Reading = { readonly rows: number; readonly cpuS: number; readonly atMs: number };

function summary(format: Format, drains: readonly Drain[]): Record<string, unknown> {
  const walls = drains.map((it) => it.fixesPerS);
  const cpus = drains.map((it) => it.fixesPerCpuS);
  // The drain whose rate is the median stands for the shares.
  const middle = drains.toSorted((a, b) => a.fixesPerS - b.fixesPerS)[Math.floor((drains.length - 1) / 2)]!;
  return {
    [`${format}FixesPerS`]: quantile(walls, 0.5),
    [`${format}FixesPerCpuS`]: quantile(cpus, 0.5),
    [`${format}Spread`]: [Math.min(...walls), Math.max(...walls)],
    [`${format}CpuSpread`]: [Math.min(...cpus), Math.max(...cpus)],
    [`${format}CpuShare`]: middle.share,
    [`${format}Top`]: middle.top.slice(0, 15),
  };
}
