import { readFileSync } from 'node:fs';
import type { Alarm } from '@haulwatch/domain';
import type { LiveStore } from '@haulwatch/ports';

/** How old an alarm's cause was when a screen saw the alarm: since it was produced, and since it should have been. */
export type Latency = { readonly seenAtMs: number; readonly producedMs: number; readonly intendedMs: number };

/** Reads the event stream as a screen does and notes how old each alarm's cause is when it is seen. */
export function watchAlarms(store: LiveStore): { readonly seen: readonly Latency[]; stop(): Promise<void> } {
  const seen: Latency[] = [];
  const stopped = new AbortController();
  const reading = (async () => {
    let after: string | undefined;
    while (!stopped.signal.aborted) {
      const page = await store.events(after, 1_000, 500);
      const seenAtMs = Date.now();
      for (const { data } of page.events) {
        const { producedAtMs, updatedAtMs } = JSON.parse(data) as Alarm;
        seen.push({ seenAtMs, producedMs: seenAtMs - producedAtMs, intendedMs: seenAtMs - updatedAtMs });
      }
      after = page.next;
    }
  })();
  return {
    seen,
    async stop() {
      stopped.abort();
      await reading;
    },
  };
}

/** CPU time that a process and its threads have had, seconds: fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Cores that processes used between two moments. */
export function coreMeter<Name extends string>(pids: Readonly<Record<Name, number>>): { read(): Record<Name, number> } {
  const names = Object.keys(pids) as Name[];
  const beganAtMs = performance.now();
  const before = names.map((name) => cpuSeconds(pids[name]));
  return {
    read() {
      const seconds = (performance.now() - beganAtMs) / 1_000;
      const shares = names.map((name, at) => [name, round((cpuSeconds(pids[name]) - before[at]!) / seconds, 3)]);
      return Object.fromEntries(shares) as Record<Name, number>;
    },
  };
}

/** A process' memory over a stretch: resident, MB, and by how much it grew with time, with the standard error. */
export type MemoryUse = {
  readonly firstMb: number;
  readonly lastMb: number;
  readonly maxMb: number;
  readonly mbPerMinute: number;
  readonly mbPerMinuteError: number;
};

/** Samples the resident memory of processes whenever it is told to. */
export function memoryMeter<Name extends string>(
  pids: Readonly<Record<Name, number>>,
): { sample(): void; read(): Record<Name, MemoryUse> } {
  const names = Object.keys(pids) as Name[];
  const samples: { readonly atMs: number; readonly mb: readonly number[] }[] = [];
  const use = (at: number): MemoryUse => {
    const mb = samples.map((it) => it.mb[at]!);
    const { slope, error } = slopeOf(samples.map((it, i) => [it.atMs / 60_000, mb[i]!]));
    return {
      firstMb: round(mb[0]!),
      lastMb: round(mb.at(-1)!),
      maxMb: round(Math.max(...mb)),
      mbPerMinute: round(slope, 2),
      mbPerMinuteError: round(error, 2),
    };
  };
  return {
    sample: () => void samples.push({ atMs: performance.now(), mb: names.map((name) => residentMb(pids[name])) }),
    read: () => Object.fromEntries(names.map((name, at) => [name, use(at)])) as Record<Name, MemoryUse>,
  };
}

/** Field VmRSS of /proc/PID/status. */
function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
}

/** What ingest has counted, by its own metrics: every row that it took from the log is in here once. */
export async function countedRows(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  let rows = 0;
  for (const line of text.split('\n')) {
    const found = /^haulwatch_(?:fixes_total|fixes_duplicate_total|rejects_total)(?:\{[^}]*\})? ([\d.e+]+)$/.exec(line);
    if (found !== null) rows += Number(found[1]);
  }
  return rows;
}

/** Least squares: the slope of y over x, and its standard error. */
export function slopeOf(points: readonly (readonly [number, number])[]): { slope: number; error: number } {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const xx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / xx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / Math.max(1, n - 2) / xx) };
}

export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export function round(value: number, digits = 0): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
