import { describeWithServers, liveStoreContract, sampleAlarm } from '@haulwatch/testkit';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisStore } from './redis-store.ts';

describeWithServers('the live store on Redis', ['redis'], ({ redis }) => {
  let opened = 0;

  /** Options of a store that nobody else uses. */
  const fresh = () => ({ url: redis.url, prefix: `${redis.keyPrefix}${(opened += 1)}:` });

  liveStoreContract(async (options) => {
    const connection = { ...fresh(), ...options };
    const store = await openRedisStore(connection);
    const other = await openRedisStore(connection);
    return {
      store,
      other,
      lose: async () => {
        await removeKeys(connection.url, connection.prefix);
        return store;
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all([store.close(), other.close()]);
        await removeKeys(connection.url, connection.prefix);
      },
    };
  });

  describe('on the server', () => {
    test('all keys lie in one slot of a cluster, and none is left behind by closed alarms', async () => {
      const { url, prefix } = fresh();
      const store = await openRedisStore({ url, prefix });
      const probe = new Redis(url);
      try {
        const data = { type: 'raised', data: '{}' };
        await store.apply({
          after: -1,
          upTo: 0,
          writes: [
            { op: 'put-alarm', position: 0, alarm: sampleAlarm() },
            { op: 'event', position: 0, index: 0, ...data },
          ],
        });
        await store.putLastFixes([{ vehicleId: 'v', fixedAtMs: 1, receivedAtMs: 1, lonDeg: 1, latDeg: 1 }]);
        const keys = await keysUnder(probe, prefix);
        const slots = await Promise.all(
          keys.map((key) => probe.call('CLUSTER', 'KEYSLOT', key).catch(() => key.match(/\{.+?\}/)?.[0])),
        );
        expect({ keys: keys.length, slots: new Set(slots).size }).toEqual({ keys: 7, slots: 1 });
        await store.apply({
          after: 0,
          upTo: 1,
          writes: [{ op: 'put-alarm', position: 1, alarm: sampleAlarm({ kind: 'cleared' }) }],
        });
        await store.apply({
          after: 1,
          upTo: 2,
          writes: [{ op: 'drop-alarm', position: 2, alarmId: sampleAlarm().alarmId }],
        });
        const left = (await keysUnder(probe, prefix)).map((key) => key.slice(prefix.length)).sort();
        expect(left).toEqual(['{room}:events', '{room}:last-fixes', '{room}:position']);
      } finally {
        probe.disconnect();
        await store.close();
        await removeKeys(url, prefix);
      }
    });

    test('many waiting readers take one connection', async () => {
      const { url, prefix } = fresh();
      const store = await openRedisStore({ url, prefix });
      const probe = new Redis(url);
      try {
        const before = await blockedConnections(probe);
        const waits = Array.from({ length: 200 }, () => store.events('0-0', 1, 60_000));
        await expect.poll(() => blockedConnections(probe), { timeout: 60_000 }).toBe(before + 1);
        await store.apply({
          after: -1,
          upTo: 0,
          writes: [{ op: 'event', position: 0, index: 0, type: 't', data: '' }],
        });
        expect(new Set((await Promise.all(waits)).map((page) => page.next))).toEqual(new Set(['1-0']));
      } finally {
        probe.disconnect();
        await store.close();
        await removeKeys(url, prefix);
      }
    });

    test('deleting the position alone has everything rebuilt, and no event twice', async () => {
      const { url, prefix } = fresh();
      const store = await openRedisStore({ url, prefix });
      const probe = new Redis(url);
      try {
        const event = { op: 'event', type: 'raised', data: '{}' } as const;
        const writes = [0, 1, 2, 3].map((n) => ({ ...event, position: Math.floor(n / 2), index: n % 2 }));
        await store.apply({ after: -1, upTo: 1, writes });
        await probe.unlink(`${prefix}{room}:position`);
        await store.apply({ after: -1, upTo: 2, writes: [...writes, { ...event, position: 2, index: 0 }] });
        const { events } = await store.events('0-0', 10, 0);
        expect(events.map(({ id }) => id)).toEqual(['1-0', '1-1', '2-0', '2-1', '3-0']);
      } finally {
        probe.disconnect();
        await store.close();
        await removeKeys(url, prefix);
      }
    });

    test('a foreign key under our name is an error with advice, not a crash', async () => {
      const { url, prefix } = fresh();
      const store = await openRedisStore({ url, prefix });
      const probe = new Redis(url);
      try {
        await probe.set(`${prefix}{room}:alarms`, 'somebody else');
        const apply = store.apply({
          after: -1,
          upTo: 0,
          writes: [{ op: 'put-alarm', position: 0, alarm: sampleAlarm() }],
        });
        await expect(apply).rejects.toMatchObject({
          code: 'failed',
          retriable: false,
          message: expect.stringContaining('another prefix'),
        });
        expect(await store.position()).toBe(-1);
      } finally {
        probe.disconnect();
        await store.close();
        await removeKeys(url, prefix);
      }
    });
  });
});

async function blockedConnections(probe: Redis): Promise<number> {
  const clients = String(await probe.client('LIST'));
  return clients.split('\n').filter((client) => / cmd=xread/.test(client) && / flags=b/.test(client)).length;
}

async function keysUnder(probe: Redis, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const found of probe.scanStream({ match: `${prefix}*`, count: 1_000 })) keys.push(...(found as string[]));
  return [...new Set(keys)];
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const probe = new Redis(url);
  const keys = await keysUnder(probe, prefix);
  if (keys.length > 0) await probe.unlink(...keys);
  probe.disconnect();
}
