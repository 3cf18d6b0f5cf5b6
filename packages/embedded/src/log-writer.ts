import type { Appended, CommittedOffset, NewLogRecord } from '@haulwatch/ports';
import type { StatementSync } from 'node:sqlite';
import { toStored, type StoredRecord } from './log-records.ts';
import type { Topic } from './log-topics.ts';
import type { LogDatabase } from './sqlite-database.ts';
import { toStorageError } from './sqlite-errors.ts';
import { inLongTransaction, inTransaction, type WriteTurns } from './sqlite-writes.ts';

/** Writes records and commits. Each call is one transaction. */
export class LogWriter {
  readonly #database: LogDatabase;
  readonly #turns: WriteTurns;
  readonly #insert: StatementSync;
  readonly #moveEnd: StatementSync;
  readonly #findNewest: StatementSync;
  readonly #putNewest: StatementSync;
  readonly #deleteRecord: StatementSync;
  readonly #putCommit: StatementSync;

  constructor(database: LogDatabase, turns: WriteTurns) {
    this.#database = database;
    this.#turns = turns;
    const prepare = (sql: string): StatementSync => database.writer.prepare(sql);
    this.#insert = prepare(
      'INSERT INTO record (topic, partition, "offset", timestamp_ms, key, value, headers) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#moveEnd = prepare('UPDATE partition SET end_offset = ? WHERE topic = ? AND partition = ?');
    this.#findNewest = prepare('SELECT "offset" FROM newest WHERE topic = ? AND partition = ? AND key = ?');
    this.#putNewest = prepare('INSERT OR REPLACE INTO newest (topic, partition, key, "offset") VALUES (?, ?, ?, ?)');
    this.#deleteRecord = prepare('DELETE FROM record WHERE topic = ? AND partition = ? AND "offset" = ?');
    this.#putCommit = prepare(
      'INSERT OR REPLACE INTO group_commit (group_name, topic, partition, "offset", metadata) VALUES (?, ?, ?, ?, ?)',
    );
  }

  append(topic: Topic, records: readonly NewLogRecord[]): Promise<readonly Appended[]> {
    return this.#turns.run(() => this.#append(topic, records));
  }

  commit(group: string, topic: Topic, { partition, offset, metadata }: CommittedOffset): Promise<void> {
    return this.#turns.run(() => {
      try {
        inTransaction(
          this.#database.writer,
          () => void this.#putCommit.run(group, topic.id, partition, offset, metadata),
        );
      } catch (error) {
        throw toStorageError(error, this.#database.dir);
      }
    });
  }

  async #append(topic: Topic, records: readonly NewLogRecord[]): Promise<readonly Appended[]> {
    if (records.length === 0) return [];
    const timestampMs = Date.now();
    const appended = new Map<number, { partition: number; baseOffset: number; count: number }>();
    const write = (newRecord: NewLogRecord): void => {
      const record = toStored(topic, newRecord);
      const { partition } = record;
      let place = appended.get(partition);
      if (place === undefined)
        appended.set(partition, (place = { partition, baseOffset: topic.ends[partition]!, count: 0 }));
      const offset = place.baseOffset + place.count;
      place.count += 1;
      this.#insert.run(topic.id, partition, offset, timestampMs, record.key, record.value, record.headers);
      if (topic.compacted) this.#supersede(topic, record, offset);
    };
    const finish = (): void => {
      for (const it of appended.values()) this.#moveEnd.run(it.baseOffset + it.count, topic.id, it.partition);
    };
    try {
      await inLongTransaction(this.#database.writer, this.#turns.breath, records, write, finish);
    } catch (error) {
      throw toStorageError(error, this.#database.dir);
    }
    for (const it of appended.values()) topic.ends[it.partition] = it.baseOffset + it.count;
    topic.appended.ring();
    return [...appended.values()];
  }

  /** In a compacted topic a new record removes the one of the same key before it: there is nothing left to compact later. */
  #supersede(topic: Topic, { partition, key }: StoredRecord, offset: number): void {
    const older = this.#findNewest.get(topic.id, partition, key) as { offset: number } | undefined;
    if (older !== undefined) this.#deleteRecord.run(topic.id, partition, older.offset);
    this.#putNewest.run(topic.id, partition, key, offset);
  }
}
