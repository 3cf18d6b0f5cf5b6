import { toE7, type Fence } from '@haulwatch/domain';
import { hitsMax, type FenceIndex } from '@haulwatch/geo';
import { expect, test } from 'vitest';
import { FenceIndexMaker } from './fence-index-maker.ts';

function circle(id: string, lonDeg: number, radiusM: number): Fence {
  const shape = { kind: 'circle', centre: [lonDeg, 31], radiusM } as const;
  return { id, name: id, shape, prohibited: true, classes: [], schedule: [] };
}

function fencesAt(index: FenceIndex, lonDeg: number): number[] {
  const hits = new Int32Array(hitsMax);
  return [...hits.subarray(0, index.fencesAt(toE7(lonDeg), toE7(31), hits))];
}

test('versions are built in a thread of their own and answered in order', async () => {
  await using maker = new FenceIndexMaker();
  const first = [circle('a', 121, 500), circle('b', 121.002, 500)];
  const [one, two, none] = await Promise.all([
    maker.make(first),
    maker.make([circle('b', 121.002, 500), circle('a', 121.1, 500)]),
    maker.make([]),
  ]);
  expect([fencesAt(one, 121), fencesAt(two, 121), fencesAt(two, 121.1), fencesAt(none, 121)]).toEqual([
    [0, 1],
    [0],
    [1],
    [],
  ]);
});

test('the event loop turns while an index is built', async () => {
  await using maker = new FenceIndexMaker();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const fences = Array.from({ length: 5_000 }, (_, i) => circle(`f${i}`, 120 + i / 5_000, 300));
  const index = await maker.make(fences);
  clearInterval(timer);
  expect(index.size).toBe(5_000);
  // Handing the fences over takes part of the loop's time; waiting for the build would have taken all of it.
  expect(turns).toBeGreaterThan(3);
});

test('when the thread has ended, so has every call', async () => {
  const maker = new FenceIndexMaker();
  await maker.make([]);
  await maker[Symbol.asyncDispose]();
  await expect(maker.make([circle('a', 121, 500)])).rejects.toThrow('the thread that builds fence indices has ended');
});
