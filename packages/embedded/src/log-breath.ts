import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work without a pause in between; signals, timers and sockets wait for so long. */
const workMsMax = 5;

/**
 * SQLite answers at once, so that a loop of awaits over it never lets go of the event loop by itself. Whoever works in
 * such a loop takes a breath after each piece.
 */
export class Breath {
  #lastMs = 0;

  /** Whether it is time for one. */
  get isDue(): boolean {
    return performance.now() - this.#lastMs > workMsMax;
  }

  async take(): Promise<void> {
    if (!this.isDue) return;
    await nextTurn();
    this.#lastMs = performance.now();
  }
}
