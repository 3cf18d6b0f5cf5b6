/** Wakes those who wait for the next record, or for the end. It counts, so that a ring between looking and waiting is not missed. */
export class Bell {
  #rings = 0;
  #waiting: (() => void)[] = [];

  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves with the first ring after the count that was read before looking. */
  async after(rings: number): Promise<void> {
    if (this.#rings === rings) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
