import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The data folder cannot be used. The message says what to do. */
class DataDirError extends Error {
  override readonly name = 'DataDirError';
  readonly code = 'data-dir-unusable';
}

/** The folders of one Haulwatch: the log's and the database's. */
export type DataDir = { readonly log: string; readonly database: string };

/** Makes sure that the folder is there and can be written to. @throws DataDirError */
export async function prepareDataDir(dir: string): Promise<DataDir> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataDirError(`cannot write to ${dir}: give another folder with --data DIR`, { cause: error });
  }
  return { log: join(dir, 'log'), database: join(dir, 'database') };
}

/** Deletes what former runs left, and only that. The caller has just held the lock of the log's folder. */
export async function clearDataDir(dir: DataDir): Promise<void> {
  await rm(dir.log, { recursive: true, force: true });
  await rm(dir.database, { recursive: true, force: true });
}
