import type { Lanes } from './lanes.ts';

/**
 * Things that few lanes have any of, those of all lanes in one array: episodes, stays in fences, books of hours, tallies. Those
 * of a lane are a list in the order in which they began; the lane's record names the first. A thing is named by its number;
 * `data` holds it from `number * words`.
 */
export class LaneList {
  data: Float64Array;
  /** Doubles of one. */
  readonly words: number;
  /** The next of the lane, or of the free ones; -1: none. */
  #next = new Int32Array(64);
  #used = 0;
  #free = -1;
  /** Place in a lane's words of its first. */
  readonly #headWord: number;

  constructor(words: number, headWord: number) {
    this.words = words;
    this.data = new Float64Array(64 * words);
    this.#headWord = headWord;
  }

  first(lanes: Lanes, row: number): number {
    return lanes.getWord(row, this.#headWord);
  }

  next(thing: number): number {
    return this.#next[thing]!;
  }

  /** Where in `data` a thing begins. */
  at(thing: number): number {
    return thing * this.words;
  }

  /** Appends one to a lane's; its words are the caller's to fill. Another `data` afterwards, maybe. */
  add(lanes: Lanes, row: number): number {
    const thing = this.#take();
    this.#next[thing] = -1;
    let last = this.first(lanes, row);
    if (last < 0) lanes.setWord(row, this.#headWord, thing);
    else {
      while (this.#next[last]! >= 0) last = this.#next[last]!;
      this.#next[last] = thing;
    }
    return thing;
  }

  remove(lanes: Lanes, row: number, thing: number): void {
    const first = this.first(lanes, row);
    if (first === thing) lanes.setWord(row, this.#headWord, this.#next[thing]!);
    else {
      let before = first;
      while (this.#next[before] !== thing) before = this.#next[before]!;
      this.#next[before] = this.#next[thing]!;
    }
    this.#next[thing] = this.#free;
    this.#free = thing;
  }

  removeAll(lanes: Lanes, row: number): void {
    for (let thing = this.first(lanes, row); thing >= 0; thing = this.first(lanes, row)) this.remove(lanes, row, thing);
  }

  /** The things of all lanes: each the row of its lane, then its words. Equal states make equal bytes. */
  pack(lanes: Lanes): Float64Array {
    const packed: number[] = [];
    for (let row = 0; row < lanes.count; row += 1) {
      for (let thing = this.first(lanes, row); thing >= 0; thing = this.next(thing)) {
        packed.push(row);
        for (let word = 0; word < this.words; word += 1) packed.push(this.data[this.at(thing) + word]!);
      }
    }
    return Float64Array.from(packed);
  }

  unpack(packed: Float64Array, lanes: Lanes): void {
    for (let from = 0; from < packed.length; from += 1 + this.words) {
      const thing = this.add(lanes, packed[from]!);
      this.data.set(packed.subarray(from + 1, from + 1 + this.words), this.at(thing));
    }
  }

  #take(): number {
    if (this.#free >= 0) {
      const thing = this.#free;
      this.#free = this.#next[thing]!;
      return thing;
    }
    if (this.#used === this.#next.length) {
      const next = new Int32Array(2 * this.#used);
      next.set(this.#next);
      this.#next = next;
      const data = new Float64Array(2 * this.#used * this.words);
      data.set(this.data);
      this.data = data;
    }
    this.#used += 1;
    return this.#used - 1;
  }
}
