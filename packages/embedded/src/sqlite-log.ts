import {
  LogError,
  type Appended,
  type Closeable,
  type CommittedOffset,
  type GroupMember,
  type GroupOptions,
  type Log,
  type LogRecord,
  type NewLogRecord,
  type TopicSpec,
} from '@haulwatch/ports';
import { Breath } from './log-breath.ts';
import { LogFollower } from './log-follower.ts';
import { GroupRoom } from './log-group.ts';
import { checkKept, RecordReader } from './log-records.ts';
import { removeExpired } from './log-retention.ts';
import { Topics, type Topic } from './log-topics.ts';
import { LogWriter } from './log-writer.ts';
import { openDatabase, type LogDatabase } from './sqlite-database.ts';
import { toStorageError } from './sqlite-errors.ts';
import { WriteTurns } from './sqlite-writes.ts';

export type SqliteLogOptions = {
  /** The folder, made where it is missing; one process at a time. */
  readonly dir: string;
  /** The file may grow to this, then appends are refused with 'storage'. Absent: the disk is the limit. */
  readonly bytesMax?: number;
  /** Told where removing expired records fails; the next round tries again. */
  readonly onMaintenanceError?: (error: unknown) => void;
};

/** A log on one file of SQLite, in this process. Where a topic says nothing of retention, its records stay. */
export type SqliteLog = Log & {
  /** Removes what has outlived its topic's retention; runs by itself once a minute. */
  maintain(nowMs: number): Promise<void>;
};

const maintainEachMs = 60_000;
const readPageBytesMax = 4_000_000;

/**
 * Opens or makes the log in a folder. An acknowledged record survives the death of the process; power loss may take the
 * last ones.
 * @throws LogError 'locked' where another process has it, 'storage' where the disk does not do it.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  const database = openDatabase(options.dir, options.bytesMax);
  try {
    return new LogOnSqlite(database, options.onMaintenanceError ?? (() => undefined));
  } catch (error) {
    database.close();
    throw toStorageError(error, options.dir);
  }
}

class LogOnSqlite implements SqliteLog {
  readonly #database: LogDatabase;
  readonly #turns = new WriteTurns();
  readonly #topics: Topics;
  readonly #writer: LogWriter;
  readonly #records: RecordReader;
  readonly #rooms = new Map<string, GroupRoom>();
  readonly #followers = new Set<LogFollower>();
  readonly #breath = new Breath();
  readonly #maintenance: ReturnType<typeof setInterval>;
  #closing: Promise<void> | undefined;

  constructor(database: LogDatabase, onMaintenanceError: (error: unknown) => void) {
    this.#database = database;
    this.#topics = new Topics(database, this.#turns);
    this.#writer = new LogWriter(database, this.#turns);
    this.#records = new RecordReader(database.reader);
    this.#maintenance = setInterval(
      () => void this.maintain(Date.now()).catch(onMaintenanceError),
      maintainEachMs,
    ).unref();
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.#topics.ensure(topics);
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#topics.get(topic).partitions;
  }

  async append(topic: string, records: readonly NewLogRecord[]): Promise<readonly Appended[]> {
    if (this.#closing !== undefined)
      throw new LogError('failed', 'The log is closed: open it anew to append.', {
        retriable: false,
      });
    return this.#writer.append(this.#topics.get(topic), records);
  }

  async join(options: GroupOptions): Promise<GroupMember> {
    const topic = this.#topics.get(options.topic);
    const key = JSON.stringify([options.group, options.topic]);
    let room = this.#rooms.get(key);
    if (room === undefined) this.#rooms.set(key, (room = new GroupRoom()));
    return room.join(
      {
        topic,
        records: this.#records,
        committed: () => this.#committed(options.group, topic),
        commit: (offset) => this.#writer.commit(options.group, topic, offset),
      },
      options,
    );
  }

  async follow(topic: string, onRecord: (record: LogRecord) => void): Promise<Closeable> {
    const follower = new LogFollower(this.#topics.get(topic), this.#records, onRecord);
    this.#followers.add(follower);
    await follower.start();
    return {
      close: async () => {
        this.#followers.delete(follower);
        await follower.close();
      },
    };
  }

  async read(name: string, partition: number, offset: number, count: number): Promise<readonly LogRecord[]> {
    const topic = this.#topics.withPartition(name, partition);
    checkKept(topic, partition, offset);
    const records: LogRecord[] = [];
    for (let at = offset; records.length < count && at < topic.ends[partition]!;) {
      const page = this.#records.page(topic, partition, at, count - records.length, readPageBytesMax);
      for (const record of page.records) records.push(record);
      at = page.next;
      await this.#breath.take();
    }
    return records;
  }

  async committed(group: string, topic: string): Promise<readonly CommittedOffset[]> {
    return this.#committed(group, this.#topics.get(topic));
  }

  async startOffsets(topic: string): Promise<readonly number[]> {
    return [...this.#topics.get(topic).starts];
  }

  async endOffsets(topic: string): Promise<readonly number[]> {
    return [...this.#topics.get(topic).ends];
  }

  maintain(nowMs: number): Promise<void> {
    return removeExpired(this.#database, this.#turns, this.#topics.all(), nowMs).catch((error: unknown) => {
      throw toStorageError(error, this.#database.dir);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#maintenance);
    await Promise.all([...this.#rooms.values()].map((it) => it.close()));
    await Promise.all([...this.#followers].map((it) => it.close()));
    // What was asked for before is written; what is asked for later finds the database closed.
    await this.#turns.run(() => this.#database.close());
  }

  #committed(group: string, topic: Topic): readonly CommittedOffset[] {
    return this.#database.reader
      .prepare(
        'SELECT partition, "offset", metadata FROM group_commit WHERE group_name = ? AND topic = ? ORDER BY partition',
      )
      .all(group, topic.id) as CommittedOffset[];
  }
}
