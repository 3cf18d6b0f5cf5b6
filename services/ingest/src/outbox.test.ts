import { LogError, type Log, type NewLogRecord } from '@haulwatch/ports';
import { expect, test, vi } from 'vitest';
import { Outbox } from './outbox.ts';

const record = (value: string): NewLogRecord => ({ partition: 0, key: null, value });

/** A log of which only `append` is there; each call waits for its turn, with the answer that the test gives. */
function logWith(answers: (() => Promise<void>)[]): { log: Log; appended: string[] } {
  const appended: string[] = [];
  const append: Log['append'] = async (_topic, records) => {
    await answers.shift()?.();
    appended.push(...records.map(({ value }) => String(value)));
    return [];
  };
  return { log: { append } as unknown as Log, appended };
}

const open = (log: Log, retries: string[] = []): Outbox =>
  new Outbox(log, 'topic', (_topic, error) => retries.push(error.message), new AbortController().signal);

test('what was put is durable when drained says so, in order, also after a retriable failure', async () => {
  const away = async (): Promise<void> => {
    throw new LogError('unreachable', 'the broker is away', { retriable: true });
  };
  const { log, appended } = logWith([away]);
  const retries: string[] = [];
  const outbox = open(log, retries);
  for (const value of ['a', 'b', 'c']) outbox.put(record(value));
  await vi.waitFor(() => expect(() => outbox.mustFlow()).toThrow('the broker is away'));
  await outbox.drained();
  expect(() => outbox.mustFlow()).not.toThrow();
  expect(appended).toEqual(['a', 'b', 'c']);
  expect(retries).toEqual(['the broker is away']);
});

test('drained does not wait for what is put after it', async () => {
  const second = Promise.withResolvers<void>();
  const { log, appended } = logWith([async () => {}, () => second.promise]);
  const outbox = open(log);
  outbox.put(record('first'));
  const drained = outbox.drained();
  await Promise.resolve();
  await Promise.resolve();
  outbox.put(record('second'));
  await drained;
  expect(appended).toEqual(['first']);
  second.resolve();
  await outbox.drained();
  expect(appended).toEqual(['first', 'second']);
});

test('bytes count as well as records', async () => {
  const stuck = Promise.withResolvers<void>();
  const { log } = logWith([() => stuck.promise]);
  const outbox = open(log);
  for (let i = 0; i < 40; i += 1) outbox.put(record('x'.repeat(1_000_000)));
  let roomy = false;
  const room = (async () => {
    await outbox.room();
    roomy = true;
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(roomy).toBe(false);
  stuck.resolve();
  await room;
  expect(roomy).toBe(true);
});

test('a failure that would come again ends it, for everybody who asks', async () => {
  const refused = new LogError('record-too-large', 'too large', { retriable: false });
  const { log } = logWith([() => Promise.reject(refused)]);
  const outbox = open(log);
  outbox.put(record('a'));
  await expect(outbox.drained()).rejects.toBe(refused);
  await expect(outbox.room()).rejects.toBe(refused);
  expect(() => outbox.put(record('b'))).toThrow(refused);
});
