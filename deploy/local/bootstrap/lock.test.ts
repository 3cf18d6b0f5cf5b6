import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectLock, withLock } from './lock.mjs';

let dir: string;
let lock: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'haulwatch-lock-'));
  lock = join(dir, 'setup.lock');
});

afterEach(() => rmSync(dir, { recursive: true }));

/** The pid of a process that has ended. */
function deadPid(): number {
  return spawnSync('true').pid;
}

function makeLock(pid: number | undefined, ageMs: number): void {
  mkdirSync(lock);
  if (pid !== undefined) writeFileSync(join(lock, 'pid'), String(pid));
  const at = new Date(Date.now() - ageMs);
  utimesSync(lock, at, at);
}

describe('a lock', () => {
  test.each([
    ['of a living process with a heartbeat', () => process.pid, 1000, 'held'],
    ['of a living process without heartbeat', () => process.pid, 61_000, 'stale'],
    ['of a dead process', deadPid, 0, 'stale'],
    ['that has no pid yet', () => undefined, 1000, 'held'],
    ['that never got a pid', () => undefined, 6000, 'stale'],
  ])('%s', (_, pid, ageMs, expected) => {
    makeLock(pid(), ageMs);
    expect(inspectLock(lock, Date.now()).kind).toBe(expected);
  });

  test('that is not there', () => {
    expect(inspectLock(lock, Date.now())).toEqual({ kind: 'gone' });
  });
});

/** Work that notes how many do it at the same time. */
function watchedWork() {
  let inside = 0;
  const seen = { most: 0, runs: 0 };
  const work = async () => {
    inside += 1;
    seen.most = Math.max(seen.most, inside);
    await sleep(20);
    inside -= 1;
    seen.runs += 1;
  };
  return { seen, work };
}

test.each([
  ['free', () => {}],
  ['left by a dead process', () => makeLock(deadPid(), 0)],
])('lets one in at a time: %s', async (_, prepare) => {
  prepare();
  const { seen, work } = watchedWork();
  await Promise.all(Array.from({ length: 5 }, () => withLock(lock, () => {}, work)));
  expect(seen).toEqual({ most: 1, runs: 5 });
  expect(readdirSync(dir)).toEqual([]);
});

test('is given back when the work fails', async () => {
  await expect(
    withLock(
      lock,
      () => {},
      () => Promise.reject(new Error('disk full')),
    ),
  ).rejects.toThrow('disk full');
  expect(existsSync(lock)).toBe(false);
});

test('tells who holds it, once', async () => {
  const waits: (number | undefined)[] = [];
  const hold = withLock(
    lock,
    () => {},
    () => sleep(500),
  );
  await withLock(
    lock,
    (pid) => waits.push(pid),
    async () => {},
  );
  await hold;
  expect(waits).toEqual([process.pid]);
});
