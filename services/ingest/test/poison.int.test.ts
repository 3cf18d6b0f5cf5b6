import { encodeFixJson, homePartition } from '@haulwatch/codec';
import { groupOf, toE7, type Fix, type FixBatch } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import { Engine } from '@haulwatch/engine';
import { openKafkaLog } from '@haulwatch/kafka';
import type { Log } from '@haulwatch/ports';
import { describeWithServers } from '@haulwatch/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openRoad, type Road } from './_road.ts';

const partitions = 2;
const startMs = Date.parse('2026-11-22T02:00:00Z');
/** The longitude over which the engine of these tests fails. */
const poisonLonDeg = 121.666;

/** Breaks the engine after it has taken in half of the batch, as a broken invariant would. */
function poisonEngine(): void {
  const { process } = Engine.prototype;
  vi.spyOn(Engine.prototype, 'process').mockImplementation(function broken(this: Engine, batch: FixBatch) {
    const isPoison = batch.lonE7.subarray(0, batch.count).includes(toE7(poisonLonDeg));
    const steps = process.call(this, batch);
    if (isPoison) throw new TypeError('not a number');
    return steps;
  });
}

afterEach(() => vi.restoreAllMocks());

/** A truck over its limit of 100 km/h for two minutes, then calm: a fix every 10 s. */
function fixes(vehicleId: string): Fix[] {
  const speedsKph = [...Array<number>(13).fill(121), ...Array<number>(13).fill(60)];
  return speedsKph.map((speedKph, i) => {
    const atMs = startMs + i * 10_000;
    return { vehicleId, fixedAtMs: atMs, receivedAtMs: atMs, lonDeg: 121.9, latDeg: 31 + i * 0.002, speedKph };
  });
}

async function send(road: Road, all: readonly Fix[]): Promise<void> {
  const records = all.map((fix) => ({
    partition: homePartition(fix.vehicleId, partitions),
    key: fix.vehicleId,
    value: encodeFixJson(fix),
  }));
  await road.log.append(road.topics.telemetry, records);
}

const told = async (road: Road, vehicleId: string): Promise<Set<string>> =>
  new Set(
    (await road.steps())
      .filter((step) => step.vehicleId === vehicleId)
      .map(({ kind, seq, atMs, alarmId }) => `${alarmId} ${seq} ${kind} ${(atMs - startMs) / 1_000}`),
  );

async function withPoison(log: Log, prefix: string): Promise<void> {
  const road = await openRoad(log, prefix, partitions, [
    { id: 'truck-1', class: 'heavy' },
    { id: 'truck-2', class: 'heavy' },
  ]);
  const poison = (second: number): Fix => ({
    ...fixes('truck-2')[0]!,
    fixedAtMs: startMs + second * 1_000,
    lonDeg: poisonLonDeg,
  });
  poisonEngine();
  const ingest = await road.start();
  const all = fixes('truck-1');
  await send(road, all.slice(0, 9));
  // Some of it is committed, some is not; two of them one after the other, and one where nothing is committed since.
  await send(road, [poison(1), ...all.slice(9, 12), poison(2), poison(3)]);
  await vi.waitFor(() => expect(road.metrics.counters.rejects['poison']).toBe(3), { timeout: 20_000 });
  await send(road, [...all.slice(12), poison(4)]);
  await vi.waitFor(() => expect(road.metrics.counters.rejects['poison']).toBe(4), { timeout: 20_000 });
  await ingest.close();

  // The truck beside it is watched as if nothing had been.
  const [id = ''] = [...(await told(road, 'truck-1'))][0]?.split(' ') ?? [];
  expect(await told(road, 'truck-1')).toEqual(new Set([`${id} 1 raised 40`, `${id} 2 cleared 190`]));
  expect(road.metrics.counters.fixes).toBe(all.length);
  const letters = await road.deadLetters();
  expect(new Set(letters.map(({ headers }) => headers['offset']))).toHaveLength(4);
  expect(letters[0]).toMatchObject({
    headers: {
      reason: 'poison',
      topic: road.topics.telemetry,
      detail: 'the engine fails over it: TypeError: not a number',
    },
  });
  expect(Buffer.from(letters[0]!.value!).toString()).toContain(String(poisonLonDeg));

  // Nor is it stumbled over by who begins where that ended.
  const again = await road.start();
  await send(road, fixes('truck-2').slice(0, 5));
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(all.length + 5), { timeout: 20_000 });
  await again.close();
  expect(road.metrics.counters.rejects['poison']).toBe(4);
}

async function withGap(log: Log, prefix: string, removeBefore: (road: Road, offset: number) => Promise<void>) {
  const road = await openRoad(log, prefix, partitions, [{ id: 'truck-1', class: 'heavy' }]);
  const partition = homePartition('truck-1', partitions);
  const all = fixes('truck-1');
  const first = await road.start();
  await send(road, all.slice(0, 9));
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBe(9), { timeout: 20_000 });
  await first.close();
  await send(road, all.slice(9));
  await removeBefore(road, 16);

  // Where nothing comes any more either, it is told once and not at each start.
  const idle = await road.start();
  await vi.waitFor(async () => expect(await committedAt(road, partition)).toBeGreaterThan(9), { timeout: 20_000 });
  await idle.close();

  const second = await road.start();
  const left = await road.log.startOffsets(road.topics.telemetry);
  await send(road, [{ ...all.at(-1)!, fixedAtMs: startMs + 300_000 }]);
  await vi.waitFor(() => expect(road.metrics.counters.fixes).toBeGreaterThan(9), { timeout: 20_000 });
  await second.close();
  const [letter, ...more] = await road.deadLetters();
  expect(more).toEqual([]);
  const to = left[partition]!;
  expect(to).toBeGreaterThan(9);
  expect(letter).toMatchObject({
    value: null,
    headers: {
      reason: 'data-gap',
      topic: road.topics.telemetry,
      partition: `${partition}`,
      offset: '9',
      'to-offset': `${to}`,
    },
  });
  // The memory stands: the episode of before ends, under its own id.
  const steps = await road.steps();
  expect(steps.map(({ kind }) => kind)).toEqual(['raised', 'cleared']);
  expect(new Set(steps.map(({ alarmId }) => alarmId)).size).toBe(1);
}

async function committedAt(road: Road, partition: number): Promise<number | undefined> {
  const commits = await road.log.committed(groupOf(road.topics, 'ingest'), road.topics.telemetry);
  return commits.find((commit) => commit.partition === partition)?.offset;
}

describe('on the embedded log', () => {
  const inNewLog = async (body: (log: Awaited<ReturnType<typeof openSqliteLog>>) => Promise<void>): Promise<void> => {
    const dir = await mkdtemp(join(tmpdir(), 'haulwatch-poison-'));
    const log = await openSqliteLog({ dir });
    try {
      await body(log);
    } finally {
      await log.close();
      await rm(dir, { recursive: true });
    }
  };

  test('a record over which the engine fails is set aside, and the partition goes on', async () => {
    await inNewLog(async (log) => await withPoison(log, ''));
  });

  test('an error that does not come again ends the member: something else is broken', async () => {
    await inNewLog(async (log) => {
      const road = await openRoad(log, '', partitions, [{ id: 'truck-1', class: 'heavy' }]);
      vi.spyOn(Engine.prototype, 'process').mockImplementationOnce(() => {
        throw new TypeError('once');
      });
      const ingest = await road.start();
      await send(road, fixes('truck-1'));
      await expect(ingest.failed).rejects.toThrow('once');
      await ingest.close();
      expect(await road.deadLetters()).toEqual([]);
    });
  });

  test('records that retention removed before they were read are told as a gap', async () => {
    await inNewLog(async (log) => {
      await withGap(log, '', async () => await log.maintain(Date.now() + 400 * 86_400_000));
    });
  });

  test('a state to which no commit points is told: it is not taken for none', async () => {
    await inNewLog(async (log) => {
      const road = await openRoad(log, '', partitions, [{ id: 'truck-1', class: 'heavy' }]);
      await log.append(road.topics.engineState, [{ partition: 1, key: '0-0', value: 'of another time' }]);
      const ingest = await road.start();
      await vi.waitFor(async () => expect(await road.deadLetters()).toHaveLength(1), { timeout: 20_000 });
      await ingest.close();
      const [letter] = await road.deadLetters();
      expect(letter!.headers).toMatchObject({
        reason: 'data-gap',
        partition: '1',
        detail: expect.stringContaining('begins with an empty memory'),
      });
    });
  });
});

describeWithServers('on Kafka', ['kafka'], ({ kafka }) => {
  const inKafka = async (body: (log: Log) => Promise<void>): Promise<void> => {
    const log = await openKafkaLog({ brokers: [...kafka.bootstrapServers], clientId: 'poison' });
    try {
      await body(log);
    } finally {
      await log.close();
    }
  };

  test('a record over which the engine fails is set aside, and the partition goes on', async () => {
    await inKafka(async (log) => await withPoison(log, kafka.topicPrefix));
  });
});
