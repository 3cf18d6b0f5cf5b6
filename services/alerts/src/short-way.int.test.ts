import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix, type Alarm, type AlarmStep } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { LiveStore } from '@haulwatch/ports';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { openRedisStore } from '@haulwatch/redis';
import { createLogger } from '@haulwatch/service';
import { describeWithServers, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AlertsMetrics, startAlerts, type AlertsPorts } from './app.ts';

const waitOptions = { timeout: 60_000, interval: 100 };
const alarmCount = 3_000;
/** The last records of the log that the history does not have yet. */
const historyLag = 50;

/** Raised, escalated, and each second one cleared: an hour ago, or now. */
function stepsOf(n: number, producedAtMs: number): AlarmStep[] {
  const told = { alarmId: sampleAlarmId(n), vehicleId: `truck-${n % 500}`, startedAtMs: n, producedAtMs };
  const steps = [
    sampleStep({ ...told, seq: 1, kind: 'raised' }),
    sampleStep({ ...told, seq: 2, kind: 'escalated', level: 3 }),
  ];
  if (n % 2 === 1) return steps;
  const cleared = sampleStep({ ...told, seq: 3, kind: 'cleared', endedAtMs: n + 1, clearReason: 'condition-over' });
  return [...steps, cleared];
}

async function stateOf(store: LiveStore) {
  const alarms = (await store.alarms()).toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
  const open = await store.openAlarms(10_000);
  const { events } = await store.events('0-0', 100_000, 0);
  const told = events
    .map(({ type, data }) => ({ type, alarm: JSON.parse(data) as Alarm }))
    .filter(({ alarm }) => alarm.startedAtMs < alarmCount)
    .map(({ type, alarm }) => `${type} ${alarm.alarmId} #${alarm.seq}`);
  return { position: await store.position(), alarms, open, counts: await store.openCounts(), told: told.sort() };
}

describeWithServers('the short way into an empty live store', ['kafka', 'redis', 'postgres'], (servers) => {
  test('leads to what the whole log does, live traffic going on', async () => {
    const { kafka, redis, postgres } = servers;
    const topics = topicsWithPrefix(`${kafka.topicPrefix}short-`);
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'short-way' });
    onTestFinished(() => log.close());
    await log.ensureTopics([{ name: topics.alarmLog, partitions: 1 }]);
    const history = openHistory({ dialect: postgresDialect(await postgres.createDatabase()) });
    onTestFinished(() => history.close());
    await history.migrate();

    let told = 0;
    const tell = async (count: number, producedAtMs: number): Promise<readonly AlarmStep[]> => {
      const steps = Array.from({ length: count }, (_, i) => stepsOf(told + i, producedAtMs)).flat();
      told += count;
      const records = steps.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) }));
      await log.append(topics.alarmLog, records);
      return steps;
    };
    const steps = await tell(alarmCount, Date.now() - 3_600_000);
    const upTo = steps.length - 1 - historyLag;
    const kept = steps.map((step, position) => ({ position, step })).filter(({ position }) => position <= upTo);
    await history.apply({ after: -1, upTo, steps: kept });

    /** Fills a store of its own to the end of the log, and tells what it comes to and of how many records it was made. */
    const fill = async (name: string, way: Pick<AlertsPorts, 'history'>, meanwhile?: () => Promise<void>) => {
      const logger = createLogger('alerts', 'silent');
      const store = await openRedisStore({ url: redis.url, prefix: `${redis.keyPrefix}${name}:`, logger });
      onTestFinished(() => store.close());
      const metrics = new AlertsMetrics();
      const { signal } = new AbortController();
      const policy = () => undefined;
      const ports: AlertsPorts = { ...way, log, store, topics, logger, metrics, policy, nowMs: Date.now, signal };
      const alerts = await startAlerts(ports);
      await meanwhile?.();
      const [end = 0] = await log.endOffsets(topics.alarmLog);
      await vi.waitFor(async () => {
        expect(alerts.position()).toBe(end - 1);
        expect((await store.alarms()).filter(({ untold }) => untold !== undefined)).toEqual([]);
      }, waitOptions);
      await alerts.close();
      const folded = [...metrics.verdicts.values()].reduce((sum, count) => sum + count, 0);
      return { state: await stateOf(store), folded, end };
    };

    const traffic = setInterval(() => void tell(2, Date.now()), 20);
    onTestFinished(() => clearInterval(traffic));
    const short = await fill('short', { history }, async () => {
      await vi.waitFor(() => expect(told).toBeGreaterThan(alarmCount + 100), waitOptions);
      clearInterval(traffic);
      // What was on its way.
      await tell(1, Date.now());
    });
    const long = await fill('long', {});

    expect(short.state).toEqual(long.state);
    expect(short.state.alarms).toHaveLength(told);
    expect(short.state.told).toHaveLength(alarmCount / 2);
    // One step of each alarm that the history has, and all that it has not.
    expect(long.folded).toBe(long.end);
    expect(short.folded).toBeLessThan(long.folded - 1.4 * alarmCount);
  });
});
