import { fixFlag, type FixBatch } from '@haulwatch/domain';
import { scheduleEpochAt, type RuleSet } from '@haulwatch/rules';
import type { LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

/** How often silent vehicles are looked for, partition time: a tenth of the shortest silence that anybody asks about. */
const everyMs = 10_000;

/** A vehicle that was heard this lately is one of those that are about: every truck that works reports within a day. */
const heardWithinMs = 86_400_000;

/**
 * Timers without fixes: at each multiple of ten seconds of the partition's time the live lanes are looked over, and those of
 * which something is due, or which have been silent for as long as some rule asks about, are shown to the rules. Which row
 * tells the time is a matter of the log alone, so a replay does the same.
 */
export class SilenceWatch {
  scannedAtMs: number;
  /** Vehicles that the newest look found to have been heard within a day. */
  heardVehicles: number;
  readonly #live: Lanes;
  readonly #run: LaneRun;
  /** The stretch of the week at the look before. */
  #formerEpoch = -1;

  constructor(live: Lanes, run: LaneRun, scannedAtMs = -Infinity, heardVehicles = 0) {
    this.#live = live;
    this.#run = run;
    this.scannedAtMs = scannedAtMs;
    this.heardVehicles = heardVehicles;
  }

  get nextAtMs(): number {
    return Math.floor(this.scannedAtMs / everyMs) * everyMs + everyMs;
  }

  look(rules: RuleSet, timeMs: number, batch: FixBatch, row: number): void {
    const live = this.#live;
    const beforeMs = this.scannedAtMs;
    this.scannedAtMs = timeMs;
    this.#formerEpoch = Number.isFinite(beforeMs) ? scheduleEpochAt(rules, beforeMs) : -1;
    const heard = heardNow(live, batch, row);
    let heardVehicles = 0;
    for (let lane = 0; lane < live.count; lane += 1) {
      // The row that tells the time is this vehicle's own: it says itself where it is.
      if (lane === heard) {
        heardVehicles += 1;
        continue;
      }
      // Never reported.
      if (Number.isNaN(live.get(lane, doubleAt.lastAtMs))) continue;
      const silentMs = timeMs - live.get(lane, doubleAt.receivedAtMs);
      if (silentMs <= heardWithinMs) heardVehicles += 1;
      if (silentMs <= rules.gapMaxMs) continue;
      const silentBeforeMs = silentMs - (timeMs - beforeMs);
      const isDue = timeMs >= live.get(lane, doubleAt.dueAtMs) || this.#closes(rules, lane, silentBeforeMs, timeMs);
      if (isDue || this.#reaches(rules, lane, silentBeforeMs, silentMs)) this.#run.wake(live, lane, timeMs, batch, row);
    }
    // Only now: alarms of this look are measured by the one before it, wherever their lane stands.
    this.heardVehicles = heardVehicles;
  }

  /** Whether the silence has just become as long as a rule of the class asks about, or too long for what is open. */
  #reaches(rules: RuleSet, lane: number, beforeMs: number, nowMs: number): boolean {
    const bytes = this.#live.byteRow(lane);
    const { silentMovingMs, silentParkedMs, goneAfterMs } = rules.classRules[this.#live.u8[bytes + byteAt.classCode]!]!;
    const asked = (this.#live.u8[bytes + byteAt.place]! & placeFlag.moving) === 0 ? silentParkedMs : silentMovingMs;
    for (const atMs of asked) if (beforeMs < atMs && atMs <= nowMs) return true;
    return this.#hasOpen(lane) && beforeMs <= goneAfterMs && goneAfterMs < nowMs;
  }

  /**
   * Whether a schedule, of a fence or a rule, has opened or closed since a vehicle was heard that has something open: what is open may
   * be over. Asked once, when that happens or when the vehicle begins to count as silent.
   */
  #closes(rules: RuleSet, lane: number, silentBeforeMs: number, timeMs: number): boolean {
    if (!this.#hasOpen(lane)) return false;
    const epoch = scheduleEpochAt(rules, timeMs);
    const isNews = silentBeforeMs <= rules.gapMaxMs || epoch !== this.#formerEpoch;
    return isNews && this.#live.u16[this.#live.shortRow(lane) + shortAt.scheduleEpoch] !== epoch;
  }

  #hasOpen(lane: number): boolean {
    return this.#live.getWord(lane, wordAt.firstEpisode) >= 0;
  }
}

/** The vehicle of the row, if the row is a fix that the live lane will take; else -1. */
function heardNow(live: Lanes, batch: FixBatch, row: number): number {
  const vehicle = batch.vehicle[row]!;
  if (vehicle < 0 || batch.reject[row] !== 0 || (batch.flags[row]! & fixFlag.blindZone) !== 0) return -1;
  return batch.fixedAtMs[row]! > live.get(vehicle, doubleAt.lastAtMs) ? vehicle : -1;
}
