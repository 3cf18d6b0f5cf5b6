import { encodeFixJson } from '@haulwatch/codec';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRoad, type Road } from './_road.ts';

describeWithServers('silence in a partition of real Kafka', ['kafka'], ({ kafka }) => {
  let log: Log;
  let road: Road;

  beforeAll(async () => {
    log = await openKafkaLog({ brokers: [...kafka.bootstrapServers], clientId: 'silence' });
    road = await openRoad(log, kafka.topicPrefix, 1, [{ id: 'lost-truck', class: 'heavy' }]);
  });
  afterAll(async () => await log.close());

  test('is noticed though nobody else reports, is in the log, and a second run over it tells the same', async () => {
    // Ten minutes ago it was moving; nothing has come since, and nothing else comes.
    const fixedAtMs = Date.now() - 600_000;
    const fixes = [0, 30].map((second) => ({
      vehicleId: 'lost-truck',
      fixedAtMs: fixedAtMs + second * 1_000,
      receivedAtMs: fixedAtMs + second * 1_000,
      lonDeg: 121.9 + second * 1e-4,
      latDeg: 31.05,
      speedKph: 50,
    }));
    const records = fixes.map((fix) => ({ partition: 0, key: fix.vehicleId, value: encodeFixJson(fix) }));
    await log.append(road.topics.telemetry, records);
    const ingest = await road.start({ tellTimeMs: 300 });
    const offline = async (): Promise<readonly unknown[]> =>
      (await road.steps())
        .filter(({ rule }) => rule === 'offline')
        .map(({ kind, vehicleId, alarmId }) => ({ kind, vehicleId, alarmId }));
    await vi.waitFor(async () => expect(await offline()).toHaveLength(1), { timeout: 20_000, interval: 100 });
    const told = await offline();
    expect(told).toMatchObject([{ kind: 'raised', vehicleId: 'lost-truck' }]);
    await ingest.close();
    // What was told the partition stands in the log; the next to serve it goes on from there.
    const [end = 0] = await log.endOffsets(road.topics.telemetry);
    expect(end).toBeGreaterThan(records.length);
    const again = await road.start({ tellTimeMs: 300 });
    await vi.waitFor(async () => expect((await log.endOffsets(road.topics.telemetry))[0]).toBeGreaterThan(end + 1), {
      timeout: 20_000,
    });
    await again.close();
    expect(await offline()).toEqual(told);
  });
});
