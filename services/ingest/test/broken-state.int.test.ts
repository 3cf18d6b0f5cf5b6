import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFixJson } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import type { Log } from '@haulwatch/ports';
import { expect, test, vi } from 'vitest';
import { decodeMetadata, type CommitMetadata } from '../src/app.ts';
import { openRoad } from './_road.ts';

const startMs = Date.parse('2026-11-22T02:00:00Z');
const waitOptions = { timeout: 10_000 };
/** Speeds of a heavy truck every 10 s: over its limit of 100 km/h for two minutes, then calm. */
const speedsKph = [...Array<number>(13).fill(121), ...Array<number>(13).fill(60)];

/** An ingest that has left two states: up to the 3rd fix, and up to the 9th, with an alarm raised between the two. */
async function openBroken(stack: AsyncDisposableStack) {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-broken-'));
  stack.defer(() => rm(dir, { recursive: true }));
  const log = stack.adopt(await openSqliteLog({ dir }), (it) => it.close());
  /** States whose bytes have gone wrong, by their offset. */
  const broken = new Set<number>();
  const removed = { before: 0 };
  const faulty: Partial<Log> = {
    read: async (...where) => {
      const records = await log.read(...where);
      if (where[0] !== 'engine-state' || !broken.has(where[2])) return records;
      return records.map((it) => ({ ...it, value: Buffer.from(it.value!).fill(0xff, 100, 101) }));
    },
    startOffsets: async (topic) => (topic === 'telemetry' ? [removed.before] : await log.startOffsets(topic)),
  };
  const seen = new Proxy(log, { get: (_, name: keyof Log) => faulty[name] ?? log[name].bind(log) });
  const road = await openRoad(seen, '', 1, [{ id: 'truck-1', class: 'heavy' }]);
  const send = async (from: number, to: number): Promise<void> => {
    const records = speedsKph.slice(from, to).map((speedKph, i) => {
      const atMs = startMs + (from + i) * 10_000;
      const place = { lonDeg: 121.9, latDeg: 31 + (from + i) * 0.002, speedKph };
      const fix = { vehicleId: 'truck-1', fixedAtMs: atMs, receivedAtMs: atMs, ...place };
      return { partition: 0, key: 'truck-1', value: encodeFixJson(fix) };
    });
    await log.append(road.topics.telemetry, records);
  };
  const committed = async (upTo: number): Promise<CommitMetadata> =>
    await vi.waitFor(async () => {
      const [commit] = await log.committed(groupOf(road.topics, 'ingest'), road.topics.telemetry);
      expect(commit?.offset).toBe(upTo);
      return decodeMetadata(commit!.metadata)!;
    }, waitOptions);
  const first = await road.start();
  await send(0, 3);
  const older = await committed(3);
  await send(3, 9);
  const newer = await committed(9);
  await first.close();
  expect(newer.previous).toEqual({ upTo: 3, state: older.state });
  return { road, send, committed, broken, removed, older: older.state.offset, newer: newer.state.offset };
}

test('where the newest state cannot be read the one before is taken, and the input since is judged again', async () => {
  await using stack = new AsyncDisposableStack();
  const { road, send, committed, broken, newer } = await openBroken(stack);
  broken.add(newer);
  const again = await road.start();
  await send(9, speedsKph.length);
  const { counters, previous } = await committed(speedsKph.length);
  await again.close();

  expect(counters).toMatchObject({ fixes: speedsKph.length, duplicates: 0 });
  expect(previous?.upTo).toBeGreaterThanOrEqual(3);
  const steps = await road.steps();
  expect(steps.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['raised 1', 'raised 1', 'cleared 2']);
  expect(new Set(steps.map(({ alarmId }) => alarmId)).size).toBe(1);
  const [letter] = await road.deadLetters();
  expect(letter?.headers).toMatchObject({
    reason: 'broken-state',
    topic: 'telemetry',
    partition: '0',
    offset: '9',
    detail: expect.stringMatching(/checksum.*the one before is taken, and 6 records are judged again/),
  });
  expect(road.metrics.brokenStates).toBe(1);
});

test.each<[string, (it: Awaited<ReturnType<typeof openBroken>>) => void]>([
  ['the one before cannot be read either', ({ broken, older }) => broken.add(older)],
  ['some of the input since is gone', ({ removed }) => (removed.before = 4)],
])('nothing is taken for a state where %s', async (_what, harm) => {
  await using stack = new AsyncDisposableStack();
  const opened = await openBroken(stack);
  opened.broken.add(opened.newer);
  harm(opened);
  const again = await opened.road.start();
  await expect(again.failed).rejects.toThrow(/state of partition 0 at 9 cannot be used, nor one before it.*delete the/);
  await again.close();
  expect(await opened.road.deadLetters()).toEqual([]);
  expect(await opened.road.steps()).toHaveLength(1);
});
