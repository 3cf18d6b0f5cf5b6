import { homePartition } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { SnapshotError, type EngineSnapshot } from '@haulwatch/engine';
import { LogError, type CommittedOffset } from '@haulwatch/ports';
import type { RuleSet } from '@haulwatch/rules';
import type { IngestPorts } from './ingest-ports.ts';
import { PartitionWorker, type PartitionOutlets } from './partition-worker.ts';
import { decodeMetadata, unpackSnapshot } from './state-records.ts';

/** Records that were committed as the next to be read, and that the log does not have any more: `from` to `to`, exclusive. */
export type Gap = { readonly from: number; readonly to: number };

type Bounds = { readonly starts: readonly number[]; readonly ends: readonly number[] };

/** Makes a partition's worker as its commit says: with the state that the commit points to, at the offset that it names. */
export class Restorer {
  readonly #ports: IngestPorts;
  readonly #partitions: number;
  readonly #outlets: PartitionOutlets;
  /** Shared by the partitions that are assigned together. */
  #bounds: Promise<Bounds> | undefined;

  constructor(ports: IngestPorts, partitions: number, outlets: PartitionOutlets) {
    this.#ports = ports;
    this.#partitions = partitions;
    this.#outlets = outlets;
  }

  /**
   * Without a commit it begins where the log begins. Where retention has passed the commit, or the topic was made anew, what is
   * missing is told in the dead letters and the partition goes on, with its memory, at the oldest record there is.
   */
  async restore(partition: number, committed: CommittedOffset | undefined, rules: RuleSet): Promise<PartitionWorker> {
    const restored = committed === undefined ? undefined : await this.#readState(partition, committed);
    const { starts, ends } = await this.#lookUpBounds();
    const [start, end] = [starts[partition] ?? 0, ends[partition] ?? 0];
    const gap = committed === undefined ? undefined : gapAt(committed.offset, start, end);
    const { fleet } = this.#ports;
    const worker = new PartitionWorker(
      { fleet, rules, partition, isHome: (vehicleId) => homePartition(vehicleId, this.#partitions) === partition },
      gap === undefined && committed !== undefined ? committed.offset : start,
      restored?.snapshot,
      this.#outlets,
    );
    if (restored !== undefined) worker.generation = restored.generation;
    if (gap !== undefined) this.#tellGap(partition, gap);
    return worker;
  }

  #tellGap(partition: number, { from, to }: Gap): void {
    const { logger, nowMs } = this.#ports;
    const detail =
      to > from
        ? `${to - from} records were removed by retention before anybody read them: alarms of that time may be missing`
        : `the topic was made anew: the next record was to be ${from}, it goes on at ${to}`;
    this.#outlets.deadLetters.putGap(partition, { from, to, detail, atMs: nowMs() });
    logger.error({ partition, from, to }, detail);
  }

  #lookUpBounds(): Promise<Bounds> {
    const { log, topics } = this.#ports;
    this.#bounds ??= Promise.all([log.startOffsets(topics.telemetry), log.endOffsets(topics.telemetry)])
      .then(([starts, ends]) => ({ starts, ends }))
      .finally(() => {
        this.#bounds = undefined;
      });
    return this.#bounds;
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

/** What lies between the offset that was to be read next and what the log has: undefined where it has it. */
function gapAt(offset: number, start: number, end: number): Gap | undefined {
  return offset < start || offset > end ? { from: offset, to: start } : undefined;
}
