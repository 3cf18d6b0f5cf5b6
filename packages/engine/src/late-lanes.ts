import { alarmFlagSos, FixBatch, type EngineCounters } from '@haulwatch/domain';
import type { EpisodeTiming, RuleSet } from '@haulwatch/rules';
import { HeldFixes, type HeldAs } from './held-fixes.ts';
import { JudgedStretches } from './judged-stretches.ts';
import type { KeptTime, LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, Lanes, wordAt } from './lanes.ts';

/** Bursts are over at whole seconds, so that a partition is not asked for each of its vehicles. */
const settleStepMs = 1_000;

/**
 * The late lanes: what vehicles tell after the fact runs through states of their own, one for each vehicle that has ever told
 * anything late. Fixes are held back until nothing more has come for a time that the policy says, then they are judged by event
 * time, oldest first: in which order they were told does not matter, and what was told twice is judged once. A burst of which
 * more comes than is held is judged in parts, the older half first; one that never ends, after the time for which a lane may be
 * idle. A fix of a stretch that has been judged is a straggler or a repetition: no rule runs over it again.
 *
 * A lane begins as what the vehicle was when the gap began that it tells of, lives on while it gets input, and is over when it is idle for as long as
 * the policy says, or when an older stretch is to be judged. Its row stays the vehicle's for the next stretch.
 */
export class LateLanes {
  readonly lanes = new Lanes('late', 16);
  readonly held = new HeldFixes();
  readonly judged = new JudgedStretches();
  /** When the first of the active lanes is over, partition time. */
  nextIdleAtMs = Infinity;
  readonly #live: Lanes;
  readonly #run: LaneRun;
  /** The held fix that is being judged. */
  readonly #one = new FixBatch(1);

  constructor(live: Lanes, run: LaneRun) {
    this.#live = live;
    this.#run = run;
  }

  /** The lanes have come from a snapshot: finds when the first of them is over. */
  restore(): void {
    for (let lane = 0; lane < this.lanes.count; lane += 1) {
      this.nextIdleAtMs = Math.min(this.nextIdleAtMs, this.lanes.get(lane, doubleAt.idleAtMs));
    }
  }

  /** When the next of the lanes asks for something, partition time. */
  get nextAtMs(): number {
    return Math.min(this.nextIdleAtMs, this.held.nextSettleAtMs);
  }

  /** The vehicle's lane, which is added if it has none. */
  laneOf(vehicle: number): number {
    const live = this.#live;
    const lane = live.getWord(vehicle, wordAt.lateLane);
    if (lane >= 0) return lane;
    const added = this.lanes.add(vehicle, live.u8[live.byteRow(vehicle) + byteAt.classCode]!);
    live.setWord(vehicle, wordAt.lateLane, added);
    return added;
  }

  /** A gap of the vehicle is over, or it is heard of by what it tells late alone: it goes on from what it was. */
  depart(vehicle: number): void {
    const live = this.#live;
    if (Number.isNaN(live.get(vehicle, doubleAt.lastAtMs))) return;
    this.#run.depart(vehicle);
  }

  /** Holds a fix back. Where no more can be held, what the lane has is judged now, all of it or the older half. */
  hold(rules: RuleSet, lane: number, batch: FixBatch, row: number, timeMs: number, counters: EngineCounters): HeldAs {
    const { held } = this;
    const heldAs = held.put(lane, batch, row, settleAt(timeMs + rules.lateLaneIdleMs));
    if (heldAs === 'again') return heldAs;
    held.settleAt(lane, settleAt(timeMs + rules.lateSettleMs));
    if (held.isFull(lane)) {
      counters.lateCut += 1;
      this.#judge(rules, lane, Math.ceil(held.countOf(lane) / 2), timeMs);
    }
    return heldAs;
  }

  /** Judges the bursts that are over at this time. */
  settle(rules: RuleSet, timeMs: number): void {
    for (const lane of this.held.takeSettled(timeMs)) this.#judge(rules, lane, this.held.countOf(lane), timeMs);
  }

  /** Runs the oldest of what a lane holds through it. */
  #judge(rules: RuleSet, lane: number, count: number, timeMs: number): void {
    const { lanes, held } = this;
    const batch = this.#one;
    const times = { gapMaxMs: rules.gapMaxMs, nowMs: timeMs };
    const vehicle = lanes.vehicleOf(lane);
    batch.vehicle[0] = vehicle;
    const newestAtMs = held.atMs(lane, held.countOf(lane) - 1);
    if (newestAtMs - this.#live.get(vehicle, doubleAt.lastAtMs) > rules.gapMaxMs) this.depart(vehicle);
    let fromMs = held.atMs(lane, 0);
    let toMs = fromMs;
    for (let i = 0; i < count; i += 1) {
      held.write(lane, i, batch);
      const atMs = batch.fixedAtMs[0]!;
      if (i === 0) this.#begin(lane, batch);
      this.#catchUp(lane, atMs);
      if (atMs === lanes.get(lane, doubleAt.lastAtMs)) {
        // The same time once more, at another place or with other alarms of the terminal: only these say anything.
        this.#run.evaluateAlarms(lanes, lane, true, batch, 0);
        continue;
      }
      if (atMs - toMs > rules.gapMaxMs) {
        this.judged.add(lane, fromMs, toMs, times);
        fromMs = atMs;
      }
      toMs = atMs;
      lanes.remember(lane, atMs, batch.lonE7[0]!, batch.latE7[0]!, (batch.alarmFlags[0]! & alarmFlagSos) !== 0);
      this.#run.evaluate(lanes, lane, true, batch, 0);
    }
    this.judged.add(lane, fromMs, toMs, times);
    held.drop(lane, count);
  }

  /** Before a fix that is the oldest of what is judged: a lane takes one story in order. */
  #begin(lane: number, batch: FixBatch): void {
    const { lanes, held } = this;
    const atMs = batch.fixedAtMs[0]!;
    if (atMs < lanes.get(lane, doubleAt.lastAtMs)) {
      this.#end(lane, batch, 0, { fromMs: atMs, toMs: held.atMs(lane, held.countOf(lane) - 1) });
    }
  }

  /**
   * Before a fix of the vehicle's newest gap that is the first of it: the lane goes on from what the vehicle was when that gap
   * began. Of older gaps nobody knows that any more.
   */
  #catchUp(lane: number, atMs: number): void {
    const { lanes } = this;
    const vehicle = lanes.vehicleOf(lane);
    const departedAtMs = this.#run.departures.atMs(vehicle);
    // NaN compares false: no gap yet, or nothing in the lane.
    if (!(departedAtMs < atMs) || departedAtMs <= lanes.get(lane, doubleAt.lastAtMs)) return;
    this.#run.takeOver(vehicle, lanes, lane);
  }

  /**
   * Before a press at this time, told late: the open emergency of the lane may have ended before it, by held fixes in which
   * the button is not pressed.
   */
  hearReleases(lane: number, untilMs: number): void {
    const { lanes, held } = this;
    const seenAtMs = this.#run.sosSeenAtMs(lanes, lane);
    // NaN (no emergency) compares false.
    if (!(seenAtMs < untilMs)) return;
    const batch = this.#one;
    batch.vehicle[0] = lanes.vehicleOf(lane);
    for (let i = 0; i < held.countOf(lane) && held.atMs(lane, i) < untilMs; i += 1) {
      if (held.atMs(lane, i) <= seenAtMs) continue;
      held.write(lane, i, batch);
      this.#run.releaseSos(lanes, lane, batch, 0);
    }
  }

  /**
   * Whether a press and a later sign of the button are of one emergency, by what is held of the time between: it is not over
   * unless the button is seen to be released for as long as ends it, or nothing is heard for as long as ends it.
   */
  isOneEmergency(lane: number, fromMs: number, toMs: number, { clearAfterMs, gapMaxMs }: EpisodeTiming): boolean {
    const { held } = this;
    let overSinceMs = Infinity;
    let heardAtMs = fromMs;
    for (let i = 0; i < held.countOf(lane) && held.atMs(lane, i) < toMs; i += 1) {
      const atMs = held.atMs(lane, i);
      if (atMs <= fromMs) continue;
      if (atMs - heardAtMs > gapMaxMs) return false;
      heardAtMs = atMs;
      if (held.isPressed(lane, i)) overSinceMs = Infinity;
      else overSinceMs = Math.min(overSinceMs, atMs);
      if (atMs - overSinceMs >= clearAfterMs) return false;
    }
    return toMs - heardAtMs <= gapMaxMs;
  }

  /** The lane has got input: it is over at `idleAtMs` (partition time), if nothing else comes. */
  keep(lane: number, idleAtMs: number): void {
    this.lanes.set(lane, doubleAt.idleAtMs, idleAtMs);
    this.nextIdleAtMs = Math.min(this.nextIdleAtMs, idleAtMs);
  }

  /** Ends the lanes that are over at this time; the row that has told the time is the cause. */
  endIdle(rules: RuleSet, timeMs: number, batch: FixBatch, row: number): void {
    this.nextIdleAtMs = Infinity;
    for (let lane = 0; lane < this.lanes.count; lane += 1) {
      const idleAtMs = this.lanes.get(lane, doubleAt.idleAtMs);
      if (idleAtMs <= timeMs) {
        const count = this.held.countOf(lane);
        if (count > 0) this.#judge(rules, lane, count, timeMs);
        this.#end(lane, batch, row);
      } else this.nextIdleAtMs = Math.min(this.nextIdleAtMs, idleAtMs);
    }
  }

  /** @param kept an emergency of this time has been told already, and goes on. */
  #end(lane: number, batch: FixBatch, row: number, kept?: KeptTime): void {
    this.#run.close(this.lanes, lane, batch, row, kept);
    const idleAtMs = this.lanes.get(lane, doubleAt.idleAtMs);
    this.lanes.forget(lane);
    // Another stretch begins: the lane is as busy as it was.
    if (kept !== undefined) this.lanes.set(lane, doubleAt.idleAtMs, idleAtMs);
  }

  /** The registry has another class for the vehicle. */
  setClass(vehicle: number, code: number): void {
    const lane = this.#live.getWord(vehicle, wordAt.lateLane);
    if (lane >= 0) this.lanes.setClass(lane, code);
  }
}

function settleAt(atMs: number): number {
  return Math.ceil(atMs / settleStepMs) * settleStepMs;
}
