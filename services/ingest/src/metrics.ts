import { addCounters, countersZero, type EngineCounters } from '@haulwatch/domain';

/** What ingest counts since the process began; plain numbers, collected when somebody scrapes. */
export class IngestMetrics {
  counters: EngineCounters = countersZero();
  checkpoints = 0;
  /** Records that a Traccar bridge took and turned down. */
  bridged = 0;
  bridgeRejects = 0;
  /** By partition: records that wait in the log, and the age of the newest processed one while any wait. */
  readonly lagRecords = new Map<number, number>();
  readonly lagSeconds = new Map<number, number>();

  /** Adds what an engine counted between two moments. */
  add(after: EngineCounters, before: EngineCounters): void {
    this.counters = addCounters(this.counters, addCounters(after, before, -1));
  }

  forget(partition: number): void {
    this.lagRecords.delete(partition);
    this.lagSeconds.delete(partition);
  }
}
