import { decodeRecord, isReject, rowsPerRecordMax } from '@haulwatch/codec';
import { FixBatch, type AlarmStep, type Fleet } from '@haulwatch/domain';
import { Engine } from '@haulwatch/engine';
import type { RuleSet } from '@haulwatch/rules';
import type { StreamTick } from './fix-stream.ts';

/** Rows that a batch gathers before the engine takes it. */
const batchRows = 1_000;

/** One engine for all vehicles, fed with frames as the service `ingest` does: decoded into a batch, then processed. */
export class EngineFeed {
  readonly engine: Engine;
  readonly #batch = new FixBatch(batchRows + rowsPerRecordMax);
  #offset = 0;

  constructor(fleet: Fleet, rules: RuleSet) {
    this.engine = new Engine({ fleet, rules, partition: 0, isHome: () => true });
  }

  /** Takes frames, some or all of a tick; returns the steps of alarms that they caused. */
  take(frames: readonly Uint8Array[], receivedAtMs: number): AlarmStep[] {
    const steps: AlarmStep[] = [];
    const batch = this.#batch;
    batch.clear();
    for (const value of frames) {
      const decoded = decodeRecord(
        { value, offset: this.#offset++, timestampMs: receivedAtMs },
        this.engine.vehicles,
        batch,
      );
      if (isReject(decoded)) throw new Error(`a frame of our own was refused: ${decoded.detail}`);
      if (batch.count < batchRows) continue;
      for (const step of this.engine.process(batch)) steps.push(step);
      batch.clear();
    }
    for (const step of this.engine.process(batch)) steps.push(step);
    return steps;
  }

  /** The same with a clock: ms that it took. */
  time({ frames, receivedAtMs }: StreamTick, steps: AlarmStep[]): number {
    const fromMs = performance.now();
    const told = this.take(frames, receivedAtMs);
    const tookMs = performance.now() - fromMs;
    for (const step of told) steps.push(step);
    return tookMs;
  }

  /** @throws RangeError where the engine did not take every row: what is refused is cheap, and no speed. */
  expectAllTaken(rows: number): void {
    const { fixes, duplicates } = this.engine.counters;
    if (fixes + duplicates !== rows) {
      throw new RangeError(
        `the engine took ${fixes + duplicates} of ${rows} rows: ${JSON.stringify(this.engine.counters)}`,
      );
    }
  }
}
