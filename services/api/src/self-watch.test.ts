import { topicsWithPrefix } from '@haulwatch/domain';
import { LiveStoreError, type History, type LiveStore, type Log } from '@haulwatch/ports';
import { createLogger, Registry } from '@haulwatch/service';
import { expect, onTestFinished, test, vi } from 'vitest';
import { apiForTests } from '../test/api-for-tests.ts';
import { SelfWatch } from './self-watch.ts';

type Told = {
  readonly platformAlarms: readonly { readonly kind: string; readonly subject: string; readonly detail: string }[];
};

test('a record that was set aside is on the status, in the metrics and in the heartbeat of the screens', async () => {
  const api = await apiForTests();
  const headers = {
    reason: 'poison',
    topic: 'telemetry',
    partition: '3',
    offset: '77',
    detail: 'the engine fails over it',
  };
  await api.log.append(api.topics.deadLetters, [
    { partition: 0, key: null, value: 'x', headers: { reason: 'json-broken' } },
    { partition: 0, key: null, value: 'y', headers },
  ]);
  const wanted = { kind: 'poison', subject: 'telemetry[3] at 77', detail: 'the engine fails over it' };
  await vi.waitFor(
    async () => {
      const status = (await api.app.inject('/v1/status')).json<Told>();
      expect(status.platformAlarms).toMatchObject([wanted]);
    },
    { timeout: 20_000 },
  );
  expect((await api.app.inject('/metrics')).body).toContain('haulwatch_platform_alarms{kind="poison"} 1');

  const abort = new AbortController();
  const response = await fetch(`${await api.address()}/v1/events`, { signal: abort.signal });
  let text = '';
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk as Uint8Array);
    if (text.includes('event: heartbeat')) break;
  }
  abort.abort();
  expect(text).toContain('"platformAlarms":[{"kind":"poison","subject":"telemetry[3] at 77"');
});

test('what does not answer is told, the rest goes on being looked at, and it ends when it answers', async () => {
  const topics = topicsWithPrefix('');
  let nowMs = 1_700_000_000_000;
  let isAway = true;
  const registry = new Registry();
  const watch = new SelfWatch({
    log: {
      committed: async () => [{ partition: 0, offset: 5, metadata: '' }],
      startOffsets: async () => [0],
      endOffsets: async (topic: string) => (topic === topics.telemetry ? [9] : [0]),
    } as unknown as Log,
    live: {
      position: async () => {
        if (isAway) throw new LiveStoreError('unreachable', 'Redis is away', { retriable: true });
        return -1;
      },
    } as unknown as LiveStore,
    history: { position: async () => -1 } as unknown as History,
    topics,
    registry,
    logger: createLogger('test', 'silent'),
    nowMs: () => nowMs,
  });
  const look = async (): Promise<string[]> => {
    await watch.look();
    nowMs += 5_000;
    return watch.alarms().map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`);
  };
  const told: string[][] = [];
  for (let i = 0; i < 14; i += 1) told.push(await look());
  expect(told[2]).toEqual([]);
  expect(told[3]).toEqual(['away live: Redis is away']);
  expect(told[13]).toEqual([
    'away live: Redis is away',
    'no-progress ingest: no progress for 65 s: is ingest running?, 4 records wait',
  ]);
  expect(await registry.metrics()).toContain('haulwatch_platform_alarms{kind="away"} 1');
  isAway = false;
  expect(await look()).toEqual(['no-progress ingest: no progress for 70 s: is ingest running?, 4 records wait']);
});

test('dead letters that are read slowly are told by the next look, each once', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const topics = topicsWithPrefix('');
  const nowMs = 1_700_000_000_000;
  const headers = { reason: 'poison', topic: 'telemetry', partition: '3', offset: '77', detail: 'fails' };
  const letter = { partition: 0, key: null, value: null, timestampMs: nowMs };
  const slow = Promise.withResolvers<void>();
  const watch = new SelfWatch({
    log: {
      committed: async () => [],
      startOffsets: async () => [0],
      endOffsets: async (topic: string) => (topic === topics.deadLetters ? [2] : [0]),
      read: async () => {
        await slow.promise;
        // Once more, after a crash before it was committed.
        return [
          { ...letter, offset: 0, headers },
          { ...letter, offset: 1, headers },
        ];
      },
    } as unknown as Log,
    live: { position: async () => -1 } as unknown as LiveStore,
    history: { position: async () => -1 } as unknown as History,
    topics,
    registry: new Registry(),
    logger: createLogger('test', 'silent'),
    nowMs: () => nowMs,
  });
  const first = watch.look();
  await vi.advanceTimersByTimeAsync(4_000);
  await first;
  expect(watch.alarms()).toEqual([]);
  slow.resolve();
  await watch.look();
  expect(watch.alarms()).toMatchObject([{ kind: 'poison', subject: 'telemetry[3] at 77' }]);
});

test('a grave dead letter is told, however many others come with it', async () => {
  const topics = topicsWithPrefix('');
  const nowMs = 1_700_000_000_000;
  const grave = { reason: 'poison', topic: 'telemetry', partition: '3', offset: '77', detail: 'fails' };
  let end = 1;
  const watch = new SelfWatch({
    log: {
      committed: async () => [],
      startOffsets: async () => [0],
      endOffsets: async (topic: string) => (topic === topics.deadLetters ? [end] : [0]),
      read: async (_topic: string, _partition: number, offset: number, count: number) =>
        Array.from({ length: count }, (_, i) => ({
          partition: 0,
          offset: offset + i,
          key: null,
          value: null,
          timestampMs: nowMs,
          headers: offset + i === 5 ? grave : { reason: 'json-broken' },
        })),
    } as unknown as Log,
    live: { position: async () => -1 } as unknown as LiveStore,
    history: { position: async () => -1 } as unknown as History,
    topics,
    registry: new Registry(),
    logger: createLogger('test', 'silent'),
    nowMs: () => nowMs,
  });
  await watch.look();
  end = 50_000;
  await watch.look();
  expect(watch.alarms().map(({ kind }) => kind)).toContain('poison');
});
