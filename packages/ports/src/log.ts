/**
 * The log: what Haulwatch asks of Kafka, no more. Two implementations keep this contract, and one suite of tests
 * (testkit's log contract) holds both to it: packages/kafka on Apache Kafka, packages/embedded on SQLite.
 *
 * Offsets are numbers: exact up to 2^53, which is 285 years at a million records a second.
 */
export type Log = {
  /** Creates the topics that are missing; leaves those that exist as they are. Safe to call from several processes. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** How many partitions a topic has. Throws `LogError` 'topic-missing'. */
  partitionCount(topic: string): Promise<number>;
  /**
   * Appends and resolves when every record is durable (all replicas in sync). Records of one call and one partition
   * stand together in the order given. At least once: a retry after a lost answer may append twice only where the
   * broker cannot tell (an idempotent producer is used where there is one). Rejects with `LogError`.
   */
  append(topic: string, records: readonly NewLogRecord[]): Promise<readonly Appended[]>;
  /** Joins a group, and hands out batches until closed. See `GroupHandler`. */
  join(options: GroupOptions): Promise<GroupMember>;
  /** Reads a whole topic (all partitions) from its beginning and goes on following it, in no group. Resolves when it has caught up with the end that stood at the call. */
  follow(topic: string, onRecord: (record: LogRecord) => void): Promise<Closeable>;
  /** Reads `count` records from an offset on, and fewer only where the topic ends. */
  read(topic: string, partition: number, offset: number, count: number): Promise<readonly LogRecord[]>;
  /** What a group has committed, for each partition that has a commit. */
  committed(group: string, topic: string): Promise<readonly CommittedOffset[]>;
  /** The offset of the oldest record that retention has left in each partition, by partition; of an empty one its end. */
  startOffsets(topic: string): Promise<readonly number[]>;
  /** The offset that the next record of each partition will get, by partition. */
  endOffsets(topic: string): Promise<readonly number[]>;
  /** Ends everything that was opened from this log. */
  close(): Promise<void>;
};

export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  /** Keep only the newest record of each key. */
  readonly compacted?: boolean;
  /** How long records are kept, ms; -1: for good; absent: the broker's default. */
  readonly retentionMs?: number;
  /** The largest record that is taken, bytes; absent: the broker's default, some 1 MB. The embedded log has one limit for all. */
  readonly recordBytesMax?: number;
  /**
   * Size at which the file that is written to is closed and the next begun, bytes (Kafka: segment.bytes); absent: the
   * broker's default, 1 GB. Compaction and retention touch closed files only. The embedded log has no such files and ignores it.
   */
  readonly segmentBytes?: number;
  /**
   * How long compaction leaves a record alone at least, ms, whatever came after it under its key (Kafka:
   * min.compaction.lag.ms); absent: the broker's default, not at all. The embedded log has one process and ignores it.
   */
  readonly compactionLagMs?: number;
};

export type NewLogRecord = {
  readonly partition: number;
  readonly key: string | null;
  /** Null is a tombstone in a compacted topic. */
  readonly value: Uint8Array | string | null;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The place where one call's records of one partition were put: baseOffset, baseOffset + 1 ... */
export type Appended = { readonly partition: number; readonly baseOffset: number; readonly count: number };

export type LogRecord = {
  readonly partition: number;
  readonly offset: number;
  /** As long as the value. */
  readonly key: Uint8Array | null;
  /** Valid only during the call that handed it out, until what that returned resolves: its memory is used again. Copy what must stay. */
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  /** When it was produced, ms since the epoch. */
  readonly timestampMs: number;
};

export type CommittedOffset = { readonly partition: number; readonly offset: number; readonly metadata: string };

export type GroupOptions = {
  readonly group: string;
  readonly topic: string;
  readonly handler: GroupHandler;
  /** At most this many records reach `onBatch` at once; heartbeats go out between the pieces. */
  readonly batchRecordsMax?: number;
};

/**
 * What a member of a group does. Calls for one partition never overlap: assigned, then batches in offset order, then
 * revoked. An error thrown by any of them ends the member (`GroupMember.failed`): the process restarts and restores.
 */
export type GroupHandler = {
  /**
   * A partition is ours now. Nothing is read from it until this resolves with the offset to begin at; `committed` is
   * what the group last committed for it.
   */
  onAssigned(partition: number, committed: CommittedOffset | undefined): Promise<number | 'beginning'>;
  /** Handles records in offset order. The next batch waits for it: this is the back pressure. */
  onBatch(batch: GroupBatch): Promise<void>;
  /** The partition may be another member's already: forget its state, write nothing for it. */
  onRevoked(partition: number): void;
};

export type GroupBatch = {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** The offset that the next record to be written will get: what is still to come is `endOffset - last offset - 1`. */
  readonly endOffset: number;
};

export type GroupMember = {
  /**
   * Commits `offset` (the next one to be read) with metadata, at most 4,000 bytes, in one atomic write that the broker
   * refuses from a member that has been replaced: `LogError` 'fenced'.
   */
  commit(partition: number, offset: number, metadata: string): Promise<void>;
  /** The partitions that are ours at this moment. */
  assignment(): readonly number[];
  /** Rejects when the member has died for good; never resolves. The owner ends the process (or the test). */
  readonly failed: Promise<never>;
  /** Finishes the running batch, calls `beforeLeave` while the partitions are still ours, leaves the group. */
  close(beforeLeave?: () => Promise<void>): Promise<void>;
};

export type Closeable = { close(): Promise<void> };

export type LogErrorCode =
  | 'unreachable'
  | 'topic-missing'
  | 'offset-gone'
  | 'record-too-large'
  | 'fenced'
  | 'locked'
  | 'storage'
  | 'failed';

/** The log could not do it. `retriable`: the same call may go through later. The message says what to do. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly retriable: boolean;

  constructor(code: LogErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}
