import { setTimeout as sleep } from 'node:timers/promises';
import { addCounters, countersZero, type EngineCounters } from '@haulwatch/domain';
import { CliError } from '../cli-error.ts';
import { rowsAccounted } from '../replay/replay-result.ts';

/** How far ingest is with the topic `telemetry`, up to its last commits. */
export type IngestProgress = {
  /** What became of every row up to the committed offsets. */
  readonly counters: EngineCounters;
  /** The next offset that ingest reads, by partition. */
  readonly committed: readonly number[];
  /** The offset that the next record gets, by partition. */
  readonly end: readonly number[];
};

export type WaitOptions = {
  readonly read: () => Promise<IngestProgress>;
  /** Ingest is taken to stand still when it has not moved for so long. */
  readonly stallMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
};

/**
 * A minute: a busy partition is committed every ten seconds by default, and a worker that has died is replaced within
 * half a minute.
 */
export const waitDefaults = { stallMs: 60_000, pollMs: 250 } as const;

/** Waits until all that is in the log now has been read; `stalled` says what to do where nobody reads it. */
export async function awaitCaughtUp(
  options: WaitOptions,
  stalled: (recordsBehind: number) => string,
): Promise<IngestProgress> {
  const { end } = await options.read();
  return await waitFor(
    options,
    (now) => recordsBehind(now, end) === 0,
    (now) => stalled(recordsBehind(now, end)),
  );
}

/** What came in before a replay must be out of the way, or nobody can tell what became of the replay's own rows. */
export function beforeReplay(records: number): string {
  return `ingest stands still with ${records} records to read that are older than this replay: is it running? Start it, or use --no-wait to send without waiting for what becomes of the rows`;
}

/**
 * Waits until ingest has read all telemetry that is there now and `rows` rows have come out of it since `before`; gives
 * what became of them. Rows that ingest sends on to their home partition come out a little later.
 */
export async function awaitRows(before: IngestProgress, rows: number, options: WaitOptions): Promise<EngineCounters> {
  const { end } = await options.read();
  const made = (now: IngestProgress): EngineCounters => addCounters(now.counters, before.counters, -1);
  const now = await waitFor(
    options,
    (progress) => recordsBehind(progress, end) === 0 && rowsAccounted(made(progress)) >= rows,
    (progress) => {
      const behind = recordsBehind(progress, end);
      return behind > 0
        ? `all rows have gone out, but ingest does not move and has ${behind} of their records to read: is it running? They stand in the log and are not lost`
        : `all rows have gone out and ingest has read them, but of ${rows} rows only ${rowsAccounted(made(progress))} came out: look into ingest's log and the dead letters`;
    },
  );
  return made(now);
}

/** Records below `end` that ingest has not committed. */
function recordsBehind(progress: IngestProgress, end: readonly number[]): number {
  return end.reduce((sum, offset, partition) => sum + Math.max(0, offset - (progress.committed[partition] ?? 0)), 0);
}

/** The counters that a commit or a status tells; what it leaves out is zero. */
export function wholeCounters(told: Partial<Record<keyof EngineCounters, unknown>>): EngineCounters {
  return { ...countersZero(), ...(told as Partial<EngineCounters>) };
}

async function waitFor(
  { read, stallMs, pollMs, signal }: WaitOptions,
  isDone: (progress: IngestProgress) => boolean,
  stalled: (progress: IngestProgress) => string,
): Promise<IngestProgress> {
  let movedAtMs = performance.now();
  let committed = -1;
  for (;;) {
    const progress = await read();
    if (isDone(progress)) return progress;
    const nowMs = performance.now();
    const sum = progress.committed.reduce((total, offset) => total + offset, 0);
    if (sum !== committed) movedAtMs = nowMs;
    else if (nowMs - movedAtMs >= stallMs) throw new CliError(stalled(progress));
    committed = sum;
    await sleep(pollMs, undefined, { signal });
  }
}
