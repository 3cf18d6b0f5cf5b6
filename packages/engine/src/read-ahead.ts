import type { FixBatch } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import { hotAt, seatWord, type Lanes } from './lanes.ts';

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
    // First, middle and last word: nobody knows how memory is aligned, and a record may lie across three lines of the cache.
    for (let row = from; row < to; row += 1) {
      const at = known(vehicle[row]!) * hotAt.words;
      read ^= i32[at]! ^ i32[at + hotAt.words / 2]! ^ i32[at + hotAt.words - 1]!;
    }
    let leaving = 0;
    for (let row = from; row < to; row += 1) {
      const seat = known(vehicle[row]!) * hotAt.words + seatWord;
      this.#leaving[leaving] = row;
      leaving += fenceIndex.wouldStay(i32, seat, lonE7[row]!, latE7[row]!) ? 0 : 1;
    }
    fenceIndex.entriesAt(this.#leaving, leaving, lonE7, latE7, this.#entries);
    for (let i = 0; i < leaving; i += 1) read ^= fenceIndex.touch(this.#entries[i]!);
    return read;
  }
}

/** The lane of a row; 0 for one that has none: something has to be read. */
function known(lane: number): number {
  return lane & ~(lane >> 31);
}
