import { fixFlag, type FixBatch } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import type { LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, placeFlag, type Lanes } from './lanes.ts';

/** How often silent vehicles are looked for, partition time: a tenth of the shortest silence that anybody asks about. */
const everyMs = 10_000;

/**
 * Timers without fixes: at each multiple of ten seconds of the partition's time the live lanes are looked over, and those of
 * which something is due, or which have been silent for as long as some rule asks about, are shown to the rules. Which row
 * tells the time is a matter of the log alone, so a replay does the same.
 */
export class SilenceWatch {
  scannedAtMs: number;
  readonly #live: Lanes;
  readonly #run: LaneRun;

  constructor(live: Lanes, run: LaneRun, scannedAtMs = -Infinity) {
    this.#live = live;
    this.#run = run;
    this.scannedAtMs = scannedAtMs;
  }

  get nextAtMs(): number {
    return Math.floor(this.scannedAtMs / everyMs) * everyMs + everyMs;
  }

  look(rules: RuleSet, timeMs: number, batch: FixBatch, row: number): void {
    const live = this.#live;
    const beforeMs = this.scannedAtMs;
    this.scannedAtMs = timeMs;
    const heard = heardNow(live, batch, row);
    for (let lane = 0; lane < live.count; lane += 1) {
      // The row that tells the time is this vehicle's own: it says itself where it is.
      if (lane === heard) continue;
      const silentMs = timeMs - live.get(lane, doubleAt.receivedAtMs);
      // NaN (never reported) compares false.
      if (!(silentMs > rules.gapMaxMs) || Number.isNaN(live.get(lane, doubleAt.lastAtMs))) continue;
      const silentBeforeMs = silentMs - (timeMs - beforeMs);
      const isDue = timeMs >= live.get(lane, doubleAt.dueAtMs);
      if (isDue || this.#reaches(rules, lane, silentBeforeMs, silentMs)) this.#run.wake(live, lane, timeMs, batch, row);
    }
  }

  /** Whether the silence has just become as long as a rule of the class asks about. */
  #reaches(rules: RuleSet, lane: number, beforeMs: number, nowMs: number): boolean {
    const bytes = this.#live.byteRow(lane);
    const { silentMovingMs, silentParkedMs } = rules.classRules[this.#live.u8[bytes + byteAt.classCode]!]!;
    const asked = (this.#live.u8[bytes + byteAt.place]! & placeFlag.moving) === 0 ? silentParkedMs : silentMovingMs;
    for (const atMs of asked) if (beforeMs < atMs && atMs <= nowMs) return true;
    return false;
  }
}

/** The vehicle of the row, if the row is a fix that the live lane will take; else -1. */
function heardNow(live: Lanes, batch: FixBatch, row: number): number {
  const vehicle = batch.vehicle[row]!;
  if (vehicle < 0 || batch.reject[row] !== 0 || (batch.flags[row]! & fixFlag.blindZone) !== 0) return -1;
  return batch.fixedAtMs[row]! > live.get(vehicle, doubleAt.lastAtMs) ? vehicle : -1;
}
