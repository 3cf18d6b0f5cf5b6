import {
  alarmFlagSos,
  fixFlag,
  rejectCode,
  rejectReason,
  type EngineCounters,
  type FixBatch,
  type RejectReason,
} from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import type { LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, placeFlag, type Lanes } from './lanes.ts';
import type { LateLanes } from './late-lanes.ts';
import type { NewestFixes } from './newest-fixes.ts';
import type { PartitionClock } from './partition-clock.ts';
import { isKnownPress, isToldPress, notePress, type Presses } from './presses.ts';

const clockAheadCode = rejectCode('clock-ahead');

export type FixOrderParts = {
  readonly rules: RuleSet;
  readonly live: Lanes;
  readonly late: LateLanes;
  readonly run: LaneRun;
  readonly presses: Presses;
  readonly newest: NewestFixes;
  readonly clock: PartitionClock;
  readonly counters: EngineCounters;
};

/**
 * Which lane takes a fix, by its order among those of its vehicle: live, late, or none, for what is refused, told twice or only
 * slightly out of order. The emergency button is heard in each of them.
 */
export class FixOrder {
  #rules: RuleSet;
  readonly #live: Lanes;
  readonly #late: LateLanes;
  readonly #run: LaneRun;
  readonly #presses: Presses;
  readonly #newest: NewestFixes;
  readonly #clock: PartitionClock;
  readonly #counters: EngineCounters;

  constructor(parts: FixOrderParts) {
    this.#rules = parts.rules;
    this.#live = parts.live;
    this.#late = parts.late;
    this.#run = parts.run;
    this.#presses = parts.presses;
    this.#newest = parts.newest;
    this.#clock = parts.clock;
    this.#counters = parts.counters;
  }

  setRules(rules: RuleSet): void {
    this.#rules = rules;
  }

  /**
   * Takes a fix, or counts why not. What the partition's time asks for comes before it. A fix that is turned down here gets its
   * reason written into `batch.reject`.
   */
  take(batch: FixBatch, row: number): void {
    const vehicle = batch.vehicle[row]!;
    const clock = this.#clock;
    // The receipt is the producer's word: one later than the record itself is a wrong clock too.
    const receivedAtMs = Math.min(batch.receivedAtMs[row]!, batch.producedAtMs[row]!);
    if (receivedAtMs > clock.timeMs) clock.timeMs = receivedAtMs;
    const ahead = batch.fixedAtMs[row]! > receivedAtMs + this.#rules.clockAheadMaxMs;
    if (batch.reject[row] === 0 && ahead) batch.reject[row] = clockAheadCode;
    if (clock.timeMs >= clock.timerAtMs) clock.ring(this.#rules, batch, row);
    if (batch.reject[row] !== 0) {
      this.countReject(rejectReason(batch.reject[row]!));
      // A button that was pressed counts whatever else is wrong; a wrong clock gives way to the time of receipt.
      if (vehicle >= 0) {
        this.#pressAlone(vehicle, ahead ? receivedAtMs : batch.fixedAtMs[row]!, batch, row);
        if (batch.reject[row] === clockAheadCode) this.#releaseAlone(vehicle, receivedAtMs, batch, row);
        if (ahead) this.#takeClock(vehicle, receivedAtMs, batch, row);
      }
      return;
    }
    if (vehicle < 0)
      throw new RangeError(`row ${row} has no vehicle and no reject: the decoder must give it one of both`);
    const atMs = batch.fixedAtMs[row]!;
    const lastAtMs = this.#live.get(vehicle, doubleAt.lastAtMs);
    const blindZone = (batch.flags[row]! & fixFlag.blindZone) !== 0;
    // NaN (never reported) compares false: the first fix is live.
    const old = atMs <= lastAtMs;
    if (old && this.#duplicate(this.#live, vehicle, batch, row)) return;
    if (blindZone || atMs < lastAtMs - this.#rules.reorderMaxMs) {
      this.#takeLate(vehicle, batch, row);
      return;
    }
    this.#counters.fixes += 1;
    if (old) {
      this.#counters.reordered += 1;
      this.#live.remember(vehicle, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
      this.#pressAlone(vehicle, atMs, batch, row);
      this.#run.evaluateAlarms(this.#live, vehicle, false, batch, row);
      return;
    }
    this.#takeLive(vehicle, batch, row);
  }

  /** A refused fix says one thing: how wrong the vehicle's clock is, at the time of its receipt. */
  #takeClock(vehicle: number, receivedAtMs: number, batch: FixBatch, row: number): void {
    const lastAtMs = this.#live.get(vehicle, doubleAt.lastAtMs);
    // NaN (never reported) compares false.
    const atMs = receivedAtMs <= lastAtMs ? lastAtMs : receivedAtMs;
    this.#run.evaluateClock(this.#live, vehicle, { atMs, aheadMs: batch.fixedAtMs[row]! - receivedAtMs }, batch, row);
  }

  /** Counts and drops a fix that the lane has. */
  #duplicate(lanes: Lanes, lane: number, batch: FixBatch, row: number): boolean {
    const recent = lanes.recentAt(lane, batch.fixedAtMs[row]!, batch.lonE7[row]!, batch.latE7[row]!);
    if (recent < 0) return false;
    this.#counters.duplicates += 1;
    // The button can have been pressed within the second of a report: that is news, its repetition is none.
    const news = isPressed(batch, row) && lanes.notePress(lane, recent);
    const vehicle = lanes.vehicleOf(lane);
    if (news && lanes !== this.#live) this.#pressLate(vehicle, batch.fixedAtMs[row]!, batch, row);
    else if (news) this.#press(vehicle, batch.fixedAtMs[row]!, batch, row);
    // So can the terminal's own alarms, which it reports beside the fix of that second.
    const isNewest = lanes === this.#live && batch.fixedAtMs[row] === lanes.get(lane, doubleAt.lastAtMs);
    if (isNewest) this.#run.evaluateAlarms(lanes, lane, false, batch, row);
    return true;
  }

  #takeLive(vehicle: number, batch: FixBatch, row: number): void {
    const live = this.#live;
    const atMs = batch.fixedAtMs[row]!;
    live.remember(vehicle, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
    // NaN (never reported) compares false.
    if (!(atMs - live.get(vehicle, doubleAt.lastAtMs) <= this.#rules.gapMaxMs)) {
      live.set(vehicle, doubleAt.coveredFromMs, atMs);
      this.#late.depart(vehicle);
    }
    if (isPressed(batch, row)) this.#notePress(vehicle, atMs);
    this.#run.evaluate(live, vehicle, false, batch, row);
    live.set(vehicle, doubleAt.receivedAtMs, batch.receivedAtMs[row]!);
    // A place is known where there ever was a valid position.
    const place = live.u8[live.byteRow(vehicle) + byteAt.place]!;
    if ((place & (placeFlag.fresh | placeFlag.known)) === placeFlag.known) this.#newest.note(vehicle);
  }

  /**
   * A fix told after the fact is held for the vehicle's late lane, which never touches the live one; its button is heard at
   * once. One of a stretch that the live lane has seen without a gap, or that the late one has judged, is a straggler or a
   * repetition: it is counted, its button is heard, and no rule runs over it, for the rules have judged that stretch and a
   * second telling is not a second alarm.
   */
  #takeLate(vehicle: number, batch: FixBatch, row: number): void {
    const late = this.#late;
    const counters = this.#counters;
    const atMs = batch.fixedAtMs[row]!;
    const lane = late.laneOf(vehicle);
    const isCovered = this.#isCovered(vehicle, atMs);
    if (isCovered || late.judged.has(lane, atMs)) {
      if (this.#duplicate(late.lanes, lane, batch, row)) return;
      late.lanes.remember(lane, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
      counters.fixes += 1;
      counters.late += 1;
      if (isCovered) this.#pressAlone(vehicle, atMs, batch, row);
      else if (isPressed(batch, row)) this.#pressLate(vehicle, atMs, batch, row);
      return;
    }
    // Before the fix itself is held: it can fill the burst, which is then judged.
    if (isPressed(batch, row)) this.#pressLate(vehicle, atMs, batch, row);
    const heldAs = late.hold(this.#rules, lane, batch, row, this.#clock.timeMs, counters);
    counters.fixes += heldAs === 'new' ? 1 : 0;
    counters.late += heldAs === 'new' ? 1 : 0;
    counters.duplicates += heldAs === 'new' ? 0 : 1;
    if (heldAs !== 'again') this.#keepLateLane(lane);
  }

  #keepLateLane(lane: number): void {
    this.#late.keep(lane, this.#clock.timeMs + this.#rules.lateLaneIdleMs);
    this.#clock.setTimer();
  }

  /** The emergency button in a fix that no lane takes; its time says whose alarm it is. */
  #pressAlone(vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    if (!isPressed(batch, row)) return;
    const late = atMs < this.#live.get(vehicle, doubleAt.lastAtMs) - this.#rules.reorderMaxMs;
    if (late) this.#pressLate(vehicle, atMs, batch, row);
    else this.#press(vehicle, atMs, batch, row);
  }

  /**
   * The button is not pressed in a fix with nothing wrong but its clock: where it stays wrong, no other fix would ever end the
   * alarm, and the next press would be no news. What comes from a blind zone is older than its receipt, nobody knows how much.
   */
  #releaseAlone(vehicle: number, receivedAtMs: number, batch: FixBatch, row: number): void {
    if (isPressed(batch, row) || (batch.flags[row]! & fixFlag.blindZone) !== 0) return;
    this.#run.evaluateSos(this.#live, vehicle, false, receivedAtMs, batch, row);
  }

  #press(vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    this.#notePress(vehicle, atMs);
    this.#run.evaluateSos(this.#live, vehicle, false, atMs, batch, row);
  }

  /**
   * The live lane knows by its fixes what goes on; what is told of the past may have been told before, and comes in no sure
   * order: one emergency is told once, by the press that comes first. A press that nothing which has come yet sets apart
   * from a known one is of the same emergency.
   */
  #pressLate(vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    if (isToldPress(this.#presses, vehicle, atMs)) return;
    const { lanes } = this.#late;
    const lane = this.#late.laneOf(vehicle);
    this.#late.hearReleases(lane, atMs);
    const seenAtMs = this.#run.sosSeenAtMs(lanes, lane);
    // NaN (no alarm is open) compares false.
    const isOlder = atMs < seenAtMs;
    const goesOn = atMs >= seenAtMs;
    const { sos } = this.#rules.timing;
    const isKnown =
      isKnownPress(this.#presses, vehicle, atMs, sos.clearAfterMs) ||
      (isOlder && this.#late.isOneEmergency(lane, atMs, seenAtMs, sos));
    this.#notePress(vehicle, atMs);
    if (isKnown && !goesOn) return;
    if (isOlder) this.#run.endSos(lanes, lane, batch, row);
    this.#run.evaluateSos(lanes, lane, true, atMs, batch, row);
    this.#keepLateLane(lane);
  }

  #notePress(vehicle: number, atMs: number): void {
    const { clearAfterMs } = this.#rules.timing.sos;
    notePress(this.#presses, vehicle, atMs, { nowMs: this.#clock.timeMs, clearAfterMs });
  }

  /** Whether the live lane has seen the stretch around this time without a gap. */
  #isCovered(vehicle: number, atMs: number): boolean {
    return (
      atMs >= this.#live.get(vehicle, doubleAt.coveredFromMs) && atMs <= this.#live.get(vehicle, doubleAt.lastAtMs)
    );
  }

  /** Counts a record that was turned down, so that the partition's books balance. */
  countReject(reason: RejectReason): void {
    this.#counters.rejects[reason] = (this.#counters.rejects[reason] ?? 0) + 1;
  }
}

function isPressed(batch: FixBatch, row: number): boolean {
  return (batch.alarmFlags[row]! & alarmFlagSos) !== 0;
}
