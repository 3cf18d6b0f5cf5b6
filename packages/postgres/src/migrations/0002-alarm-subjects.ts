import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What an alarm is about beside its rule, and why nobody is called for it. Alarms of before have neither. */
export const addAlarmSubjects: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements = [
  `alter table alarms add column subject text, add column subject_name text, add column suppressed_by text`,
  `comment on column alarms.subject is 'Of rules by kind: which of the terminal''s reports, such as 6502.'`,
  `comment on column alarms.suppressed_by is 'Recorded and counted, but nobody is called: why.'`,
];
