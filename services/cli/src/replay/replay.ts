import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../progress.ts';
import { Interrupted } from '../cli-error.ts';
import { Pacer } from './pacer.ts';
import type { RejectTally } from './reject-tally.ts';
import { replayResult, type ReplayResult } from './replay-result.ts';
import { rowsIn, type ReplayRow, type ReplayRows } from './replay-row.ts';
import type { ReplayTarget } from './replay-target.ts';

export type ReplayOptions = {
  readonly rows: ReplayRows;
  readonly target: ReplayTarget;
  readonly tally: RejectTally;
  /** Times as fast as it happened; Infinity: as fast as it goes. */
  readonly speed: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/** Carries a file to its target, row by row in its order, and gives the books of it. @throws Interrupted by the signal. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { target, tally, progress, signal } = options;
  const beganAtMs = performance.now();
  const vehicles = new Set<string | number>();
  let rows = 0;
  let isRead = false;
  try {
    for await (const some of paced(options)) {
      await target.take(some);
      for (const row of some) {
        rows += rowsIn(row);
        if (row.kind === 'record') vehicles.add(row.vehicleId);
        else if (row.kind === 'frame') for (const number of row.numbers) vehicles.add(number);
      }
      progress.update(rows);
      if (signal.aborted) break;
    }
    if (!signal.aborted) {
      isRead = true;
      progress.stop();
      const engine = await target.finish(rows);
      const seconds = Math.round(performance.now() - beganAtMs) / 1_000;
      return replayResult({ rows, vehicles: vehicles.size, localRejects: tally.counts, seconds }, engine);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.stop();
  }
  const rest = isRead ? 'that is the whole file; nobody waited for its alarms' : 'the rest of the file has not';
  throw new Interrupted(`interrupted: ${rows} rows have gone out, ${rest}`);
}

/** The rows as they come; with a speed, each when its time has come. */
async function* paced({ rows, speed, signal }: ReplayOptions): AsyncGenerator<readonly ReplayRow[]> {
  if (speed === Infinity) {
    yield* rows;
    return;
  }
  const pacer = new Pacer(speed);
  for await (const some of rows) {
    let due: ReplayRow[] = [];
    for (const row of some) {
      const waitMs = row.kind === 'refused' ? 0 : pacer.waitMs(row.fixedAtMs, performance.now());
      if (waitMs > 0) {
        if (due.length > 0) yield due;
        due = [];
        await sleepLong(waitMs, signal);
      }
      due.push(row);
    }
    if (due.length > 0) yield due;
  }
}

/** Timers hold 24.8 days at most; a gap in a file may be longer. */
const sleepMsMax = 86_400_000;

async function sleepLong(ms: number, signal: AbortSignal): Promise<void> {
  for (let left = ms; left > 0; left -= sleepMsMax) await sleep(Math.min(left, sleepMsMax), undefined, { signal });
}
