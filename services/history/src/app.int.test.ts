import { randomUUID } from 'node:crypto';
import { encodeAlarmStep } from '@haulwatch/codec';
import { topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import type { History } from '@haulwatch/ports';
import { openHistory, postgresDialect } from '@haulwatch/postgres';
import { createLogger } from '@haulwatch/service';
import { describeWithServers, sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startHistory, type HistoryService } from './app.ts';

const waitOptions = { timeout: 60_000, interval: 50 };

describeWithServers('history', ['kafka', 'postgres'], ({ kafka, postgres }) => {
  test('a failover to a replica that lags ends the service; the next start fills in what the replica lacks', async () => {
    const topics = topicsWithPrefix(`${kafka.topicPrefix}${randomUUID()}-`);
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'haulwatch-history-test' });
    onTestFinished(() => log.close());
    await log.ensureTopics([{ name: topics.alarmLog, partitions: 1 }]);
    const [primary, replica] = [await migrated(), await migrated()];
    // One address, behind which the one or the other answers.
    let current = primary;
    const database: History = {
      ...primary,
      position: () => current.position(),
      apply: (batch) => current.apply(batch),
    };
    const start = async (): Promise<HistoryService> => {
      const metrics = { steps: 0, unreadable: 0, lagRecords: 0 };
      const logger = createLogger('history', 'silent');
      const { signal } = new AbortController();
      return await startHistory({ log, history: database, topics, metrics, logger, signal });
    };
    const happened = async (...seqs: readonly number[]): Promise<void> => {
      const steps = seqs.map((seq) => sampleStep({ seq, kind: seq === 1 ? 'raised' : 'escalated' }));
      const records = steps.map((step) => ({ partition: 0, key: step.alarmId, value: encodeAlarmStep(step) }));
      await log.append(topics.alarmLog, records);
    };

    const before = await start();
    await happened(1, 2, 3);
    await vi.waitFor(async () => expect(await primary.position()).toBe(2), waitOptions);
    await vi.waitFor(() => expect(before.position()).toBe(2), waitOptions);
    current = replica;
    await happened(4);
    await expect(before.failed).rejects.toMatchObject({ code: 'rewound', retriable: false });
    expect(await replica.position()).toBe(-1);
    await before.close().catch(() => undefined);

    const after = await start();
    await vi.waitFor(async () => expect(await replica.position()).toBe(3), waitOptions);
    expect((await replica.alarm(sampleAlarmId(1)))?.steps.map((step) => step.seq)).toEqual([1, 2, 3, 4]);
    await after.close();
  });

  test('a database that takes no writes is waited for, and readiness says so', async () => {
    const topics = topicsWithPrefix(`${kafka.topicPrefix}${randomUUID()}-`);
    const log = await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'haulwatch-history-test' });
    onTestFinished(() => log.close());
    await log.ensureTopics([{ name: topics.alarmLog, partitions: 1 }]);
    const url = await postgres.createDatabase();
    const writable = openHistory({ dialect: postgresDialect(url) });
    onTestFinished(() => writable.close());
    await writable.migrate();
    const readOnly = new URL(url);
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on');
    const replica = openHistory({ dialect: postgresDialect(readOnly.href) });
    onTestFinished(() => replica.close());
    let current = replica;
    const service = await startHistory({
      log,
      history: {
        ...writable,
        migrate: async () => undefined,
        position: () => current.position(),
        apply: (batch) => current.apply(batch),
      },
      topics,
      metrics: { steps: 0, unreadable: 0, lagRecords: 0 },
      logger: createLogger('history', 'silent'),
      signal: new AbortController().signal,
    });
    const step = sampleStep({});
    await log.append(topics.alarmLog, [{ partition: 0, key: step.alarmId, value: encodeAlarmStep(step) }]);
    await vi.waitFor(() => expect(() => service.mustFlow()).toThrow(/takes no writes here .*primary/), waitOptions);
    expect(await replica.position()).toBe(-1);
    current = writable;
    await vi.waitFor(() => expect(service.position()).toBe(0), waitOptions);
    expect(() => service.mustFlow()).not.toThrow();
    await service.close();
  });

  async function migrated(): Promise<History> {
    const history = openHistory({ dialect: postgresDialect(await postgres.createDatabase()) });
    onTestFinished(() => history.close());
    await history.migrate();
    return history;
  }
});
