import type { FixBatch } from '@haulwatch/domain';
import type { LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, Lanes, wordAt } from './lanes.ts';

/**
 * The late lanes: what vehicles tell after the fact runs through states of their own, one for each vehicle that has ever told
 * anything late. A lane begins where the gap began that it tells of, lives on while it gets input, and is over when it is idle
 * for as long as the policy says, or when another stretch begins. Its row stays the vehicle's for the next stretch.
 */
export class LateLanes {
  readonly lanes = new Lanes('late', 16);
  /** When the first of the active lanes is over, partition time. */
  nextIdleAtMs = Infinity;
  readonly #live: Lanes;
  readonly #run: LaneRun;

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

  /** The vehicle's lane, which is added if it has none. */
  laneOf(vehicle: number): number {
    const live = this.#live;
    const lane = live.getWord(vehicle, wordAt.lateLane);
    if (lane >= 0) return lane;
    const added = this.lanes.add(vehicle, live.u8[live.byteRow(vehicle) + byteAt.classCode]!);
    live.setWord(vehicle, wordAt.lateLane, added);
    return added;
  }

  /** Before a fix at this time: a lane takes one stretch in order, and what is told of a gap begins where the gap began. */
  begin(lane: number, vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    if (atMs <= this.lanes.get(lane, doubleAt.lastAtMs)) this.#end(lane, batch, row);
    if (Number.isNaN(this.lanes.get(lane, doubleAt.lastAtMs))) this.#seedFromGap(lane, vehicle, atMs);
  }

  #seedFromGap(lane: number, vehicle: number, atMs: number): void {
    const live = this.#live;
    // NaN (no gap yet) compares false.
    if (!(atMs > live.get(vehicle, doubleAt.gapAtMs))) return;
    this.lanes.set(lane, doubleAt.positionAtMs, live.get(vehicle, doubleAt.gapAtMs));
    this.lanes.setWord(lane, wordAt.lonE7, live.getWord(vehicle, wordAt.gapLonE7));
    this.lanes.setWord(lane, wordAt.latE7, live.getWord(vehicle, wordAt.gapLatE7));
  }

  /** The lane has got input: it is over at `idleAtMs` (partition time), if nothing else comes. */
  keep(lane: number, idleAtMs: number): void {
    this.lanes.set(lane, doubleAt.idleAtMs, idleAtMs);
    this.nextIdleAtMs = Math.min(this.nextIdleAtMs, idleAtMs);
  }

  /** Ends the lanes that are over at this time; the row that has told the time is the cause. */
  endIdle(timeMs: number, batch: FixBatch, row: number): void {
    this.nextIdleAtMs = Infinity;
    for (let lane = 0; lane < this.lanes.count; lane += 1) {
      const idleAtMs = this.lanes.get(lane, doubleAt.idleAtMs);
      if (idleAtMs <= timeMs) this.#end(lane, batch, row);
      else this.nextIdleAtMs = Math.min(this.nextIdleAtMs, idleAtMs);
    }
  }

  #end(lane: number, batch: FixBatch, row: number): void {
    this.#run.close(this.lanes, lane, true, 'late-lane-over', batch, row);
    this.lanes.forget(lane);
  }

  /** The registry has another class for the vehicle. */
  setClass(vehicle: number, code: number): void {
    const lane = this.#live.getWord(vehicle, wordAt.lateLane);
    if (lane >= 0) this.lanes.setClass(lane, code);
  }
}
