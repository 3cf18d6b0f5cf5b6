/** Shorter waits are not worth a timer; they add up, because every fix is due at a time of its own. */
const waitMsMin = 10;

/**
 * Replays fixes as far apart as they were fixed, `factor` times as fast. The first fix sets the beginning; what is older
 * than its predecessors is due already.
 */
export class Pacer {
  readonly #factor: number;
  #begin: { readonly fixedAtMs: number; readonly nowMs: number } | undefined;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** How long to wait before a fix may go out; 0: it is due. */
  waitMs(fixedAtMs: number, nowMs: number): number {
    this.#begin ??= { fixedAtMs, nowMs };
    const dueAtMs = this.#begin.nowMs + (fixedAtMs - this.#begin.fixedAtMs) / this.#factor;
    const waitMs = dueAtMs - nowMs;
    return waitMs < waitMsMin ? 0 : waitMs;
  }
}
