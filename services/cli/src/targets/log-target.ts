import { homePartition } from '@haulwatch/codec';
import { commitCountersSchema } from '@haulwatch/contract';
import {
  addCounters,
  countersZero,
  groupOf,
  type EngineCounters,
  type Fleet,
  type TopicNames,
} from '@haulwatch/domain';
import type { CommittedOffset, Log, NewLogRecord } from '@haulwatch/ports';
import type { RejectTally } from '../replay/reject-tally.ts';
import type { ReplayRow } from '../replay/replay-row.ts';
import type { ReplayTarget } from '../replay/replay-target.ts';
import { Homes } from './homes.ts';
import {
  awaitCaughtUp,
  awaitRows,
  beforeReplay,
  wholeCounters,
  type IngestProgress,
  type WaitOptions,
} from './ingest-progress.ts';

/** What cannot be read and is larger than this stays here: with its headers it may be more than a broker takes (1 MB). */
const refusedBytesMax = 900_000;

export type LogTargetOptions = {
  readonly log: Log;
  readonly topics: TopicNames;
  /** The registry, for vehicles' own ids and for the numbers in frames. */
  readonly fleet: Fleet;
  readonly tally: RejectTally;
  /** Absent: do not wait for ingest. */
  readonly wait?: Omit<WaitOptions, 'read'>;
  /** Send Traccar's records as they are to their own topic, for ingest's bridge to carry over. */
  readonly rawTraccar: boolean;
};

/**
 * The log. Rows go to `telemetry`, each on the home partition of its vehicle; what cannot be read goes too where
 * it is a record of its own (JSON lines), so that ingest counts it and lays it in the dead letters.
 *
 * Delivery: at least once. A row that the log got twice after a lost answer is dropped by the engine as a duplicate.
 */
export async function openLogTarget(options: LogTargetOptions): Promise<ReplayTarget> {
  const { log, topics, wait } = options;
  const partitions = await log.partitionCount(topics.telemetry);
  const traccarPartitions = options.rawTraccar ? await log.partitionCount(topics.traccar) : 0;
  const read = (): Promise<IngestProgress> => readProgress(log, groupOf(topics, 'ingest'), topics.telemetry);
  const before = wait === undefined ? undefined : await awaitCaughtUp({ ...wait, read }, beforeReplay);
  return new LogTarget(options, { partitions, traccarPartitions }, before);
}

class LogTarget implements ReplayTarget {
  readonly #options: LogTargetOptions;
  readonly #partitions: number;
  readonly #traccarPartitions: number;
  readonly #homes: Homes;
  readonly #before: IngestProgress | undefined;
  /** Rows that ingest never sees. */
  #rowsKeptBack = 0;
  /** One append runs while the next rows are read; no more, or a slow broker fills the memory. */
  #appending: Promise<unknown> = Promise.resolve();

  constructor(
    options: LogTargetOptions,
    { partitions, traccarPartitions }: { partitions: number; traccarPartitions: number },
    before: IngestProgress | undefined,
  ) {
    this.#options = options;
    this.#partitions = partitions;
    this.#traccarPartitions = traccarPartitions;
    this.#homes = new Homes(options.fleet, partitions);
    this.#before = before;
  }

  async take(rows: readonly ReplayRow[]): Promise<void> {
    const { log, topics, rawTraccar } = this.#options;
    const records = rows.flatMap((row) => (rawTraccar ? this.#traccarRecords(row) : this.#records(row)));
    await this.#appending;
    if (records.length === 0) return;
    this.#appending = log.append(rawTraccar ? topics.traccar : topics.telemetry, records);
    // It is awaited by the next call; until then it is nobody's unhandled rejection.
    this.#appending.catch(() => {});
  }

  async finish(rows: number): Promise<EngineCounters | undefined> {
    await this.#appending;
    const { log, topics, wait, rawTraccar } = this.#options;
    if (wait === undefined || this.#before === undefined) return undefined;
    if (rawTraccar) {
      await awaitCaughtUp(
        { ...wait, read: () => readProgress(log, groupOf(topics, 'traccar-bridge'), topics.traccar) },
        (records) =>
          `all rows have gone out, but ingest's Traccar bridge stands still with ${records} records to carry over: is ingest running?`,
      );
    }
    const read = (): Promise<IngestProgress> => readProgress(log, groupOf(topics, 'ingest'), topics.telemetry);
    return await awaitRows(this.#before, rows - this.#rowsKeptBack, { ...wait, read });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#appending.catch(() => {});
  }

  #records(row: ReplayRow): NewLogRecord[] {
    switch (row.kind) {
      case 'record': {
        const { id, partition } = this.#homes.of(row.vehicleId);
        return [{ partition, key: id, value: row.value }];
      }
      case 'frame':
        return this.#homes.split(row).map(({ partition, bytes }) => ({ partition, key: null, value: bytes }));
      case 'refused': {
        const { at, reject, source } = row;
        if (source === undefined || source.value.length > refusedBytesMax) return this.#keepBack(row);
        this.#options.tally.show(at, reject);
        // Whose it is cannot be read, so it lies anywhere; by its line, so that no partition gets them all.
        return [{ partition: at % this.#partitions, key: null, value: source.value }];
      }
    }
  }

  #traccarRecords(row: ReplayRow): NewLogRecord[] {
    if (row.kind === 'refused') this.#keepBack(row);
    if (row.kind === 'frame' || row.source === undefined) return [];
    const { key, value } = row.source;
    return [{ partition: homePartition(key ?? '', this.#traccarPartitions), key, value }];
  }

  /** Counts a row here that ingest does not count. */
  #keepBack({ at, reject }: Extract<ReplayRow, { kind: 'refused' }>): NewLogRecord[] {
    this.#options.tally.count(at, reject);
    this.#rowsKeptBack += 1;
    return [];
  }
}

async function readProgress(log: Log, group: string, topic: string): Promise<IngestProgress> {
  const [commits, end] = await Promise.all([log.committed(group, topic), log.endOffsets(topic)]);
  const offsets = new Map(commits.map(({ partition, offset }) => [partition, offset]));
  return {
    counters: commits.reduce((sum, commit) => addCounters(sum, countersOf(commit)), countersZero()),
    committed: end.map((_, partition) => offsets.get(partition) ?? 0),
    end,
  };
}

/** What ingest wrote into a commit. The bridge writes nothing, and other programs what they like. */
function countersOf({ metadata }: CommittedOffset): EngineCounters {
  try {
    const parsed = commitCountersSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? wholeCounters(parsed.data.counters) : countersZero();
  } catch {
    return countersZero();
  }
}
