import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, encodeFrame, homePartition, isReject, rowsPerRecordMax } from '@haulwatch/codec';
import { countersZero, FixBatch, Fleet, groupOf, topicsWithPrefix } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import { Engine } from '@haulwatch/engine';
import type { GroupMember, Log, LogRecord } from '@haulwatch/ports';
import { compilePolicy } from '@haulwatch/rules';
import { topicSpecs } from '@haulwatch/service';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inPieces } from '../replay/_chunks.ts';
import { readJsonLines, readTraccarLines } from '../replay/jsonl-rows.ts';
import { RejectTally } from '../replay/reject-tally.ts';
import { rowOfFrame, type ReplayRows } from '../replay/replay-row.ts';
import { beganAtMs, drive, jsonLines, testPolicy } from './_samples.ts';
import { openEngineTarget } from './engine-target.ts';
import { openLogTarget, type LogTargetOptions } from './log-target.ts';

const topics = topicsWithPrefix('t-');
const partitions = 4;
const wait = { stallMs: 10_000, pollMs: 5, signal: new AbortController().signal };
const silent = (): RejectTally => new RejectTally('a:', () => {});

async function openLog(): Promise<Log> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-'));
  const log = await openSqliteLog({ dir });
  onTestFinished(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });
  await log.ensureTopics(topicSpecs(topics, partitions));
  return log;
}

/** The engines of ingest in the smallest: what comes is counted, and the counts stand in the commits. */
async function startCounting(log: Log): Promise<void> {
  const fleet = new Fleet();
  const rules = compilePolicy(testPolicy());
  const engines = Array.from({ length: partitions }, (_, partition) => {
    const isHome = (vehicleId: string): boolean => homePartition(vehicleId, partitions) === partition;
    return new Engine({ fleet, rules, partition, isHome });
  });
  const batch = new FixBatch(rowsPerRecordMax);
  const take = (engine: Engine, record: LogRecord): void => {
    batch.clear();
    const decoded = decodeRecord(record, engine.vehicles, batch);
    if (isReject(decoded)) engine.countReject(decoded.reason);
    else engine.process(batch);
  };
  const member: GroupMember = await log.join({
    group: groupOf(topics, 'ingest'),
    topic: topics.telemetry,
    handler: {
      onAssigned: async () => 'beginning',
      onRevoked: () => {},
      onBatch: async ({ partition, records }) => {
        const engine = engines[partition]!;
        for (const record of records) take(engine, record);
        await member.commit(partition, records.at(-1)!.offset + 1, JSON.stringify({ v: 1, counters: engine.counters }));
      },
    },
  });
  onTestFinished(() => member.close());
}

async function play(log: Log, rows: ReplayRows, options: Partial<LogTargetOptions> = {}) {
  const tally = silent();
  let count = 0;
  await using target = await openLogTarget({
    log,
    topics,
    fleet: new Fleet(),
    tally,
    wait,
    rawTraccar: false,
    ...options,
  });
  for await (const some of rows) {
    await target.take(some);
    count += some.length;
  }
  return { counters: await target.finish(count), tally };
}

async function recordsOf(
  log: Log,
  topic: string,
): Promise<{ partition: number; key: string | null; value: Uint8Array }[]> {
  const ends = await log.endOffsets(topic);
  const all = await Promise.all(ends.map((end, partition) => log.read(topic, partition, 0, end)));
  return all.flat().map(({ partition, key, value }) => ({
    partition,
    key: key === null ? null : Buffer.from(key).toString(),
    value: value!,
  }));
}

describe('what becomes of the rows', () => {
  test('is the same as without a server', async () => {
    const text = jsonLines(drive(9));
    const log = await openLog();
    await startCounting(log);
    const { counters } = await play(log, readJsonLines(inPieces(text, 5_000)));
    const offline = await openEngineTarget({ policy: testPolicy(), fleet: new Fleet(), partitions, tally: silent() });
    for await (const rows of readJsonLines(inPieces(text, 5_000))) await offline.take(rows);
    expect(counters).toEqual(await offline.finish(540));
    expect(counters).toMatchObject({ fixes: 540, alarmsRaised: 12 });
  });

  test('is only what this replay brought: a second one is all duplicates', async () => {
    const text = jsonLines(drive(2));
    const log = await openLog();
    await startCounting(log);
    await play(log, readJsonLines(inPieces(text, 5_000)));
    const { counters } = await play(log, readJsonLines(inPieces(jsonLines(drive(2).slice(-2)), 5_000)));
    expect(counters).toEqual({ ...countersZero(), duplicates: 2 });
  });

  test('counts lines that cannot be read once: they go to ingest, which lays them in the dead letters', async () => {
    const log = await openLog();
    await startCounting(log);
    const { counters, tally } = await play(log, readJsonLines(inPieces(`{broken\n${jsonLines(drive(1).slice(0, 1))}`)));
    expect(counters).toMatchObject({ fixes: 1, rejects: { 'json-broken': 1 } });
    expect(tally.counts).toEqual({});
    const values = (await recordsOf(log, topics.telemetry)).map(({ value }) => Buffer.from(value).toString());
    expect(values).toContain('{broken');
  });
});

test('a vehicle goes home under its own id, also where the file names it by an alias', async () => {
  const fleet = new Fleet();
  for (const vehicle of fleet.register([{ id: 'truck-1', class: 'heavy', aliases: ['013812345678'] }]))
    fleet.put(vehicle);
  const log = await openLog();
  const fix = { vehicleId: '013812345678', fixedAtMs: beganAtMs, lonDeg: 121.4, latDeg: 31.2 };
  const { counters } = await play(log, readJsonLines(inPieces(jsonLines([fix]))), { fleet, wait: undefined } as never);
  expect(counters).toBeUndefined();
  expect(await recordsOf(log, topics.telemetry)).toMatchObject([
    { partition: homePartition('truck-1', partitions), key: 'truck-1' },
  ]);
});

test('a frame is split by the homes of its vehicles', async () => {
  const fleet = new Fleet();
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const vehicle of fleet.register(ids.map((id) => ({ id, class: 'heavy' as const })))) fleet.put(vehicle);
  const rows = ids.map((_, n) => ({ vehicleNumber: n + 1, fixedAtMs: beganAtMs, lonDeg: 121.4, latDeg: 31.2 }));
  const log = await openLog();
  await using target = await openLogTarget({ log, topics, fleet, tally: silent(), rawTraccar: false });
  await target.take([rowOfFrame(1, encodeFrame(rows, beganAtMs))]);
  await target.finish(5);
  const homes = new Set(ids.map((id) => homePartition(id, partitions)));
  const records = await recordsOf(log, topics.telemetry);
  expect(homes.size).toBeGreaterThan(1);
  expect(new Set(records.map(({ partition }) => partition))).toEqual(homes);
});

test("Traccar's records go as they are, key and all, where that is wanted", async () => {
  const value = JSON.stringify({
    position: { fixTime: '2026-11-22T05:55:03.000+00:00', valid: true, latitude: 31.19, longitude: 121.41 },
    device: { uniqueId: '123456789012' },
  });
  const lines = `${JSON.stringify({ key: '17', value })}\n{"position":{}}\n`;
  const log = await openLog();
  await using target = await openLogTarget({ log, topics, fleet: new Fleet(), tally: silent(), rawTraccar: true });
  for await (const rows of readTraccarLines(inPieces(lines), () => {})) await target.take(rows);
  await target.finish(2);
  const records = await recordsOf(log, topics.traccar);
  expect(records.map(({ key, value: bytes }) => [key, Buffer.from(bytes).toString()])).toContainEqual(['17', value]);
  expect(records).toHaveLength(2);
  expect(await recordsOf(log, topics.telemetry)).toEqual([]);
});

describe('where ingest does not run', () => {
  const impatient = { ...wait, stallMs: 50 };

  test('nothing is sent while older telemetry lies unread', async () => {
    const log = await openLog();
    await log.append(topics.telemetry, [{ partition: 0, key: null, value: 'x' }]);
    await expect(play(log, readJsonLines(inPieces(jsonLines(drive(1)))), { wait: impatient })).rejects.toThrow(
      'ingest stands still with 1 records to read that are older than this replay',
    );
    expect(await recordsOf(log, topics.telemetry)).toHaveLength(1);
  });

  test('the wait has an end and says that the rows stand in the log', async () => {
    const log = await openLog();
    await expect(play(log, readJsonLines(inPieces(jsonLines(drive(1)))), { wait: impatient })).rejects.toThrow(
      'has 60 of their records to read: is it running?',
    );
    expect(await recordsOf(log, topics.telemetry)).toHaveLength(60);
  });
});
