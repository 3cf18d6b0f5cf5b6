import { LogError, type TopicSpec } from '@haulwatch/ports';
import { Bell } from './log-bell.ts';
import type { LogDatabase } from './sqlite-database.ts';
import { toStorageError } from './sqlite-errors.ts';
import { inTransaction, type WriteTurns } from './sqlite-writes.ts';

/** A topic as this process knows it; it alone writes, so this is the truth as soon as a transaction is committed. */
export type Topic = {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  readonly compacted: boolean;
  /** Undefined: records are kept for good. */
  readonly retentionMs: number | undefined;
  /** The oldest offset that retention has left, by partition. */
  readonly starts: number[];
  /** The offset of the next record, by partition. */
  readonly ends: number[];
  /** Rung after each append. */
  readonly appended: Bell;
};

type TopicRow = {
  id: number;
  name: string;
  partitions: number;
  compacted: number;
  retention_ms: number | null;
};
type PartitionRow = { start_offset: number; end_offset: number };

export class Topics {
  readonly #database: LogDatabase;
  readonly #turns: WriteTurns;
  readonly #topics = new Map<string, Topic>();

  constructor(database: LogDatabase, turns: WriteTurns) {
    this.#database = database;
    this.#turns = turns;
    for (const row of database.writer.prepare('SELECT * FROM topic').all() as TopicRow[]) this.#know(row);
  }

  /** @throws LogError 'topic-missing' */
  get(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic !== undefined) return topic;
    throw new LogError('topic-missing', `The log in ${this.#database.dir} has no topic ${name}: create it first.`, {
      retriable: false,
    });
  }

  /** @throws LogError 'topic-missing'; 'failed' where the topic has no such partition. */
  withPartition(name: string, partition: number): Topic {
    const topic = this.get(name);
    if (topic.ends[partition] !== undefined) return topic;
    throw new LogError('failed', `${name} has ${topic.partitions} partitions; there is no partition ${partition}.`, {
      retriable: false,
    });
  }

  all(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  ensure(specs: readonly TopicSpec[]): Promise<void> {
    return this.#turns.run(() => {
      const missing = specs.filter((it) => !this.#topics.has(it.name));
      if (missing.length === 0) return;
      try {
        inTransaction(this.#database.writer, () => missing.forEach((it) => this.#create(it)));
      } catch (error) {
        throw toStorageError(error, this.#database.dir);
      }
      const find = this.#database.writer.prepare('SELECT * FROM topic WHERE name = ?');
      for (const { name } of missing) this.#know(find.get(name) as TopicRow);
    });
  }

  #create({ name, partitions, compacted, retentionMs }: TopicSpec): void {
    const { writer } = this.#database;
    writer
      .prepare('INSERT INTO topic (name, partitions, compacted, retention_ms) VALUES (?, ?, ?, ?)')
      .run(name, partitions, compacted === true ? 1 : 0, retentionMs ?? null);
    const insert = writer.prepare('INSERT INTO partition SELECT id, ?, 0, 0 FROM topic WHERE name = ?');
    for (let partition = 0; partition < partitions; partition++) insert.run(partition, name);
  }

  #know(row: TopicRow): void {
    const select = 'SELECT start_offset, end_offset FROM partition WHERE topic = ? ORDER BY partition';
    const rows = this.#database.writer.prepare(select).all(row.id) as PartitionRow[];
    this.#topics.set(row.name, {
      id: row.id,
      name: row.name,
      partitions: row.partitions,
      compacted: row.compacted === 1,
      retentionMs: row.retention_ms === null || row.retention_ms < 0 ? undefined : row.retention_ms,
      starts: rows.map((it) => it.start_offset),
      ends: rows.map((it) => it.end_offset),
      appended: new Bell(),
    });
  }
}
