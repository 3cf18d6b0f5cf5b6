import { encodeFixJson, homePartition } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FenceIndexMaker } from '@haulwatch/service';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { openRoad, policyFile, type Road } from './_road.ts';

const partitions = 2;
const startMs = Date.parse('2026-11-22T02:00:00Z');

afterEach(() => vi.restoreAllMocks());

/** Speeds of a heavy truck every 10 s: over its limit of 100 km/h for two minutes, then calm. */
const speedsKph = [...Array<number>(13).fill(121), ...Array<number>(13).fill(60)];

/** Sends the truck's fixes, from one to before another. */
function sender(road: Road): (from: number, to: number) => Promise<void> {
  return async (from, to) => {
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
    await road.log.append(road.topics.telemetry, records);
  };
}

async function restartUnderNewPolicy(log: Log): Promise<void> {
  const isRead = Promise.withResolvers<void>();
  const read = log.read.bind(log);
  vi.spyOn(log, 'read').mockImplementation(async (topic, ...rest) => {
    if (topic === road.topics.engineState) await isRead.promise;
    return await read(topic, ...rest);
  });
  const road = await openRoad(log, '', partitions, [{ id: 'truck-1', class: 'heavy' }]);
  const send = sender(road);
  const first = await road.start();
  await send(0, 1);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(1), { timeout: 20_000 });
  await first.close();

  const indexed = vi.spyOn(FenceIndexMaker.prototype, 'make');
  const second = await road.start();
  const file = parse((await readFile(policyFile, 'utf8')).replace(/(heavy:\n\s+value:) 100/, '$1 90'));
  const outcome = await road.policies.publish(file);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  second.setPolicy(outcome.policy);
  await vi.waitFor(() => expect(indexed.mock.settledResults[1]?.type).toBe('fulfilled'), { timeout: 20_000 });
  isRead.resolve();
  await send(1, 9);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(9), { timeout: 20_000 });
  await second.close();
  const [raised] = await road.steps();
  expect(raised).toMatchObject({ limit: 90, policyVersion: outcome.policy.version });
}

/** An episode that spans a restart is one alarm: raised before, cleared after, with the same id. */
async function restartInTheMiddle(log: Log, prefix: string): Promise<void> {
  const road = await openRoad(log, prefix, partitions, [{ id: 'truck-1', class: 'heavy' }]);
  const send = sender(road);
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
    'raised 1 40',
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

  test('judges by the policy that came into force while the state was read', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'haulwatch-restart-'));
    const log = await openSqliteLog({ dir });
    try {
      await restartUnderNewPolicy(log);
    } finally {
      await log.close();
      await rm(dir, { recursive: true });
    }
  });
});

test('a clock that is set back puts no checkpoint off', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-restart-'));
  const log = await openSqliteLog({ dir });
  onTestFinished(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });
  let behindMs = 0;
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() - behindMs);
  const road = await openRoad(log, '', partitions, [{ id: 'truck-1', class: 'heavy' }]);
  const committed = async (): Promise<number> => {
    const commits = await log.committed(groupOf(road.topics, 'ingest'), road.topics.telemetry);
    return Math.max(...commits.map(({ offset }) => offset));
  };
  // Never quiet for so long.
  const ingest = await road.start({ checkpointMs: 200, idleCheckpointMs: 3_600_000 });
  const send = sender(road);
  await send(0, 3);
  await vi.waitFor(async () => expect(await committed()).toBe(3), { timeout: 20_000 });
  behindMs = 3_600_000;
  await send(3, 6);
  await vi.waitFor(async () => expect(await committed()).toBe(6), { timeout: 20_000 });
  await ingest.close();
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
