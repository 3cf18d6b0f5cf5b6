import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix, type Alarm, type AlarmStep } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { LiveStoreError, type LiveStore } from '@haulwatch/ports';
import { openRedisStore } from '@haulwatch/redis';
import { createLogger } from '@haulwatch/service';
import { describeWithServers, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AlertsMetrics, startAlerts, type Alerts } from './app.ts';

const waitOptions = { timeout: 30_000 };
const minuteMs = 60_000;

describeWithServers('a backlog', ['kafka', 'redis'], ({ kafka, redis }) => {
  /** An alarm log and a live store of their own, and the way to start alerts between them. */
  async function openRoad(name: string) {
    const topics = topicsWithPrefix(`${kafka.topicPrefix}${name}-`);
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: `${name}-test` });
    onTestFinished(() => log.close());
    await log.ensureTopics([{ name: topics.alarmLog, partitions: 1 }]);
    const logger = createLogger('alerts', 'silent');
    const store = await openRedisStore({ url: redis.url, prefix: `${redis.keyPrefix}${name}:`, logger });
    onTestFinished(() => store.close());
    const start = async (nowMs: () => number = Date.now, on: LiveStore = store): Promise<Alerts> => {
      const { signal } = new AbortController();
      const ports = { log, store: on, topics, logger, metrics: new AlertsMetrics(), nowMs, signal };
      const alerts = await startAlerts({ ...ports, policy: () => undefined });
      onTestFinished(() => alerts.close());
      return alerts;
    };
    return { log, store, topics, start };
  }

  test('is not pushed as if it were now: of its alarms the open ones are told, when it is over', async () => {
    const { log, store, topics, start } = await openRoad('backlog');
    const tell = async (steps: readonly AlarmStep[]): Promise<void> => {
      const records = steps.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) }));
      await log.append(topics.alarmLog, records);
    };
    const events = async (): Promise<string[]> => {
      const page = await store.events('0-0', 1_000, 0);
      return page.events.map(({ type, data }) => {
        const alarm = JSON.parse(data) as Alarm;
        return `${type} ${Number.parseInt(alarm.alarmId, 16)} #${alarm.seq}`;
      });
    };
    const step = (n: number, told: Partial<AlarmStep>): AlarmStep =>
      sampleStep({
        alarmId: n.toString(16).padStart(32, '0'),
        vehicleId: `truck-${n}`,
        producedAtMs: Date.now(),
        ...told,
      });
    const halfAnHourAgo = { producedAtMs: Date.now() - 30 * minuteMs };
    const cleared = { kind: 'cleared', seq: 2, endedAtMs: 1_700_000_100_000, clearReason: 'condition-over' } as const;

    const first = await start();
    await tell([step(1, {}), step(2, {})]);
    await vi.waitFor(async () => expect(await events()).toEqual(['raised 1 #1', 'raised 2 #1']), waitOptions);
    await first.close();

    // An outage: one that people know ends, one goes on, of 3,000 that nobody knows two are still open, one of them gravely.
    const unseen = Array.from({ length: 3_000 }, (_, i) => [
      step(100 + i, halfAnHourAgo),
      step(100 + i, { ...halfAnHourAgo, ...cleared }),
    ]);
    await tell([
      step(3, halfAnHourAgo),
      step(1, { ...halfAnHourAgo, ...cleared }),
      step(3, { ...halfAnHourAgo, kind: 'escalated', seq: 2 }),
      ...unseen.flat(),
      step(4, halfAnHourAgo),
      step(5, { ...halfAnHourAgo, rule: 'sos' }),
      step(5, { ...halfAnHourAgo, ...cleared, rule: 'sos' }),
    ]);
    await start();
    const outcome = [
      'raised 1 #1',
      'raised 2 #1',
      'cleared 1 #2',
      'raised 5 #1',
      'cleared 5 #2',
      'raised 3 #2',
      'raised 4 #1',
    ];
    await vi.waitFor(async () => expect(await events()).toEqual(outcome), waitOptions);

    // Then it is as always.
    await tell([step(6, {}), step(4, cleared)]);
    await vi.waitFor(
      async () => expect(await events()).toEqual([...outcome, 'raised 6 #1', 'cleared 4 #2']),
      waitOptions,
    );
    const kept = await store.alarms();
    expect(kept).toHaveLength(3_006);
    expect(kept.filter((alarm) => alarm.untold !== undefined)).toEqual([]);
    expect(await store.openCounts()).toEqual({ [sampleStep().rule]: 3 });
  });

  test('is told at last where its end does not come: a partition may lag for long', async () => {
    const { log, store, topics, start } = await openRoad('endless');
    // A clock by which each look is 10 s later.
    let nowMs = Date.now();
    await start(() => (nowMs += 1e4));
    const ticking = setInterval(() => {
      const old = sampleStep({ alarmId: sampleAlarmId(7), seq: 3, producedAtMs: 0 });
      void log.append(topics.alarmLog, [{ partition: 0, key: 'a', value: encodeAlarmStep(old) }]);
    }, 200);
    onTestFinished(() => clearInterval(ticking));
    await vi.waitFor(async () => expect((await store.events('0-0', 10, 0)).events).toHaveLength(1), waitOptions);
  });

  test('waits before a full store, and readiness says so', async () => {
    const { log, store, topics, start } = await openRoad('full');
    let isFull = true;
    const full: LiveStore = {
      ...store,
      apply: async (batch) => {
        if (isFull) throw new LiveStoreError('full', 'raise its maxmemory', { retriable: true });
        await store.apply(batch);
      },
    };
    const alerts = await start(Date.now, full);
    const step = sampleStep({ producedAtMs: Date.now() });
    await log.append(topics.alarmLog, [{ partition: 0, key: 'a', value: encodeAlarmStep(step) }]);
    await vi.waitFor(() => expect(() => alerts.mustFlow()).toThrow('raise its maxmemory'), waitOptions);
    isFull = false;
    await vi.waitFor(() => expect(alerts.position()).toBe(0), waitOptions);
    expect(() => alerts.mustFlow()).not.toThrow();
    expect((await store.events('0-0', 10, 0)).events).toHaveLength(1);
  });

  test('that has lost its beginning is read from what is left, and the gap is told', async () => {
    const { log, store, topics, start } = await openRoad('beheaded');
    await log.ensureTopics([{ name: topics.deadLetters, partitions: 1 }]);
    const steps = [1, 2, 3].map((n) => sampleStep({ alarmId: sampleAlarmId(n), producedAtMs: Date.now() }));
    await log.append(
      topics.alarmLog,
      steps.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) })),
    );
    // As if retention had taken the first two.
    vi.spyOn(log, 'startOffsets').mockResolvedValue([2]);
    const alerts = await start();
    await vi.waitFor(() => expect(alerts.position()).toBe(2), waitOptions);
    expect((await store.alarms()).map(({ alarmId }) => alarmId)).toEqual([sampleAlarmId(3)]);
    const [letter] = await log.read(topics.deadLetters, 0, 0, 1);
    expect(letter!.headers).toMatchObject({
      reason: 'data-gap',
      topic: topics.alarmLog,
      offset: '0',
      'to-offset': '2',
      detail: expect.stringContaining('the live store lacks'),
    });
  });

  test('of another log is refused: a store that stands beyond its end', async () => {
    const { store, start } = await openRoad('another');
    await store.apply({ after: -1, upTo: 7, writes: [] });
    const alerts = await start();
    await expect(alerts.failed).rejects.toThrow(/position 7, but the alarm log ends at 0: .*haulwatch rebuild redis/);
    expect(await store.position()).toBe(7);
  });
});
