import type { NewestSteps } from '@haulwatch/ports';
import type { Kysely } from 'kysely';
import { alarmLogProjection, type HistoryTables } from './schema.ts';

/**
 * What a live store that stands at a position of the log lacks, without the steps in between. In one transaction, so that rows and position are of
 * one moment.
 */
export async function newestSteps(db: Kysely<HistoryTables>, after: number, clearedMax: number): Promise<NewestSteps> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { position: upTo } = await tx
        .selectFrom('projection')
        .select('position')
        .where('name', '=', alarmLogProjection)
        .executeTakeFirstOrThrow();
      const open = await newest(tx, after).where('alarms.status', '=', 'open').execute();
      // A step that comes after an alarm was cleared is in the table too, but the alarm stands at the one that cleared it.
      const cleared = await newest(tx, after)
        .where('alarms.status', '=', 'cleared')
        .orderBy('alarm_steps.log_position', 'desc')
        .limit(clearedMax)
        .execute();
      const steps = [...open, ...cleared].sort((a, b) => a.position - b.position);
      return { upTo, steps };
    });
}

function newest(tx: Kysely<HistoryTables>, after: number) {
  return tx
    .selectFrom('alarms')
    .innerJoin('alarm_steps', (on) =>
      on.onRef('alarm_steps.alarm_id', '=', 'alarms.alarm_id').onRef('alarm_steps.seq', '=', 'alarms.seq'),
    )
    .select(['alarm_steps.log_position as position', 'alarm_steps.step'])
    .where('alarm_steps.log_position', '>', after);
}
