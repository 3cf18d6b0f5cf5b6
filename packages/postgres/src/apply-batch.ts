import { alarmAfter, type AlarmStep } from '@haulwatch/domain';
import type { HistoryBatch } from '@haulwatch/ports';
import type { Kysely } from 'kysely';
import { alarmColumns, rowOfAlarm, rowOfStep } from './alarm-row.ts';
import { HistoryError } from './history-error.ts';
import { alarmLogProjection, type HistoryTables } from './schema.ts';

/** Rows of one INSERT: PostgreSQL takes 65,535 parameters, an alarm has 33. */
const rowsPerInsertMax = 1_000;

/**
 * Writes a batch and how far it reaches, in one transaction. The row of `projection` is locked first: of two processes
 * that write at once, the second waits and then finds that nothing is left to do. Effectively once.
 *
 * @throws HistoryError 'rewound' where the database is behind what the batch goes on from.
 */
export async function applyBatch(db: Kysely<HistoryTables>, { after, upTo, steps }: HistoryBatch): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { position } = await tx
      .selectFrom('projection')
      .select('position')
      .where('name', '=', alarmLogProjection)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (position < after) throw rewound(position, after);
    if (upTo <= position) return;
    const fresh = steps.filter((told) => told.position > position);
    await insertSteps(tx, fresh);
    await upsertAlarms(tx, newestSteps(fresh));
    await tx.updateTable('projection').set({ position: upTo }).where('name', '=', alarmLogProjection).execute();
  });
}

async function insertSteps(tx: Kysely<HistoryTables>, steps: HistoryBatch['steps']): Promise<void> {
  for (let at = 0; at < steps.length; at += rowsPerInsertMax) {
    await tx
      .insertInto('alarm_steps')
      .values(steps.slice(at, at + rowsPerInsertMax).map(({ position, step }) => rowOfStep(position, step)))
      .onConflict((there) => there.columns(['alarm_id', 'seq']).doNothing())
      .execute();
  }
}

/** Only the newest step of an alarm counts, in the batch as in the table, and nothing opens a cleared alarm again: as the fold has it. */
async function upsertAlarms(tx: Kysely<HistoryTables>, steps: readonly AlarmStep[]): Promise<void> {
  for (let at = 0; at < steps.length; at += rowsPerInsertMax) {
    await tx
      .insertInto('alarms')
      .values(steps.slice(at, at + rowsPerInsertMax).map((step) => rowOfAlarm(alarmAfter(step))))
      .onConflict((there) =>
        there
          .column('alarm_id')
          .doUpdateSet((row) =>
            Object.fromEntries(alarmColumns.map((column) => [column, row.ref(`excluded.${column}`)])),
          )
          .where('alarms.seq', '<', (row) => row.ref('excluded.seq'))
          .where('alarms.status', '<>', 'cleared'),
      )
      .execute();
  }
}

function newestSteps(steps: HistoryBatch['steps']): AlarmStep[] {
  const newest = new Map<string, AlarmStep>();
  for (const { step } of steps) {
    const known = newest.get(step.alarmId);
    if (known?.kind !== 'cleared' && step.seq > (known?.seq ?? 0)) newest.set(step.alarmId, step);
  }
  return [...newest.values()];
}

function rewound(position: number, after: number): HistoryError {
  return new HistoryError(
    'rewound',
    `The database is at position ${position} of the alarm log, before ${after}, which was written already (a failover or an older backup?): start anew, which fills it from its own position on.`,
    { retriable: false },
  );
}
