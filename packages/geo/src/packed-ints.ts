/** Whole numbers of 32 bits in one array that grows: what an index is built in, without an object for each piece. */
export class PackedInts {
  ints: Int32Array;
  length = 0;

  constructor(capacity = 1_024) {
    this.ints = new Int32Array(capacity);
  }

  /** Makes room for `count` numbers and returns where they begin. `ints` may be another array afterwards. */
  reserve(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.ints.length) {
      const grown = new Int32Array(Math.max(this.length, this.ints.length * 2));
      grown.set(this.ints.subarray(0, at));
      this.ints = grown;
    }
    return at;
  }

  push(value: number): void {
    const at = this.reserve(1);
    this.ints[at] = value;
  }

  /** Appends a stretch of itself. */
  copyWithin(from: number, to: number): void {
    const at = this.reserve(to - from);
    this.ints.copyWithin(at, from, to);
  }

  packed(): Int32Array {
    return this.ints.slice(0, this.length);
  }
}
