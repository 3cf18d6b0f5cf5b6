import type { Alarm, AlarmStep } from '@haulwatch/domain';
import type { Insertable, Selectable } from 'kysely';
import type { AlarmRow, AlarmStepRow } from './schema.ts';

/** The column of each field of an alarm; `cause` has three. A field that is forgotten here does not compile. */
const columnOf = {
  alarmId: 'alarm_id',
  seq: 'seq',
  status: 'status',
  rule: 'rule',
  vehicleId: 'vehicle_id',
  class: 'class',
  company: 'company',
  district: 'district',
  plate: 'plate',
  fenceId: 'fence_id',
  fenceName: 'fence_name',
  subject: 'subject',
  subjectName: 'subject_name',
  level: 'level',
  tier: 'tier',
  suppressedBy: 'suppressed_by',
  late: 'late',
  startedAtMs: 'started_at_ms',
  raisedAtMs: 'raised_at_ms',
  updatedAtMs: 'updated_at_ms',
  endedAtMs: 'ended_at_ms',
  clearReason: 'clear_reason',
  value: 'value',
  limit: 'limit_value',
  limitSource: 'limit_source',
  peak: 'peak',
  derived: 'derived',
  distanceM: 'distance_m',
  lonDeg: 'lon_deg',
  latDeg: 'lat_deg',
  explanation: 'explanation',
  policyVersion: 'policy_version',
  producedAtMs: 'produced_at_ms',
} as const satisfies Record<Exclude<keyof Alarm, 'cause'>, keyof AlarmRow>;

const fields = Object.entries(columnOf) as [Exclude<keyof Alarm, 'cause'>, keyof AlarmRow][];

/** Every column that an alarm is written to. */
export const alarmColumns = [
  ...Object.values(columnOf),
  'cause_partition',
  'cause_offset',
  'cause_index',
] as const satisfies (keyof AlarmRow)[];

export function rowOfAlarm(alarm: Alarm): Insertable<AlarmRow> {
  const row: Record<string, unknown> = {
    cause_partition: alarm.cause.partition,
    cause_offset: alarm.cause.offset,
    cause_index: alarm.cause.index,
  };
  for (const [field, column] of fields) row[column] = storable(alarm[field]);
  return row as Insertable<AlarmRow>;
}

/** The alarm as it was: a column without a value is a field that was not told. */
export function alarmOfRow(row: Pick<Selectable<AlarmRow>, (typeof alarmColumns)[number]>): Alarm {
  const { cause_partition: partition, cause_offset: offset, cause_index: index } = row;
  const alarm: Record<string, unknown> = { cause: { partition, offset, index } };
  for (const [field, column] of fields) {
    const value = row[column as keyof typeof row];
    if (value !== null) alarm[field] = value;
  }
  return alarm as Alarm;
}

export function rowOfStep(position: number, step: AlarmStep): Insertable<AlarmStepRow> {
  return {
    alarm_id: step.alarmId,
    seq: step.seq,
    log_position: position,
    at_ms: step.atMs,
    kind: step.kind,
    step: JSON.stringify(step),
  };
}

/** PostgreSQL has no NUL in a text; the step beside it keeps the original. */
function storable(value: Alarm[keyof Alarm]): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : (value ?? null);
}
