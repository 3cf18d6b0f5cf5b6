import { describeWithServers, historyContract, sampleAlarm, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowOfAlarm } from './alarm-row.ts';
import { HistoryError } from './history-error.ts';
import { openHistory } from './history.ts';
import { createAlarms } from './migrations/0001-alarms.ts';
import { postgresDialect } from './postgres-dialect.ts';
import type { HistoryTables } from './schema.ts';

describeWithServers('the history on PostgreSQL', ['postgres'], ({ postgres }) => {
  let url: string;
  let admin: Kysely<unknown>;
  beforeAll(async () => {
    url = await postgres.createDatabase();
    admin = new Kysely<unknown>({ dialect: postgresDialect(url) });
  });
  afterAll(() => admin.destroy());

  const openEmpty = async () => {
    await sql`drop schema public cascade`.execute(admin);
    await sql`create schema public`.execute(admin);
    const history = openHistory({ dialect: postgresDialect(url) });
    const other = openHistory({ dialect: postgresDialect(url) });
    const close = async (): Promise<void> => void (await Promise.all([history.close(), other.close()]));
    return { history, other, [Symbol.asyncDispose]: close };
  };

  historyContract(openEmpty);

  test('connections that the server ends in the middle: nothing lost, nothing twice', async () => {
    await using subject = await openEmpty();
    const { history } = subject;
    await history.migrate();
    const steps = Array.from({ length: 600 }, (_, n) =>
      sampleStep({ alarmId: sampleAlarmId(n % 50), seq: 1 + Math.floor(n / 50) }),
    );
    const failures = new Set<string>();
    let killsLeft = 10;
    const killer = (async () => {
      while (killsLeft > 0) {
        const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`.execute(admin);
        killsLeft -= rows.length;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    for (let position = 0; position < steps.length;) {
      const upTo = Math.min(steps.length - 1, position + 2);
      const batch = steps.slice(position, upTo + 1).map((step, n) => ({ position: position + n, step }));
      try {
        await history.apply({ after: position - 1, upTo, steps: batch });
        position = upTo + 1;
      } catch (error) {
        expect(error).toMatchObject({ name: 'HistoryError', code: 'unreachable', retriable: true });
        failures.add((error as HistoryError).code);
      }
    }
    killsLeft = 0;
    await killer;
    expect([...failures]).toEqual(['unreachable']);
    expect(await history.position()).toBe(599);
    const { alarms } = await history.alarms({ limit: 100 });
    expect(alarms.map((alarm) => alarm.seq)).toEqual(Array.from({ length: 50 }, () => 12));
    expect((await history.alarm(sampleAlarmId(7)))?.steps.map((step) => step.seq)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });

  test('a writer waits for the one before it, and then finds that nothing is left to do', async () => {
    await using subject = await openEmpty();
    await subject.history.migrate();
    const waiting = async (): Promise<number> => {
      const { rows } = await sql`select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(admin);
      return rows.length;
    };
    const late = await admin.transaction().execute(async (tx) => {
      await sql`update projection set position = 50`.execute(tx);
      const apply = subject.history.apply({ after: -1, upTo: 10, steps: [{ position: 10, step: sampleStep() }] });
      await expect.poll(waiting, { timeout: 60_000 }).toBe(1);
      return { apply };
    });
    await late.apply;
    expect(await subject.history.position()).toBe(50);
    expect(await subject.history.alarms({ limit: 10 })).toEqual({ alarms: [] });
  });

  test('a database that a newer program has set up is left alone', async () => {
    await using subject = await openEmpty();
    await subject.history.migrate();
    await sql`insert into schema_migration (name, timestamp) values ('9999-later', '2999-01-01T00:00:00Z')`.execute(
      admin,
    );
    await expect(subject.history.migrate()).rejects.toMatchObject({
      code: 'failed',
      retriable: false,
      message: expect.stringContaining('newer'),
    });
  });

  test('tables of an earlier version get the columns of this one, and their alarms say what they said', async () => {
    await using subject = await openEmpty();
    const { error } = await new Migrator({
      db: admin,
      provider: { getMigrations: async () => ({ '0001-alarms': createAlarms }) },
      migrationTableName: 'schema_migration',
      migrationLockTableName: 'schema_migration_lock',
    }).migrateToLatest();
    expect(error).toBeUndefined();
    const before = sampleAlarm({ alarmId: sampleAlarmId(1), fenceName: 'Primary school' });
    const { subject: _subject, subject_name: _name, suppressed_by: _by, ...row } = rowOfAlarm(before);
    await admin.withTables<HistoryTables>().insertInto('alarms').values(row).execute();
    await subject.history.migrate();
    const { alarms } = await subject.history.alarms({ limit: 10 });
    expect(alarms).toEqual([before]);
  });

  test('people read the same times as timestamps, in plain SQL', async () => {
    await using subject = await openEmpty();
    await subject.history.migrate();
    await subject.history.apply({
      after: -1,
      upTo: 0,
      steps: [{ position: 0, step: sampleStep({ startedAtMs: 1_700_000_000_123, atMs: 1_700_000_030_456 }) }],
    });
    const { rows } =
      await sql`select to_char(a.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as started, a.ended_at,
      to_char(s.at at time zone 'Asia/Shanghai', 'HH24:MI:SS.MS') as at from alarms a join alarm_steps s using (alarm_id)`.execute(
        admin,
      );
    expect(rows).toEqual([{ started: '2023-11-14 22:13:20.123000', ended_at: null, at: '06:13:50.456' }]);
  });

  test('pages far down are found by the index, not by counting', async () => {
    await using subject = await openEmpty();
    await subject.history.migrate();
    const after = { startedAtMs: 1_700_000_000_000, alarmId: sampleAlarmId(5) };
    const { rows } = await admin.transaction().execute(async (tx) => {
      // With so few rows it would read them all.
      await sql`set local enable_seqscan = off`.execute(tx);
      return sql`explain select * from alarms where vehicle_id = 'x' and started_at_ms <= ${after.startedAtMs}
        and (started_at_ms < ${after.startedAtMs} or alarm_id > ${after.alarmId}) order by started_at_ms desc, alarm_id limit 10`.execute(
        tx,
      );
    });
    const plan = rows.map((row) => Object.values(row as object).join()).join('\n');
    expect(plan).toMatch(/Index Scan using alarms_by_vehicle/);
    expect(plan).not.toMatch(/Sort/);
  });

  const wrong = (change: (parsed: URL) => void): string => {
    const parsed = new URL(url);
    change(parsed);
    return parsed.href;
  };
  test.each<[string, () => string, object]>([
    [
      'nobody listens',
      () => wrong((parsed) => (parsed.port = '1')),
      { code: 'unreachable', retriable: true, message: /start it/ },
    ],
    [
      'no such host',
      () => wrong((parsed) => (parsed.hostname = 'no-such-host.invalid')),
      { code: 'unreachable', retriable: true, message: /correct its URL/ },
    ],
    [
      'no such database',
      () => wrong((parsed) => (parsed.pathname = '/no_such_database')),
      { code: 'failed', retriable: false, message: /create it/ },
    ],
    [
      'no such user',
      () => wrong((parsed) => ((parsed.username = 'nobody-here'), (parsed.password = 'secret'))),
      { code: 'failed', retriable: false, message: /correct the URL/ },
    ],
  ])('%s: the error says what to do', async (_what, urlOf, { message, ...told }: { message?: RegExp }) => {
    const history = openHistory({ dialect: postgresDialect(urlOf()) });
    const refused = await history.position().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HistoryError);
    expect(refused).toMatchObject({ ...told, message: expect.stringMatching(message!) });
    await history.close();
  });

  test.each(['', 'localhost:5432', 'mysql://localhost'])('a URL that is none: %j', (wrongUrl) => {
    expect(() => postgresDialect(wrongUrl)).toThrow(/postgres:\/\//);
  });
});
