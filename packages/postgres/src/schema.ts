import type { AlarmStep } from '@haulwatch/domain';
import type { Generated, JSONColumnType } from 'kysely';

/**
 * The tables of the history, as TypeScript sees them; migrations/ makes them. int8 is a number here: every dialect must
 * read it as one (milliseconds and log positions stay below 2^53).
 */
export type HistoryTables = {
  alarms: AlarmRow;
  alarm_steps: AlarmStepRow;
  projection: ProjectionRow;
};

/** One row an alarm, as it stands after its newest step. */
export type AlarmRow = {
  alarm_id: string;
  seq: number;
  status: string;
  rule: string;
  vehicle_id: string;
  class: string;
  company: string | null;
  district: string | null;
  plate: string | null;
  fence_id: string | null;
  fence_name: string | null;
  subject: string | null;
  subject_name: string | null;
  level: number;
  tier: string;
  suppressed_by: string | null;
  late: boolean;
  started_at_ms: number;
  raised_at_ms: number;
  updated_at_ms: number;
  ended_at_ms: number | null;
  clear_reason: string | null;
  value: number | null;
  limit_value: number | null;
  limit_source: string | null;
  peak: number | null;
  derived: boolean | null;
  distance_m: number;
  lon_deg: number | null;
  lat_deg: number | null;
  explanation: string;
  policy_version: number;
  cause_partition: number;
  cause_offset: number;
  cause_index: number;
  produced_at_ms: number;
  /** The same times once more for people's SQL, computed by the database. */
  started_at: Generated<Date>;
  ended_at: Generated<Date | null>;
};

/** One row a step, as the log told it. */
export type AlarmStepRow = {
  alarm_id: string;
  seq: number;
  log_position: number;
  at_ms: number;
  kind: string;
  step: JSONColumnType<AlarmStep, string, never>;
  at: Generated<Date>;
};

/** How far a projection of the log has come. */
type ProjectionRow = { name: string; position: number };

/** The row of `projection` that belongs to the tables of alarms. */
export const alarmLogProjection = 'alarm-log';
