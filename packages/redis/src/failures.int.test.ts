import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureRequirements, freePorts, startRedis, type RunningRedis } from '@haulwatch/local';
import { LiveStoreError, type LiveStore, type LiveWrite } from '@haulwatch/ports';
import { sampleAlarm, sampleAlarmId } from '@haulwatch/testkit';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisStore } from './redis-store.ts';

// These kill and choke servers, so each starts its own.
const lacking = await ensureRequirements(['redis']).then(
  () => undefined,
  (error: Error) => error.message,
);

describe.skipIf(lacking !== undefined && process.env['CI'] !== 'true')(
  `the live store, when Redis fails ${lacking ?? ''}`,
  () => {
    test('a server that is not there: the error says what to do', async () => {
      const open = openRedisStore({ url: `redis://:secret@127.0.0.1:${await freePort()}/0`, prefix: 'x:' });
      await expect(open).rejects.toMatchObject({
        code: 'unreachable',
        retriable: true,
        message: expect.stringMatching(/start it/),
      });
      await expect(open).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
    });

    test('a server that comes later: who may wait for it opens all the same', async () => {
      await using server = await OwnServer.start();
      await server.kill();
      const store = await openRedisStore({ url: server.url, prefix: 'x:', mayBeAway: true });
      await expect(store.position()).rejects.toMatchObject({ code: 'unreachable', retriable: true });
      await server.run();
      await expect.poll(() => store.position().catch(String), patiently).toBe(-1);
      await store.close();
    });

    test.each(['', 'localhost:6379', 'http://localhost'])('a URL that is none: %j', async (url) => {
      await expect(openRedisStore({ url, prefix: 'x:' })).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('redis://'),
      });
    });

    test('a wrong password is no reason to try again', async () => {
      await using server = await OwnServer.start();
      const admin = new Redis(server.url);
      await admin.config('SET', 'requirepass', 'right');
      admin.disconnect();
      const open = openRedisStore({ url: server.url.replace('redis://', 'redis://:wrong@'), prefix: 'x:' });
      await expect(open).rejects.toMatchObject({
        code: 'failed',
        retriable: false,
        message: expect.stringContaining('password'),
      });
    });

    test('killed in the middle, again and again: nothing lost, nothing twice', async () => {
      await using server = await OwnServer.start();
      const store = await openRedisStore({ url: server.url, prefix: 'x:' });
      const last = 4_000;
      const reader = readAll(store, last);
      const writer = (async () => {
        let stored = -1;
        while (stored < last - 1) {
          try {
            const upTo = Math.min(last - 1, stored + 10);
            await store.apply({ after: stored, upTo, writes: positions(stored + 1, upTo).flatMap(writesOf) });
            stored = upTo;
          } catch (error) {
            stored = await positionWhenBack(store, error);
          }
        }
      })();
      for (let kills = 0; kills < 3; kills += 1) {
        await expect.poll(() => store.position().catch(() => -1), patiently).toBeGreaterThan((kills + 1) * 300);
        await server.kill();
        await server.run();
      }
      await writer;
      expect(await reader).toEqual(positions(0, last - 1).map((n) => `${n + 1}-0`));
      expect((await store.alarms()).length).toBe(100);
      expect(await store.openCounts()).toEqual({ overspeed: 100 });
      await store.close();
    });

    test('out of memory refuses the whole batch, and goes through when there is room again', async () => {
      await using server = await OwnServer.start();
      const store = await openRedisStore({ url: server.url, prefix: 'x:' });
      const admin = new Redis(server.url);
      await admin.config('SET', 'maxmemory', '1mb');
      const batch = { after: -1, upTo: 9, writes: positions(0, 9).flatMap(writesOf) };
      await expect(store.apply(batch)).rejects.toMatchObject({
        code: 'full',
        retriable: true,
        message: expect.stringContaining('maxmemory'),
      });
      await expect(
        store.putLastFixes([{ vehicleId: 'v', fixedAtMs: 1, receivedAtMs: 1, lonDeg: 1, latDeg: 1 }]),
      ).rejects.toMatchObject({ code: 'full' });
      expect(await admin.keys('*')).toEqual([]);
      await admin.config('SET', 'maxmemory', '0');
      await store.apply(batch);
      expect(await store.position()).toBe(9);
      admin.disconnect();
      await store.close();
    });

    test('a Redis that throws keys away is refused until it keeps them', async () => {
      await using server = await OwnServer.start();
      const admin = new Redis(server.url);
      await admin.config('SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
      const store = await openRedisStore({ url: server.url, prefix: 'x:' });
      const batch = { after: -1, upTo: 9, writes: positions(0, 9).flatMap(writesOf) };
      await expect(store.apply(batch)).rejects.toMatchObject({
        retriable: true,
        message: expect.stringContaining('set maxmemory-policy to noeviction'),
      });
      expect(await admin.keys('*')).toEqual([]);
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await store.apply(batch);
      expect(await store.position()).toBe(9);
      admin.disconnect();
      await store.close();
    });

    test('a primary that became a replica, and is one again', async () => {
      await using server = await OwnServer.start();
      const store = await openRedisStore({ url: server.url, prefix: 'x:' });
      const admin = new Redis(server.url);
      await admin.replicaof('127.0.0.1', await freePort());
      const apply = () => store.apply({ after: -1, upTo: 0, writes: writesOf(0) });
      await expect(apply()).rejects.toMatchObject({ code: 'unreachable', retriable: true });
      await admin.replicaof('NO', 'ONE');
      await expect.poll(() => apply().then(() => 'applied', String), patiently).toBe('applied');
      admin.disconnect();
      await store.close();
    });

    test('who waits for events is told that Redis went away, and can go on waiting when it is back', async () => {
      await using server = await OwnServer.start();
      const store = await openRedisStore({ url: server.url, prefix: 'x:' });
      const wait = store.events('0-0', 10, 60_000);
      const refused = expect(wait).rejects.toMatchObject({ code: 'unreachable', retriable: true });
      await store.events('0-0', 10, 50);
      await server.kill();
      await refused;
      await expect(store.position()).rejects.toBeInstanceOf(LiveStoreError);
      await server.run();
      await expect.poll(() => store.position().catch(String), patiently).toBe(-1);
      const again = readAll(store, 1);
      await store.apply({ after: -1, upTo: 0, writes: writesOf(0) });
      expect(await again).toEqual(['1-0']);
      await store.close();
    });
  },
);

/** How long something that has to come may take on a busy machine. */
const patiently = { timeout: 60_000 };

/** Follows the events as the API does: asks again after a failure, from where it was. */
async function readAll(store: LiveStore, count: number): Promise<string[]> {
  const seen: string[] = [];
  for (let next = '0-0'; seen.length < count;) {
    const page = await store.events(next, 100, 60_000).catch(async (error: unknown) => {
      await positionWhenBack(store, error);
      return { events: [], gap: false, next };
    });
    if (page.gap) throw new Error(`a gap after ${next}`);
    seen.push(...page.events.map((event) => event.id));
    next = page.next;
  }
  return seen;
}

async function positionWhenBack(store: LiveStore, error: unknown): Promise<number> {
  for (let failure = error; ;) {
    if (!(failure instanceof LiveStoreError) || !(failure.retriable || failure.code === 'rewound')) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      return await store.position();
    } catch (next) {
      failure = next;
    }
  }
}

/** What a position of the log brings: one of a hundred alarms anew, and an event. */
function writesOf(position: number): LiveWrite[] {
  const alarm = sampleAlarm({ alarmId: sampleAlarmId(position % 100), seq: position + 1 });
  return [
    { op: 'put-alarm', position, alarm },
    { op: 'event', position, index: 0, type: 'raised', data: `${position}` },
  ];
}

function positions(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** A Redis that a test may kill and start again, with what it had on its disk. */
class OwnServer implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  readonly #dir: string;
  #running: RunningRedis | undefined;

  static async start(): Promise<OwnServer> {
    const server = new OwnServer(await freePort(), await mkdtemp(join(tmpdir(), 'haulwatch-redis-')));
    await server.run();
    return server;
  }

  private constructor(port: number, dir: string) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#port = port;
    this.#dir = dir;
  }

  async run(): Promise<void> {
    this.#running = await startRedis({ dir: this.#dir, port: this.#port, ephemeral: true });
  }

  async kill(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}
