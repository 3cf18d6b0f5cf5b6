import { LogError } from '@haulwatch/ports';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toStorageError } from './sqlite-errors.ts';
import { lockFolder } from './sqlite-lock.ts';

export type LogDatabase = {
  readonly dir: string;
  /** For what is written. One transaction at a time: see `WriteTurns`. */
  readonly writer: DatabaseSync;
  /** For what is read: it sees whole transactions alone, also while one is being written. */
  readonly reader: DatabaseSync;
  close(): void;
};

const readerCacheKb = 16_000;
/** Version of the tables; a log of a newer one is refused, not guessed at. */
const schemaVersion = 1;

/**
 * Records lie in the order in which they came, found by an index: half the cost of a table sorted by partition and
 * offset where records are frames of 12 kB (71 against 169 us, 2026-11-23). Pages of 8 kB, for the same reason.
 * `newest` names, for compacted topics, the one record of each key that is kept. The partial index finds tombstones
 * whose time is over without looking at anything else.
 */
const schema = `
  CREATE TABLE topic (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL, retention_ms INTEGER
  ) STRICT;
  CREATE TABLE partition (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, timestamp_ms INTEGER NOT NULL,
    key BLOB, value BLOB, headers TEXT
  ) STRICT;
  CREATE UNIQUE INDEX record_at ON record (topic, partition, "offset");
  CREATE INDEX tombstone ON record (topic, timestamp_ms) WHERE value IS NULL;
  CREATE TABLE newest (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, key BLOB NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY (topic, partition, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE group_commit (
    group_name TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (group_name, topic, partition)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Opens or makes the log's database in a folder, for this process alone.
 * @throws LogError 'locked', 'storage'
 */
export function openDatabase(dir: string, bytesMax: number | undefined): LogDatabase {
  const opened: { close(): void }[] = [];
  const close = (): void => {
    for (const it of opened.splice(0).toReversed()) it.close();
  };
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    const lock = lockFolder(dir);
    opened.push({ close: () => lock.release() });
    const file = join(dir, 'log.db');
    const writer = new DatabaseSync(file);
    opened.push(writer);
    // NORMAL loses nothing when the process is killed: what is committed is in the system's hands. Power loss may take
    // the newest transactions (never tear one); FULL would cost an fsync an append.
    writer.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    if (bytesMax !== undefined) limitSize(writer, bytesMax);
    makeSchema(writer, dir);
    const reader = new DatabaseSync(file, { readOnly: true });
    opened.push(reader);
    // Partitions lie interleaved, and are read a thousand records at a time: room for what the next partition finds again.
    reader.exec(`PRAGMA cache_size = -${readerCacheKb}`);
    return { dir, writer, reader, close };
  } catch (error) {
    close();
    throw toStorageError(error, dir);
  }
}

function limitSize(db: DatabaseSync, bytesMax: number): void {
  const { page_size: pageBytes } = db.prepare('PRAGMA page_size').get() as { page_size: number };
  db.exec(`PRAGMA max_page_count = ${Math.floor(bytesMax / pageBytes)}`);
}

function makeSchema(db: DatabaseSync, dir: string): void {
  const { user_version: found } = db.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (found === schemaVersion) return;
  if (found > schemaVersion) {
    throw new LogError(
      'storage',
      `The log in ${dir} was written by a newer Haulwatch: start that one, or give another folder.`,
      {
        retriable: false,
      },
    );
  }
  db.exec(`BEGIN; ${schema} COMMIT`);
}
