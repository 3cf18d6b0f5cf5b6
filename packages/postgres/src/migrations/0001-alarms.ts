import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Alarms, their steps, and how far the log was read.
 *
 * No CHECK, no foreign key, no uniqueness but the two keys: what the log holds has happened, and a step that the tables
 * refused would stop the history for good. Whole numbers that the log could make large are bigint for the same reason.
 *
 * Times are exact: milliseconds since 1970 in bigint columns named *_ms. The timestamptz beside them says the same to people.
 */
export const createAlarms: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `create table alarms (
    alarm_id text collate "C" primary key,
    seq bigint not null,
    status text not null,
    rule text not null,
    vehicle_id text not null,
    class text not null,
    company text,
    district text,
    plate text,
    fence_id text,
    fence_name text,
    level smallint not null,
    tier text not null,
    late boolean not null,
    started_at_ms bigint not null,
    raised_at_ms bigint not null,
    updated_at_ms bigint not null,
    ended_at_ms bigint,
    clear_reason text,
    value double precision,
    limit_value double precision,
    limit_source text,
    peak double precision,
    derived boolean,
    distance_m double precision not null,
    lon_deg double precision,
    lat_deg double precision,
    explanation text not null,
    policy_version bigint not null,
    cause_partition bigint not null,
    cause_offset bigint not null,
    cause_index bigint not null,
    produced_at_ms bigint not null,
    started_at timestamptz not null generated always as (to_timestamp(started_at_ms / 1000.0)) stored,
    ended_at timestamptz generated always as (to_timestamp(ended_at_ms / 1000.0)) stored
  )`,
  `comment on table alarms is 'One row an alarm, as it stands after its newest step. See alarm_steps for how it came there.'`,
  `comment on column alarms.value is 'Measured at the newest step; its limit is limit_value. km/h for overspeed.'`,
  `comment on column alarms.late is 'Told after the fact: recorded and counted, not pushed to operators (SOS aside).'`,

  // The order of every page. A filter by rule, district, class or level walks it: each of them keeps a good part of the rows.
  `create index alarms_by_start on alarms (started_at_ms desc, alarm_id)`,
  // Few rows of many: these are worth an index of their own.
  `create index alarms_by_vehicle on alarms (vehicle_id, started_at_ms desc, alarm_id)`,
  `create index alarms_by_company on alarms (company, started_at_ms desc, alarm_id)`,
  `create index alarms_open on alarms (started_at_ms desc, alarm_id) where status = 'open'`,

  // json, not jsonb: it keeps the text as the log told it, and takes every string that JSON can write.
  `create table alarm_steps (
    alarm_id text collate "C" not null,
    seq bigint not null,
    log_position bigint not null,
    at_ms bigint not null,
    kind text not null,
    step json not null,
    at timestamptz not null generated always as (to_timestamp(at_ms / 1000.0)) stored,
    primary key (alarm_id, seq)
  )`,
  `comment on table alarm_steps is 'Every step of every alarm, never changed: the audit trail.'`,
  // For an audit in the order of the log. Not unique: the log may be made anew, and its positions then begin again.
  `create index alarm_steps_by_position on alarm_steps (log_position)`,

  `create table projection (name text primary key, position bigint not null)`,
  `comment on table projection is 'How far the log was read; changed in the transaction that writes what was read.'`,
  `insert into projection (name, position) values ('alarm-log', -1)`,
];
