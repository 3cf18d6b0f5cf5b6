import type { DatabaseSync } from 'node:sqlite';
import { Breath } from './log-breath.ts';

/** One writer after the other: a connection has one transaction, and a long one lets the event loop run in between. */
export class WriteTurns {
  readonly breath = new Breath();
  #last: Promise<unknown> = Promise.resolve();

  run<T>(write: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(write);
    this.#last = turn.then(
      () => this.breath.take(),
      () => undefined,
    );
    return turn;
  }
}

export function inTransaction(db: DatabaseSync, body: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    body();
    db.exec('COMMIT');
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/**
 * Writes all items in one transaction, or none, and breathes in between. Nobody else may write meanwhile (`WriteTurns`),
 * and readers on another connection see nothing before the end.
 */
export async function inLongTransaction<T>(
  db: DatabaseSync,
  breath: Breath,
  items: readonly T[],
  write: (item: T) => void,
  finish: () => void,
): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const item of items) {
      write(item);
      if (breath.isDue) await breath.take();
    }
    finish();
    db.exec('COMMIT');
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

function rollBack(db: DatabaseSync): void {
  // After some errors, a full disk among them, SQLite has rolled back by itself.
  if (db.isTransaction) db.exec('ROLLBACK');
}
