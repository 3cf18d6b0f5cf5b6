import { LogError } from '@haulwatch/ports';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './sqlite-errors.ts';

/**
 * Keeps a folder to one process: an open exclusive transaction on a small database of its own. It is a lock of the
 * operating system, so it goes with the process, kill -9 included; the file with the process id is for the message alone.
 * @throws LogError 'locked'
 */
export function lockFolder(dir: string): { release(): void } {
  const pidFile = join(dir, 'lock.pid');
  const db = new DatabaseSync(join(dir, 'lock.db'));
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new LogError(
      'locked',
      `The folder ${dir} is in use by ${holder(pidFile)}: end that first, or give another folder.`,
      {
        retriable: true,
        cause: error,
      },
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return { release: () => db.close() };
}

function holder(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}
