import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { HistoryError } from './history-error.ts';
import { createAlarms } from './migrations/0001-alarms.ts';
import { addAlarmSubjects } from './migrations/0002-alarm-subjects.ts';

/** All migrations by name, which is also their order. One that was released is never changed: the next one corrects it. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-alarms': createAlarms,
  '0002-alarm-subjects': addAlarmSubjects,
};

/**
 * Runs the migrations that are missing, in one transaction, under a lock of the database: several processes may start at
 * once, the others wait and find nothing to do.
 */
export async function migrateToLatest<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: 'schema_migration',
    migrationLockTableName: 'schema_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    throw new HistoryError('failed', `The database was set up by a newer Haulwatch: use that one (${error.message}).`, {
      retriable: false,
      cause: error,
    });
  }
  throw error;
}
