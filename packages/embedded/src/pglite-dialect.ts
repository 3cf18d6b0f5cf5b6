import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, types, type PGliteOptions } from '@electric-sql/pglite';
import { PGliteDialect, PGliteDriver, type DatabaseConnection, type Dialect } from 'kysely';
import { lockFolder } from './sqlite-lock.ts';

export type PgliteOptions = {
  /** Free space on the disk below which nothing more is written, bytes. */
  readonly freeBytesMin?: number;
};

/** The write-ahead log grows by files of 16 MB, and a transaction may fill several. */
const freeBytesMinByDefault = 128 * 1024 * 1024;

/**
 * PostgreSQL inside this process (WebAssembly, one connection), for `openHistory` of packages/postgres. Starts with the first
 * query: about 2 s and 0.8 GB of memory. One dialect is one database, whoever uses it.
 *
 * What PGlite does not look after, and would pay for with its data or with a process that hangs: two processes on one folder
 * (the folder is locked), and a full disk (writing stops while there is still room, with PostgreSQL's own error code).
 * @param folder where its files lie, made where it is not there; 'memory' keeps none.
 */
export function pgliteDialect(folder: string, options: PgliteOptions = {}): Dialect {
  let started: Promise<PGlite> | undefined;
  const assertRoom = (): void => {
    if (folder !== 'memory') assertFree(folder, options.freeBytesMin ?? freeBytesMinByDefault);
  };
  const start = async (): Promise<PGlite> => {
    try {
      return await (folder === 'memory' ? PGlite.create(sharedOptions) : FolderPGlite.open(folder, assertRoom));
    } catch (error) {
      started = undefined;
      throw error;
    }
  };
  const pglite = (): Promise<PGlite> => (started ??= start());
  const dialect = new PGliteDialect({ pglite });
  dialect.createDriver = () => new GuardedDriver({ pglite }, assertRoom);
  return dialect;
}

const sharedOptions: PGliteOptions = {
  // int8 as a number: what we keep in it stays below 2^53.
  parsers: { [types.INT8]: Number },
};

/** PGlite that holds the lock of its folder until it is closed. */
class FolderPGlite extends PGlite {
  readonly #lock: { release(): void };

  static async open(folder: string, assertRoom: () => void): Promise<FolderPGlite> {
    // initdb wants an empty folder for itself, so the lock lies beside it.
    mkdirSync(folder, { recursive: true });
    const lock = lockFolder(folder);
    try {
      assertRoom();
      const database = new FolderPGlite(join(folder, 'data'), lock);
      await database.waitReady;
      return database;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(dataDir: string, lock: { release(): void }) {
    super(dataDir, sharedOptions);
    this.#lock = lock;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#lock.release();
  }
}

/** Looks for room before each transaction: PostgreSQL that cannot write its log gives up, and in here it spins for ever. */
class GuardedDriver extends PGliteDriver {
  readonly #assertRoom: () => void;

  constructor(config: ConstructorParameters<typeof PGliteDriver>[0], assertRoom: () => void) {
    super(config);
    this.#assertRoom = assertRoom;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#assertRoom();
    await super.beginTransaction(connection as Parameters<PGliteDriver['beginTransaction']>[0]);
  }
}

function assertFree(folder: string, bytesMin: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytesMin) return;
  const free = Math.floor((bavail * bsize) / 1024 / 1024);
  throw Object.assign(
    new Error(`${free} MB are free for ${folder}, it needs ${Math.ceil(bytesMin / 1024 / 1024)} MB`),
    {
      // disk_full
      code: '53100',
    },
  );
}
