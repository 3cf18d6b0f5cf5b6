import { quantile, round } from './load-watch.ts';
import type { ProbedWorker, RestartProbe } from './restart-worker.ts';

const gridMs = 20;
/** A checkpoint's writing follows its copy: what stalls within so long after one may be its. */
const nearCaptureMs = 100;

/** When a partition went forward, over all workers: from when on, and up to what was produced when. */
export type Progress = readonly { readonly atMs: number; readonly producedAtMs: number }[];

/** Each partition's way forward. What a restart plays again is none: somebody had taken it before. */
export function progressOf(workers: readonly ProbedWorker[], partitions: number): readonly Progress[] {
  const taken = workers.flatMap(({ told }) => told.flatMap((it) => it.taken)).toSorted((a, b) => a[1] - b[1]);
  const lines = Array.from({ length: partitions }, (): { atMs: number; producedAtMs: number }[] => []);
  for (const [partition, atMs, producedAtMs] of taken) {
    const line = lines[partition]!;
    if (producedAtMs >= (line.at(-1)?.producedAtMs ?? 0)) line.push({ atMs, producedAtMs });
  }
  return lines;
}

/** The longest time that each partition stood within two moments, ms, in order of partitions. */
export function silences(lines: readonly Progress[], fromMs: number, toMs: number): readonly number[] {
  return lines.map((line) => {
    let heardAtMs = line.findLast(({ atMs }) => atMs <= fromMs)?.atMs ?? fromMs;
    let longestMs = 0;
    for (const { atMs } of line) {
      if (atMs <= fromMs || heardAtMs > toMs) continue;
      longestMs = Math.max(longestMs, Math.min(atMs, toMs) - heardAtMs);
      heardAtMs = atMs;
    }
    return heardAtMs > toMs ? longestMs : Math.max(longestMs, toMs - heardAtMs);
  });
}

type Lag = { readonly atMs: number; readonly lagMs: number };

/** By how much the slowest partition is behind the clock, each 20 ms between two moments. */
function lags(lines: readonly Progress[], fromMs: number, toMs: number): Lag[] {
  const nexts = lines.map(() => 0);
  const producedAtMs = lines.map(() => fromMs);
  const found: Lag[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += gridMs) {
    for (const [partition, line] of lines.entries())
      for (let next = line[nexts[partition]!]; next !== undefined && next.atMs <= atMs;) {
        producedAtMs[partition] = next.producedAtMs;
        nexts[partition]! += 1;
        next = line[nexts[partition]!];
      }
    found.push({ atMs, lagMs: atMs - Math.min(...producedAtMs) });
  }
  return found;
}

export type CatchUp = {
  /** The largest lag of the ten seconds before. */
  readonly beforeMs: number;
  readonly peakMs: number;
  /** From the blow until no partition is further behind than before; null where that was not seen. */
  readonly caughtUpMs: number | null;
  /** The longest that a partition did not go forward; what is played again is not forward. */
  readonly silenceMs: number;
};

/** How the lag went after a blow, watched until a moment. */
export function catchUp(lines: readonly Progress[], blowAtMs: number, untilMs: number): CatchUp {
  const before = Math.max(
    ...lags(lines, blowAtMs - 10_000, blowAtMs)
      .slice(2_000 / gridMs)
      .map(({ lagMs }) => lagMs),
  );
  const after = lags(lines, blowAtMs - 2_000, untilMs).filter(({ atMs }) => atMs > blowAtMs);
  const peak = after.reduce((most, it) => (it.lagMs > most.lagMs ? it : most));
  const back = after.find(({ atMs, lagMs }) => atMs > peak.atMs && lagMs <= before);
  return {
    beforeMs: round(before),
    peakMs: round(peak.lagMs),
    caughtUpMs: back === undefined ? null : round(back.atMs - blowAtMs),
    silenceMs: round(Math.max(...silences(lines, blowAtMs, untilMs))),
  };
}

/** What restoring took that began within two moments: from the first partition's begin to the last one's end. */
function restoring({ told }: ProbedWorker, fromMs: number, toMs: number) {
  const found = told.flatMap((it) => it.restored).filter(([, beganAtMs]) => beganAtMs >= fromMs && beganAtMs <= toMs);
  const beganAtMs = Math.min(...found.map((it) => it[1]));
  return {
    partitions: found.length,
    vehicles: found.reduce((sum, it) => sum + it[3], 0),
    ms: found.length === 0 ? null : round(Math.max(...found.map((it) => it[2])) - beganAtMs),
    beganAtMs,
  };
}

/** What held the event loops of workers between two moments, near copies of states and elsewhere. */
export function stalls(workers: readonly ProbedWorker[], fromMs: number, toMs: number) {
  const near: RestartProbe[] = [];
  const elsewhere: RestartProbe[] = [];
  for (const { told } of workers) {
    let capturedAtMs = -Infinity;
    for (const probe of told) {
      if (probe.captures.length > 0) capturedAtMs = probe.atMs;
      if (probe.atMs < fromMs || probe.atMs > toMs) continue;
      (probe.atMs - capturedAtMs <= nearCaptureMs ? near : elsewhere).push(probe);
    }
  }
  const captures = near.flatMap((probe) => probe.captures);
  // At least so much of a stall was the worker's own: what it waited for a core in that time is not.
  const own = ({ stallMs, waitedMs }: RestartProbe): number => Math.max(0, stallMs - waitedMs);
  const both = (probes: readonly RestartProbe[]) => ({
    all: spread(probes.map(({ stallMs }) => stallMs)),
    own: spread(probes.map(own)),
  });
  return {
    capture: spread(captures.map(([tookMs]) => tookMs)),
    captureCpu: spread(captures.map(([, cpuMs]) => cpuMs)),
    nearCapture: both(near),
    elsewhere: both(elsewhere),
    gcMaxMs: round(Math.max(0, ...near.map(({ gcMs }) => gcMs), ...elsewhere.map(({ gcMs }) => gcMs)), 1),
  };
}

/** The steps from one worker's end to another's work with its partitions, ms after the first was told or killed. */
export function steps(from: ProbedWorker, to: ProbedWorker, askedAtMs: number, untilMs: number) {
  const restored = restoring(to, askedAtMs, untilMs);
  const firstAgainMs = to.told
    .flatMap(({ taken }) => taken)
    .filter(([, atMs]) => atMs > restored.beganAtMs)
    .map(([, atMs]) => atMs);
  return {
    lastTakenMs: round(Math.max(...from.told.flatMap(({ taken }) => taken.map(([, atMs]) => atMs))) - askedAtMs),
    // Before a kill: so much input, and what comes until the restart, is played again at most.
    lastCapturedMs: round((from.told.findLast(({ captures }) => captures.length > 0)?.atMs ?? NaN) - askedAtMs),
    lastToldMs: round((from.told.at(-1)?.atMs ?? NaN) - askedAtMs),
    restoringFromMs: round(restored.beganAtMs - askedAtMs),
    restoredInMs: restored.ms,
    restoredPartitions: restored.partitions,
    restoredVehicles: restored.vehicles,
    firstTakenMs: round(Math.min(...firstAgainMs) - askedAtMs),
  };
}

function spread(values: readonly number[]) {
  const at = (share: number): number | null => {
    const value = quantile(values, share);
    return value === null ? null : round(value, 1);
  };
  return { count: values.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), over20Ms: over(values, 20) };
}

function over(values: readonly number[], ms: number): number {
  return values.filter((value) => value > ms).length;
}

/** A worker's memory each ten seconds of its life, MB. */
export function memory(told: readonly RestartProbe[]): readonly number[] {
  const everyMs = 10_000;
  const found: number[] = [];
  let nextAtMs = 0;
  for (const { atMs, rssMb } of told) {
    if (atMs < nextAtMs) continue;
    found.push(round(rssMb));
    nextAtMs = atMs + everyMs;
  }
  return found;
}
