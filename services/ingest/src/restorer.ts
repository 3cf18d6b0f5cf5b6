import { homePartition } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { SnapshotError, type EngineSnapshot } from '@haulwatch/engine';
import { LogError, type CommittedOffset } from '@haulwatch/ports';
import type { RuleSet } from '@haulwatch/rules';
import type { IngestPorts } from './ingest-ports.ts';
import { gapAt, gapDetail, TopicBounds, type Bounds, type Gap } from './input-gap.ts';
import { PartitionWorker, type PartitionOutlets } from './partition-worker.ts';
import { decodeMetadata, unpackSnapshot } from './state-records.ts';

/** Partitions that are restored side by side: the first go on while those behind them still wait for their states. */
const restoredTogether = 4;

/** Makes a partition's worker as its commit says: with the state that the commit points to, at the offset that it names. */
export class Restorer {
  readonly #ports: IngestPorts;
  readonly #partitions: number;
  readonly #outlets: PartitionOutlets;
  readonly #bounds: TopicBounds;
  /** What each of those that are restored side by side follows. */
  readonly #running: Promise<unknown>[] = Array.from({ length: restoredTogether }, async () => {});
  #restoredCount = 0;

  constructor(ports: IngestPorts, partitions: number, outlets: PartitionOutlets) {
    this.#ports = ports;
    this.#partitions = partitions;
    this.#outlets = outlets;
    this.#bounds = new TopicBounds(ports.log, ports.topics.telemetry);
  }

  /**
   * Without a commit it begins where the log begins; that there is a state to which none points is told: Kafka forgets commits
   * with their topic, and those of a group that nobody was in for a week. Where retention has passed the commit, or the topic was made anew, what is
   * missing is told in the dead letters and the partition goes on, with its memory, at the oldest record there is.
   */
  async restore(partition: number, committed: CommittedOffset | undefined, rules: RuleSet): Promise<PartitionWorker> {
    const bounds = this.#bounds.of(partition);
    // Awaited when it is this partition's turn.
    bounds.catch(() => undefined);
    const lane = this.#restoredCount % restoredTogether;
    this.#restoredCount += 1;
    const worker = this.#running[lane]!.then(() => this.#make(partition, committed, { rules, bounds }));
    this.#running[lane] = worker.catch(() => undefined);
    return worker;
  }

  async #make(
    partition: number,
    committed: CommittedOffset | undefined,
    { rules, bounds: asked }: { readonly rules: RuleSet; readonly bounds: Promise<Bounds> },
  ): Promise<PartitionWorker> {
    const restored = committed === undefined ? undefined : await this.#readState(partition, committed);
    const bounds = await asked;
    const gap = committed === undefined ? undefined : gapAt(committed.offset, bounds);
    const { fleet } = this.#ports;
    const worker = new PartitionWorker(
      { fleet, rules, partition, isHome: (vehicleId) => homePartition(vehicleId, this.#partitions) === partition },
      gap === undefined && committed !== undefined ? committed.offset : bounds.start,
      restored?.snapshot,
      this.#outlets,
    );
    if (restored !== undefined) worker.generation = restored.generation;
    if (gap !== undefined) this.#tellGap(partition, gap, gapDetail(gap));
    if (committed === undefined && (await this.#hasState(partition))) {
      this.#tellGap(partition, { from: bounds.start, to: bounds.start }, orphanDetail);
    }
    return worker;
  }

  async #hasState(partition: number): Promise<boolean> {
    const { log, topics } = this.#ports;
    const ends = await log.endOffsets(topics.engineState);
    return (ends[partition] ?? 0) > 0;
  }

  #tellGap(partition: number, gap: Gap, detail: string): void {
    const { logger, nowMs } = this.#ports;
    this.#outlets.deadLetters.putGap(partition, { ...gap, detail, atMs: nowMs() });
    logger.error({ partition, ...gap }, detail);
  }

  async #readState(
    partition: number,
    committed: CommittedOffset,
  ): Promise<{ snapshot: EngineSnapshot; generation: 0 | 1 }> {
    const group = groupOf(this.#ports.topics, 'ingest');
    const metadata = decodeMetadata(committed.metadata);
    if (metadata === undefined) {
      throw new SnapshotError(
        `partition ${partition} is committed at ${committed.offset} without a pointer to its state: somebody else's commit in group '${group}'? Delete the group's offsets to begin anew from the oldest telemetry`,
      );
    }
    const { state } = metadata;
    try {
      const records = await this.#ports.log.read(this.#ports.topics.engineState, partition, state.offset, state.count);
      return { snapshot: unpackSnapshot(records, state), generation: state.generation };
    } catch (error) {
      if (error instanceof LogError && error.retriable) throw error;
      throw new SnapshotError(
        `the state of partition ${partition} at ${committed.offset} cannot be read (${String(error)}); delete the offsets of group '${group}' to build it anew from the oldest telemetry`,
        { cause: error },
      );
    }
  }
}

const orphanDetail =
  'nothing is committed, though a state was written: the topic was made anew, or the commits of the group were deleted or have expired. It begins with an empty memory at the oldest record; alarms that were open then are not ended by anybody';
