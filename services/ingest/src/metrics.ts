import { addCounters, countersZero, type EngineCounters } from '@haulwatch/domain';

/** What ingest counts since the process began; plain numbers, collected when somebody scrapes. */
export class IngestMetrics {
  checkpoints = 0;
  /** States that could not be read, where an older one was taken. */
  brokenStates = 0;
  /** Records that a Traccar bridge took and turned down. */
  bridged = 0;
  bridgeRejects = 0;
  /** By partition: records that wait in the log, and the age of the newest processed one while any wait. */
  readonly lagRecords = new Map<number, number>();
  readonly lagSeconds = new Map<number, number>();
  /** By partition: how long ago its state was last committed, where it has moved since. */
  readonly snapshotAgeSeconds = new Map<number, number>();
  /** How far the clock of this host is behind those of the producers, as far as their records tell. */
  clockBehindSeconds = 0;
  /** What was counted on partitions that are not ours any more. */
  #former: EngineCounters = countersZero();
  readonly #watched = new Map<number, { readonly now: () => EngineCounters; readonly before: EngineCounters }>();

  /** What the engines have counted since they came to this process. */
  get counters(): EngineCounters {
    let sum = this.#former;
    for (const { now, before } of this.#watched.values()) sum = addCounters(sum, addCounters(now(), before, -1));
    return sum;
  }

  /** A partition is ours: its engine goes on counting in these counters, and what stands there was counted before. */
  watch(partition: number, counters: () => EngineCounters): void {
    this.forget(partition);
    this.#watched.set(partition, { now: counters, before: structuredClone(counters()) });
  }

  forget(partition: number): void {
    const watched = this.#watched.get(partition);
    if (watched !== undefined) this.#former = addCounters(this.#former, addCounters(watched.now(), watched.before, -1));
    this.#watched.delete(partition);
    this.lagRecords.delete(partition);
    this.lagSeconds.delete(partition);
    this.snapshotAgeSeconds.delete(partition);
  }
}
