import { printHigh, printLow } from './cell-tree.ts';
import { PackedInts } from './packed-ints.ts';

/** Sets of fences, each kept once: most cells of a city lie in the same few. Set 0 is empty. */
export class FenceSets {
  readonly starts: PackedInts;
  readonly slots: PackedInts;
  readonly prints: PackedInts;
  /** The newest set of each hash, and before it the one that had the same hash. */
  readonly #newest = new Map<number, number>();
  readonly #former = new PackedInts();

  /** Goes on from the sets of an earlier index, which keep their numbers. */
  constructor(former?: {
    readonly setStarts: Int32Array;
    readonly setSlots: Int32Array;
    readonly setPrints: Int32Array;
  }) {
    this.starts = new PackedInts();
    this.slots = new PackedInts();
    this.prints = new PackedInts();
    this.starts.push(0);
    if (former === undefined) {
      this.#add(new Int32Array(0), 0);
      return;
    }
    for (let id = 0; id + 1 < former.setStarts.length; id += 1) {
      const slots = former.setSlots.subarray(former.setStarts[id], former.setStarts[id + 1]);
      this.#add(slots, slots.length);
    }
  }

  get count(): number {
    return this.starts.length - 1;
  }

  /** The number of the set that has the first `count` of these slots, ascending and each once. */
  intern(slots: Int32Array, count: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; i += 1) {
      low ^= printLow(slots[i]!);
      high ^= printHigh(slots[i]!);
    }
    for (let id = this.#newest.get(low) ?? -1; id >= 0; id = this.#former.ints[id]!) {
      if (this.prints.ints[2 * id + 1] === high && this.#equals(id, slots, count)) return id;
    }
    return this.#add(slots, count);
  }

  #equals(id: number, slots: Int32Array, count: number): boolean {
    const from = this.starts.ints[id]!;
    if (this.starts.ints[id + 1]! - from !== count) return false;
    for (let i = 0; i < count; i += 1) if (this.slots.ints[from + i] !== slots[i]) return false;
    return true;
  }

  #add(slots: Int32Array, count: number): number {
    const id = this.count;
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; i += 1) {
      this.slots.push(slots[i]!);
      low ^= printLow(slots[i]!);
      high ^= printHigh(slots[i]!);
    }
    this.starts.push(this.slots.length);
    this.prints.push(low);
    this.prints.push(high);
    this.#former.push(this.#newest.get(low) ?? -1);
    this.#newest.set(low, id);
    return id;
  }
}
