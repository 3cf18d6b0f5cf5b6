import type { FixBatch } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import type { LateLanes } from './late-lanes.ts';
import type { SilenceWatch } from './silence-watch.ts';

/**
 * The partition's time, which is the newest receipt time seen, and what is to be done at it without a fix that asks for it:
 * what was told late is judged, late lanes end, silent vehicles are looked for.
 */
export class PartitionClock {
  timeMs: number;
  /** The time at which the first of these things is due. */
  timerAtMs = -Infinity;
  readonly #late: LateLanes;
  readonly #watch: SilenceWatch;

  constructor(late: LateLanes, watch: SilenceWatch, timeMs = -Infinity) {
    this.#late = late;
    this.#watch = watch;
    this.timeMs = timeMs;
  }

  /** After anything that may have changed when something is due. */
  setTimer(): void {
    this.timerAtMs = Math.min(this.#late.nextAtMs, this.#watch.nextAtMs);
  }

  /** Does what is due, before the row that has told the time. */
  ring(rules: RuleSet, batch: FixBatch, row: number): void {
    if (this.timeMs >= this.#late.held.nextSettleAtMs) this.#late.settle(rules, this.timeMs);
    if (this.timeMs >= this.#late.nextIdleAtMs) this.#late.endIdle(rules, this.timeMs, batch, row);
    if (this.timeMs >= this.#watch.nextAtMs) this.#watch.look(rules, this.timeMs, batch, row);
    this.setTimer();
  }
}
