import type { AlarmPage, AlarmQuery } from '@haulwatch/ports';
import type { Kysely } from 'kysely';
import { alarmColumns, alarmOfRow } from './alarm-row.ts';
import type { HistoryTables } from './schema.ts';

/**
 * One page of alarms, newest start first, then by id. A keyset page begins behind the last row of the page before: it costs the
 * same however far it is, and alarms that come meanwhile neither shift nor double it.
 */
export async function alarmPage(db: Kysely<HistoryTables>, query: AlarmQuery): Promise<AlarmPage> {
  // One row more than asked for tells whether there is a next page.
  const rows = await filtered(db, query)
    .orderBy('started_at_ms', 'desc')
    .orderBy('alarm_id')
    .limit(query.limit + 1)
    .execute();
  const alarms = rows.slice(0, query.limit).map(alarmOfRow);
  const last = alarms.at(-1);
  if (rows.length <= query.limit || last === undefined) return { alarms };
  return { alarms, next: { startedAtMs: last.startedAtMs, alarmId: last.alarmId } };
}

function filtered(db: Kysely<HistoryTables>, query: AlarmQuery) {
  const { after } = query;
  let rows = db.selectFrom('alarms').select(alarmColumns);
  if (query.status !== undefined) rows = rows.where('status', '=', query.status);
  if (query.rule !== undefined) rows = rows.where('rule', '=', query.rule);
  if (query.vehicleId !== undefined) rows = rows.where('vehicle_id', '=', query.vehicleId);
  if (query.company !== undefined) rows = rows.where('company', '=', query.company);
  if (query.district !== undefined) rows = rows.where('district', '=', query.district);
  if (query.class !== undefined) rows = rows.where('class', '=', query.class);
  if (query.levelMin !== undefined) rows = rows.where('level', '>=', query.levelMin);
  if (query.late !== undefined) rows = rows.where('late', '=', query.late);
  if (query.fromMs !== undefined) rows = rows.where('started_at_ms', '>=', query.fromMs);
  if (query.toMs !== undefined) rows = rows.where('started_at_ms', '<', query.toMs);
  if (after !== undefined) {
    rows = rows
      // Says nothing new, but it is what the index can search by.
      .where('started_at_ms', '<=', after.startedAtMs)
      .where((row) => row.or([row('started_at_ms', '<', after.startedAtMs), row('alarm_id', '>', after.alarmId)]));
  }
  return rows;
}
