import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFixJson, homePartition } from '@haulwatch/codec';
import { groupOf } from '@haulwatch/domain';
import { openSqliteLog } from '@haulwatch/embedded';
import type { Log } from '@haulwatch/ports';
import { expect, test, vi } from 'vitest';
import { decodeMetadata, type Ingest } from '../src/app.ts';
import { openRoad, type Road } from './_road.ts';

const startMs = Date.parse('2026-11-22T02:00:00Z');
const waitOptions = { timeout: 10_000 };

type Leaving = {
  readonly road: Road;
  readonly first: Ingest;
  readonly left: Promise<void>;
  /** The last states may be written now. */
  write(): void;
  /** The truck reports; its emergency button is pressed. */
  press(second: number): Promise<void>;
  committed(): Promise<{ readonly upTo: number; readonly fixes: number }>;
};

/** An ingest that has judged one record and was told to leave; its last state is on its way to the log, and is held up there. */
async function startLeaving(stack: AsyncDisposableStack): Promise<Leaving> {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-handover-'));
  stack.defer(() => rm(dir, { recursive: true }));
  const log = stack.adopt(await openSqliteLog({ dir }), (it) => it.close());
  const writing = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const append: Log['append'] = async (topic, records) => {
    if (topic === 'engine-state') {
      asked.resolve();
      await writing.promise;
    }
    return log.append(topic, records);
  };
  const slow = new Proxy(log, { get: (_, name: keyof Log) => (name === 'append' ? append : log[name].bind(log)) });
  const road = await openRoad(slow, '', 1, [{ id: 'truck-1', class: 'heavy' }]);
  const report = async (second: number, alarmFlags: number): Promise<void> => {
    const atMs = startMs + second * 1_000;
    const place = { lonDeg: 121.9, latDeg: 31, speedKph: 60, alarmFlags };
    const fix = { vehicleId: 'truck-1', fixedAtMs: atMs, receivedAtMs: atMs, ...place };
    const partition = homePartition('truck-1', 1);
    await log.append(road.topics.telemetry, [{ partition, key: 'truck-1', value: encodeFixJson(fix) }]);
  };
  // Nothing is checkpointed but at the end.
  const first = await road.start({ checkpointMs: 3_600_000, idleCheckpointMs: 3_600_000 });
  await report(0, 0);
  await vi.waitFor(() => expect(first.positions().get(0)).toBe(1), waitOptions);
  const left = first.close();
  await asked.promise;
  const committed: Leaving['committed'] = async () => {
    const [commit] = await log.committed(groupOf(road.topics, 'ingest'), road.topics.telemetry);
    return { upTo: commit!.offset, fixes: decodeMetadata(commit!.metadata)!.counters.fixes };
  };
  return { road, first, left, write: () => writing.resolve(), press: (second) => report(second, 1), committed };
}

const idsOf = async (road: Road): Promise<readonly string[]> =>
  (await road.steps()).map(({ kind, seq, alarmId }) => `${kind} ${seq} ${alarmId}`);

test('whoever leaves judges on while its states are written; the next tells the same of that under the same ids', async () => {
  await using stack = new AsyncDisposableStack();
  const { road, first, left, write, press, committed } = await startLeaving(stack);
  await press(10);
  await vi.waitFor(async () => expect(await idsOf(road)).toHaveLength(1), waitOptions);
  expect(first.positions().get(0)).toBe(2);
  write();
  await left;
  expect(await committed()).toEqual({ upTo: 1, fixes: 1 });

  const second = await road.start();
  await vi.waitFor(async () => expect(await idsOf(road)).toHaveLength(2), waitOptions);
  await second.close();
  expect(await committed()).toEqual({ upTo: 2, fixes: 2 });
  const [told, toldAgain] = await idsOf(road);
  expect(toldAgain).toBe(told);
});

test('where the next may go by another policy nothing is left to it', async () => {
  await using stack = new AsyncDisposableStack();
  const { road, first, left, write, press, committed } = await startLeaving(stack);
  await press(10);
  await vi.waitFor(async () => expect(await idsOf(road)).toHaveLength(1), waitOptions);
  first.setPolicy({ ...road.policy, version: road.policy.version + 1 });
  write();
  await left;
  expect(await committed()).toEqual({ upTo: 2, fixes: 2 });

  const second = await road.start();
  await press(20);
  await vi.waitFor(() => expect(second.positions().get(0)).toBe(3), waitOptions);
  await second.close();
  expect((await idsOf(road)).filter((id) => id.startsWith('raised'))).toHaveLength(1);
});
