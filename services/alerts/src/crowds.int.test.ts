import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix, vehicleClasses, type AlarmStep, type Policy } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openRedisStore } from '@haulwatch/redis';
import { createLogger } from '@haulwatch/service';
import { describeWithServers, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AlertsMetrics, startAlerts, type Alerts } from './app.ts';

const zero = { value: 0, source: 'test' };
/** Two are company, three are a crowd. */
const policy = {
  version: 1,
  fences: [
    {
      id: 'yard',
      name: 'the yard',
      shape: { kind: 'circle', centre: [121.4, 31.2], radiusM: 100 },
      prohibited: false,
      uses: ['enter'],
      crowdMax: 2,
      classes: vehicleClasses,
      schedule: [],
    },
  ],
  rules: {
    'zone-crowding': {
      when: {},
      level: 3,
      tier: 'T2',
      minDurationS: zero,
      clearAfterS: zero,
      thresholds: {},
      cases: [],
    },
  },
} as unknown as Policy;

function entry(n: number, told: Partial<AlarmStep> = {}): AlarmStep {
  return sampleStep({
    alarmId: sampleAlarmId(n),
    rule: 'fence-enter',
    vehicleId: `truck-${n}`,
    class: 'hazmat',
    fenceId: 'yard',
    fenceName: 'the yard',
    raisedAtMs: 1_700_000_000_000 + n * 1_000,
    ...told,
  });
}

describeWithServers('crowds', ['kafka', 'redis'], ({ kafka, redis }) => {
  test('are told through the log once, though the process that counts begins anew in the middle', async () => {
    const topics = topicsWithPrefix(`${kafka.topicPrefix}crowds-`);
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'crowds-test' });
    onTestFinished(() => log.close());
    await log.ensureTopics([{ name: topics.alarmLog, partitions: 1 }]);
    const logger = createLogger('alerts', 'silent');
    const store = await openRedisStore({ url: redis.url, prefix: `${redis.keyPrefix}crowds:`, logger });
    onTestFinished(() => store.close());
    const start = async (): Promise<Alerts> =>
      await startAlerts({
        log,
        store,
        topics,
        policy: () => policy,
        metrics: new AlertsMetrics(),
        logger,
        nowMs: Date.now,
        signal: new AbortController().signal,
      });
    const tell = async (...steps: readonly AlarmStep[]): Promise<void> => {
      const records = steps.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) }));
      await log.append(topics.alarmLog, records);
    };
    const crowds = async (): Promise<string[]> =>
      (await store.alarms())
        .filter(({ rule }) => rule === 'zone-crowding')
        .map(({ vehicleId, status, seq }) => `${vehicleId} ${status} #${seq}`);

    const before = await start();
    await tell(entry(1), entry(2));
    await vi.waitFor(() => expect(before.position()).toBe(1), { timeout: 30_000 });
    await before.close();

    const after = await start();
    await tell(entry(3));
    await vi.waitFor(async () => expect(await crowds()).toEqual(['truck-3 open #1']), { timeout: 30_000 });
    await tell(entry(1, { kind: 'cleared', seq: 2, endedAtMs: 1_700_000_100_000, clearReason: 'condition-over' }));
    await vi.waitFor(async () => expect(await crowds()).toEqual(['truck-3 cleared #2']), { timeout: 30_000 });
    await after.close();
    // Four of vehicles, two of the crowd.
    expect(await log.endOffsets(topics.alarmLog)).toEqual([6]);
  });
});
