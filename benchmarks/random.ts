/**
 * Seeded chance for the generators of benchmarks: mulberry32 (Tommy Ettinger, public domain), whole-number arithmetic, so
 * that a seed gives the same world everywhere.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own for a purpose: what one part draws does not move what another part sees. */
  static of(seed: number, purpose: number): Random {
    const root = new Random(seed ^ Math.imul(purpose + 1, 0x9e37_79b1));
    return new Random(root.word());
  }

  /** 0 to 4,294,967,295. */
  word(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** In [0, 1). */
  share(): number {
    return this.word() / 0x1_0000_0000;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.share();
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.share() * count);
  }

  chance(share: number): boolean {
    return this.share() < share;
  }

  /** Mean 0, standard deviation 1, at most 3.5 either way: the sum of four draws. */
  bell(): number {
    return (this.share() + this.share() + this.share() + this.share() - 2) * Math.sqrt(3);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Fisher-Yates, in place. */
  shuffle(items: Int32Array): Int32Array {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      const moved = items[last]!;
      items[last] = items[other]!;
      items[other] = moved;
    }
    return items;
  }
}
