import { encodeFixJson, homePartition } from '@haulwatch/codec';
import { openSqliteLog } from '@haulwatch/embedded';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openRoad } from './_road.ts';

const partitions = 2;
const startMs = Date.parse('2026-11-22T02:00:00Z');

/** Speeds of a heavy truck every 10 s: over its limit of 100 km/h for two minutes, then calm. */
const speedsKph = [...Array<number>(13).fill(121), ...Array<number>(13).fill(60)];

/** An episode that spans a restart is one alarm: raised before, cleared after, with the same id. */
async function restartInTheMiddle(log: Log, prefix: string): Promise<void> {
  const road = await openRoad(log, prefix, partitions, [{ id: 'truck-1', class: 'heavy' }]);
  const send = async (from: number, to: number): Promise<void> => {
    const records = speedsKph.slice(from, to).map((speedKph, i) => {
      const atMs = startMs + (from + i) * 10_000;
      const fix = {
        vehicleId: 'truck-1',
        fixedAtMs: atMs,
        receivedAtMs: atMs,
        lonDeg: 121.9,
        latDeg: 31 + (from + i) * 0.002,
        speedKph,
      };
      return { partition: homePartition('truck-1', partitions), key: 'truck-1', value: encodeFixJson(fix) };
    });
    await log.append(road.topics.telemetry, records);
  };

  const first = await road.start();
  await send(0, 9);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(9), { timeout: 20_000 });
  await first.close();

  // Told twice, as a producer does that lost an answer; the ring of newest fixes is part of the state.
  await send(5, 9);
  const second = await road.start();
  await send(9, speedsKph.length);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(speedsKph.length), { timeout: 20_000 });
  await second.close();

  expect(road.metrics.counters.duplicates).toBe(4);
  const steps = await road.steps();
  expect(steps.map((step) => `${step.kind} ${step.seq} ${(step.atMs - startMs) / 1_000}`)).toEqual([
    'raised 1 30',
    'cleared 2 190',
  ]);
  expect(new Set(steps.map((step) => step.alarmId)).size).toBe(1);
  expect(steps[1]!.endedAtMs).toBe(startMs + 130_000);
  expect(road.lastFixes.at(-1)).toMatchObject({ vehicleId: 'truck-1', speedKph: 60 });
}

describe('a restart of ingest on the embedded log', () => {
  test('goes on with the open episode', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'haulwatch-restart-'));
    const log = await openSqliteLog({ dir });
    try {
      await restartInTheMiddle(log, '');
    } finally {
      await log.close();
      await rm(dir, { recursive: true });
    }
  });
});

describeWithServers('a restart of ingest on Kafka', ['kafka'], ({ kafka }) => {
  test('goes on with the open episode', async () => {
    const log = await openKafkaLog({ brokers: [...kafka.bootstrapServers], clientId: 'restart' });
    try {
      await restartInTheMiddle(log, kafka.topicPrefix);
    } finally {
      await log.close();
    }
  });
});
