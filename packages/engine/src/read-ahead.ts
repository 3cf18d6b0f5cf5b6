import type { FixBatch } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import { hotAt, type Lanes } from './lanes.ts';

/** Rows that are looked up together: what they touch fits the caches next to a core. */
export const rowsTogether = 512;

/**
 * Reads what the rows will need: dozens of waits for memory at once, where row after row would wait one by one. Changes
 * nothing, so it may be wrong about a vehicle that has several rows here.
 */
export class ReadAhead {
  readonly #live: Lanes;
  /** Rows whose vehicles have left their cell of the fence index, and the entries of the cells they are in now. */
  readonly #leaving = new Int32Array(rowsTogether);
  readonly #entries = new Int32Array(rowsTogether);

  constructor(live: Lanes) {
    this.#live = live;
  }

  /** At most `rowsTogether` rows. Returns what the reads came to: to be kept, so that they are not optimised away. */
  read({ fenceIndex }: RuleSet, batch: FixBatch, from: number, to: number): number {
    const { vehicle, lonE7, latE7 } = batch;
    const { i32 } = this.#live;
    let read = 0;
    for (let row = from; row < to; row += 1) {
      const at = this.#live.seatOf(Math.max(0, vehicle[row]!));
      read ^= i32[at]! ^ i32[at + hotAt.words / 2]!;
    }
    let leaving = 0;
    for (let row = from; row < to; row += 1) {
      const seat = this.#live.seatOf(Math.max(0, vehicle[row]!));
      if (!fenceIndex.wouldStay(i32, seat, lonE7[row]!, latE7[row]!)) this.#leaving[leaving++] = row;
    }
    fenceIndex.entriesAt(this.#leaving, leaving, lonE7, latE7, this.#entries);
    for (let i = 0; i < leaving; i += 1) read ^= fenceIndex.touch(this.#entries[i]!);
    return read;
  }
}
