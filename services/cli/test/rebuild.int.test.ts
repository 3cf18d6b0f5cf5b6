import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix, type Alarm, type AlarmStep } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import { describeWithServers, sampleStep } from '@haulwatch/testkit';
import { beforeAll, afterAll, expect, test, vi } from 'vitest';
import { haulwatch, keepRunning } from './_processes.ts';

const waitOptions = { timeout: 60_000, interval: 250 };
const alarmCount = 3_000;

const byId = (alarms: readonly Alarm[]): readonly Alarm[] =>
  alarms.toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));

/** Each second alarm is cleared. */
function stepsOf(from: number, count: number): AlarmStep[] {
  return Array.from({ length: count }, (_, i) => {
    const told = {
      alarmId: (from + i).toString(16).padStart(32, '0'),
      vehicleId: `truck-${from + i}`,
      producedAtMs: Date.now() - 3_600_000,
    };
    const raised = sampleStep({ ...told, seq: 1 });
    if (i % 2 === 0) return [raised];
    return [
      raised,
      sampleStep({ ...told, kind: 'cleared', seq: 2, endedAtMs: raised.atMs, clearReason: 'condition-over' }),
    ];
  }).flat();
}

describeWithServers('rebuilding from the alarm log', ['kafka', 'redis', 'postgres'], ({ kafka, redis, postgres }) => {
  const stack = new AsyncDisposableStack();
  let env: Record<string, string>;
  let log: Log;
  let store: Awaited<ReturnType<typeof openRedisStore>>;
  let history: ReturnType<typeof openHistory>;
  let told = 0;

  const tell = async (count: number): Promise<void> => {
    const steps = stepsOf(told, count);
    told += count;
    const records = steps.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) }));
    await log.append(topicsWithPrefix(kafka.topicPrefix).alarmLog, records);
  };
  /** All is there, and people have been told of what is open: the end of a backlog. */
  const isFilled = async (): Promise<void> =>
    await vi.waitFor(async () => {
      const alarms = await store.alarms();
      expect(alarms).toHaveLength(told);
      expect(alarms.filter(({ untold }) => untold !== undefined)).toEqual([]);
    }, waitOptions);
  const inHistory = async (): Promise<readonly Alarm[]> => (await history.alarms({ limit: 100_000 })).alarms;

  beforeAll(async () => {
    env = {
      KAFKA_BROKERS: kafka.bootstrapServers.join(','),
      TOPIC_PREFIX: kafka.topicPrefix,
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.keyPrefix,
      DATABASE_URL: await postgres.createDatabase(),
    };
    await haulwatch(['topics', 'create', '--partitions', '2'], env);
    log = stack.adopt(await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'rebuild' }), (it) => it.close());
    store = stack.adopt(await openRedisStore({ url: redis.url, prefix: redis.keyPrefix }), (it) => it.close());
    history = stack.adopt(openHistory({ dialect: postgresDialect(env['DATABASE_URL']!) }), (it) => it.close());
    await tell(alarmCount);
  }, 60_000);
  afterAll(() => stack.disposeAsync());

  test('where its service does not run that is said, and nothing is lost', async () => {
    await expect(haulwatch(['rebuild', 'redis', '--patience', '1'], env)).rejects.toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/live store stands at 0 of \d+ records.*is alerts running\?/),
    });
  });

  test('the live store and the history are the same again, live traffic going on', async () => {
    stack.use(await keepRunning('alerts', env));
    stack.use(await keepRunning('history', env));
    await isFilled();
    await vi.waitFor(async () => expect(await inHistory()).toHaveLength(told), waitOptions);
    const before = { live: byId(await store.alarms()), history: byId(await inHistory()) };

    const traffic = setInterval(() => void tell(2), 50);
    try {
      const [live, sql] = [await haulwatch(['rebuild', 'redis'], env), await haulwatch(['rebuild', 'postgres'], env)];
      expect(live['records']).toBeGreaterThanOrEqual(1.5 * alarmCount);
      expect(sql['records']).toBeGreaterThan(Number(live['records']));
    } finally {
      clearInterval(traffic);
    }
    const [end = 0] = await log.endOffsets(topicsWithPrefix(kafka.topicPrefix).alarmLog);
    await vi.waitFor(
      async () => expect([await store.position(), await history.position()]).toEqual([end - 1, end - 1]),
      waitOptions,
    );
    await isFilled();
    const after = { live: byId(await store.alarms()), history: byId(await inHistory()) };
    expect(after.live.slice(0, alarmCount)).toEqual(before.live);
    expect(after.history.slice(0, alarmCount)).toEqual(before.history);
    expect(after.live).toEqual(after.history);
    expect(after.live).toHaveLength(told);
  });

  test('a live store that was emptied in a quiet night is noticed, and filled', async () => {
    const before = byId(await store.alarms());
    await store.clear();
    await vi.waitFor(async () => expect(byId(await store.alarms())).toEqual(before), waitOptions);
  });
});
