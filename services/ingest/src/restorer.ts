import { homePartition } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { SnapshotError, type EngineSnapshot } from '@haulwatch/engine';
import { LogError, type CommittedOffset } from '@haulwatch/ports';
import type { RuleSet } from '@haulwatch/rules';
import type { IngestPorts } from './ingest-ports.ts';
import { gapDetail, TopicBounds, type Gap } from './input-gap.ts';
import { PartitionWorker, type PartitionOutlets } from './partition-worker.ts';
import { decodeMetadata, unpackSnapshot, type CommitMetadata, type StatePlace } from './state-records.ts';

/** Makes a partition's worker as its commit says: with the state that the commit points to, at the offset that it names. */
export class Restorer {
  readonly #ports: IngestPorts;
  readonly #partitions: number;
  readonly #outlets: PartitionOutlets;
  readonly #bounds: TopicBounds;

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
    if (committed === undefined) {
      const { start } = await this.#bounds.of(partition);
      return await this.#beginAnew(partition, rules, start);
    }
    const metadata = this.#metadataOf(partition, committed);
    const { bounds, gap } = await this.#bounds.around(partition, committed.offset);
    try {
      const worker = await this.#continue(partition, rules, { upTo: committed.offset, state: metadata.state });
      if (gap !== undefined) {
        worker.position = bounds.start;
        this.#tellGap(partition, gap, gapDetail(gap));
      }
      return worker;
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      const { previous } = metadata;
      // Without all the input since, it would be a state that has forgotten something.
      const isWhole = previous !== undefined && previous.upTo >= bounds.start && gap === undefined;
      const worker = isWhole ? await this.#continue(partition, rules, previous).catch(unlessReadable) : undefined;
      if (worker === undefined) throw this.#refusal(partition, committed.offset, error);
      this.#tellBroken(partition, committed.offset, worker.position, error);
      return worker;
    }
  }

  async #beginAnew(partition: number, rules: RuleSet, start: number): Promise<PartitionWorker> {
    const { log, topics } = this.#ports;
    const ends = await log.endOffsets(topics.engineState);
    if ((ends[partition] ?? 0) > 0) this.#tellGap(partition, { from: start, to: start }, orphanDetail);
    return this.#create(partition, rules, start);
  }

  #create(partition: number, rules: RuleSet, position: number, snapshot?: EngineSnapshot): PartitionWorker {
    const isHome = (vehicleId: string): boolean => homePartition(vehicleId, this.#partitions) === partition;
    const options = { fleet: this.#ports.fleet, rules, partition, isHome };
    return new PartitionWorker(options, position, snapshot, this.#outlets);
  }

  /** @throws SnapshotError where the state cannot be used. */
  async #continue(partition: number, rules: RuleSet, place: StatePlace): Promise<PartitionWorker> {
    const worker = this.#create(partition, rules, place.upTo, await this.#readState(partition, place));
    worker.committed = place;
    return worker;
  }

  #refusal(partition: number, offset: number, cause: SnapshotError): SnapshotError {
    return new SnapshotError(
      `the state of partition ${partition} at ${offset} cannot be used, nor one before it (${cause.message}); delete the offsets of group '${groupOf(this.#ports.topics, 'ingest')}' to build it anew from the oldest telemetry`,
      { cause },
    );
  }

  #tellBroken(partition: number, offset: number, upTo: number, error: SnapshotError): void {
    const { logger, metrics, nowMs } = this.#ports;
    const detail = `${error.message}; the one before is taken, and ${offset - upTo} records are judged again, with the same ids`;
    this.#outlets.deadLetters.putBrokenState(partition, { offset, detail, atMs: nowMs() });
    metrics.brokenStates += 1;
    logger.error({ partition, offset, upTo }, detail);
  }

  #tellGap(partition: number, gap: Gap, detail: string): void {
    const { logger, nowMs } = this.#ports;
    this.#outlets.deadLetters.putGap(partition, { ...gap, detail, atMs: nowMs() });
    logger.error({ partition, ...gap }, detail);
  }

  #metadataOf(partition: number, committed: CommittedOffset): CommitMetadata {
    const metadata = decodeMetadata(committed.metadata);
    if (metadata !== undefined) return metadata;
    const group = groupOf(this.#ports.topics, 'ingest');
    throw new SnapshotError(
      `partition ${partition} is committed at ${committed.offset} without a pointer to its state: somebody else's commit in group '${group}'? Delete the group's offsets to begin anew from the oldest telemetry`,
    );
  }

  async #readState(partition: number, { upTo, state }: StatePlace): Promise<EngineSnapshot> {
    const { log, topics } = this.#ports;
    try {
      const records = await log.read(topics.engineState, partition, state.offset, state.count);
      return unpackSnapshot(records, state);
    } catch (error) {
      if (error instanceof LogError && error.retriable) throw error;
      throw new SnapshotError(`the state at ${upTo} cannot be read: ${String(error)}`, { cause: error });
    }
  }
}

const orphanDetail =
  'nothing is committed, though a state was written: the topic was made anew, or the commits of the group were deleted or have expired. It begins with an empty memory at the oldest record; alarms that were open then are not ended by anybody';

function unlessReadable(error: unknown): undefined {
  if (!(error instanceof SnapshotError)) throw error;
}
