import type { AlarmStep } from '@haulwatch/domain';
import type { History, HistoryBatch } from '@haulwatch/ports';
import { Kysely, type Dialect } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { alarmPage } from './alarm-page.ts';
import { alarmColumns, alarmOfRow } from './alarm-row.ts';
import { applyBatch } from './apply-batch.ts';
import { historyError } from './history-error.ts';
import { migrateToLatest } from './migrations.ts';
import { alarmLogProjection, type HistoryTables } from './schema.ts';

/**
 * The history over a PostgreSQL dialect: `postgresDialect` for a server, `pgliteDialect` of packages/embedded for the same in
 * this process. Opening connects to nothing yet; the first call does.
 *
 * A dialect must read int8 as a number and json as its value; both of ours do.
 * @throws HistoryError from every call of it.
 */
export function openHistory({ dialect }: { readonly dialect: Dialect }): History {
  const db = new Kysely<HistoryTables>({ dialect });
  /** Turns whatever the database or its driver says into one kind of error. */
  const told = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw historyError(error);
    });
  return {
    migrate: () => told(migrateToLatest(db)),
    position: () => told(position(db)),
    apply: (batch: HistoryBatch) => told(applyBatch(db, batch)),
    alarms: (query) => told(alarmPage(db, query)),
    alarm: (alarmId) => told(alarmWithSteps(db, alarmId)),
    clear: () => told(clear(db)),
    close: () => told(db.destroy()),
  };
}

/** The position's row is locked first, as by whoever writes. */
async function clear(db: Kysely<HistoryTables>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('projection').set({ position: -1 }).where('name', '=', alarmLogProjection).execute();
    // TRUNCATE would be quicker, but readers of older snapshots would see empty tables.
    await tx.deleteFrom('alarm_steps').execute();
    await tx.deleteFrom('alarms').execute();
  });
}

async function position(db: Kysely<HistoryTables>): Promise<number> {
  const row = await db
    .selectFrom('projection')
    .select('position')
    .where('name', '=', alarmLogProjection)
    .executeTakeFirstOrThrow();
  return row.position;
}

/** In one statement, so that the steps and the alarm are of one moment. */
async function alarmWithSteps(db: Kysely<HistoryTables>, alarmId: string): ReturnType<History['alarm']> {
  const row = await db
    .selectFrom('alarms')
    .select(alarmColumns)
    .select((alarm) =>
      jsonArrayFrom(
        alarm
          .selectFrom('alarm_steps')
          .select('alarm_steps.step')
          .whereRef('alarm_steps.alarm_id', '=', 'alarms.alarm_id')
          .orderBy('alarm_steps.seq'),
      ).as('steps'),
    )
    .where('alarm_id', '=', alarmId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { steps, ...alarm } = row;
  return { alarm: alarmOfRow(alarm), steps: steps.map(({ step }): AlarmStep => step) };
}
