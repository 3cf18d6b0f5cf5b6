import type { LogRecord, NewLogRecord } from '@haulwatch/ports';
import { describe, expect, test, vi } from 'vitest';
import { logGroupContract } from './log-group-contract.ts';
import {
  logForTest,
  numbered,
  plain,
  recorder,
  text,
  texts,
  topicForTest,
  waitOptions,
  type OpenLog,
} from './log-under-test.ts';

/** What every Log promises, as tests. */
export function logContract(name: string, open: OpenLog): void {
  describe(name, { timeout: 60_000 }, () => {
    describe('topics', () => topicsContract(open));
    describe('appends', () => appendContract(open));
    describe('reads', () => readContract(open));
    describe('is followed', () => followContract(open));
    logGroupContract(open);
  });
}

function topicsContract(open: OpenLog): void {
  test('a topic that is there stays as it is, also where several make it at once', async () => {
    const { log, topic } = await logForTest(open);
    const [first, second] = [topic('first'), topic('second')];
    await log.ensureTopics([{ name: first, partitions: 3 }]);
    await Promise.all(
      [1, 2, 3].map(() =>
        log.ensureTopics([
          { name: first, partitions: 5 },
          { name: second, partitions: 2 },
        ]),
      ),
    );
    expect([await log.partitionCount(first), await log.partitionCount(second)]).toEqual([3, 2]);
  });

  test('an unknown topic is told by each call', async () => {
    const { log, topic } = await logForTest(open);
    const missing = topic('missing');
    const calls = [
      () => log.partitionCount(missing),
      () => log.append(missing, texts(0, 'a')),
      () => log.read(missing, 0, 0, 1),
      () => log.follow(missing, () => undefined),
      () => log.startOffsets(missing),
      () => log.endOffsets(missing),
      () => log.committed(topic('group'), missing),
      () => log.join({ group: topic('group'), topic: missing, handler: recorder() }),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        name: 'LogError',
        code: 'topic-missing',
        retriable: false,
      });
  });
}

function appendContract(open: OpenLog): void {
  test('answers where the records were put, by partition', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { partitions: 3 });
    const { log } = subject;
    expect(await log.append(topic, [])).toEqual([]);
    expect(byPartition(await log.append(topic, [...texts(2, 'a'), ...texts(0, 'b', 'c'), ...texts(2, 'd')]))).toEqual([
      { partition: 0, baseOffset: 0, count: 2 },
      { partition: 2, baseOffset: 0, count: 2 },
    ]);
    expect(await log.append(topic, texts(2, 'e'))).toEqual([{ partition: 2, baseOffset: 2, count: 1 }]);
    expect(await log.endOffsets(topic)).toEqual([2, 0, 3]);
    expect(await log.startOffsets(topic)).toEqual([0, 0, 0]);
    expect((await log.read(topic, 2, 0, 9)).map((it) => text(it.value))).toEqual(['a', 'd', 'e']);
  });

  test('keeps key, value and headers byte by byte', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const everyByte = Uint8Array.from({ length: 256 }, (_, n) => n);
    const records: NewLogRecord[] = [
      { partition: 0, key: null, value: null },
      { partition: 0, key: '', value: '' },
      {
        partition: 0,
        key: '沪A12345',
        value: '危险品 🚚',
        headers: { source: 'gateway', 原因: '超速' },
      },
      { partition: 0, key: 'view', value: everyByte.subarray(7, 250), headers: { empty: '' } },
      { partition: 0, key: 'bytes', value: everyByte },
    ];
    await subject.log.append(topic, records);
    const read = await subject.log.read(topic, 0, 0, records.length);
    const asBytes = (value: NewLogRecord['value']): number[] | null =>
      value === null ? null : [...(typeof value === 'string' ? new TextEncoder().encode(value) : value)];
    expect(read.map(plain)).toEqual(
      records.map((it, offset) => ({
        partition: 0,
        offset,
        key: it.key,
        value: asBytes(it.value),
        headers: it.headers ?? {},
      })),
    );
  });

  test('stamps records with the time of their production', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const beforeMs = Date.now();
    await subject.log.append(topic, texts(0, 'a'));
    const [record] = await subject.log.read(topic, 0, 0, 1);
    expect(record!.timestampMs).toBeGreaterThanOrEqual(beforeMs);
    expect(record!.timestampMs).toBeLessThanOrEqual(Date.now());
  });

  test('keeps thousands of records of one call together and in order', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { partitions: 2 });
    const records = [...numbered(0, 5_000), ...numbered(1, 2_500)];
    expect(byPartition(await subject.log.append(topic, records))).toEqual([
      { partition: 0, baseOffset: 0, count: 5_000 },
      { partition: 1, baseOffset: 0, count: 2_500 },
    ]);
    const read = await subject.log.read(topic, 0, 0, 5_000);
    expect(read.map((it) => text(it.value))).toEqual(numbered(0, 5_000).map((it) => it.value));
  });

  test('calls at the same time do not mix their records', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const calls = Array.from({ length: 40 }, (_, call) => numbered(0, 1 + (call % 30), `${call}:`));
    const placed = await Promise.all(calls.map((it) => subject.log.append(topic, it)));
    for (const [call, [place]] of placed.entries()) {
      const read = await subject.log.read(topic, 0, place!.baseOffset, place!.count);
      expect(read.map((it) => text(it.value))).toEqual(calls[call]!.map((it) => it.value));
    }
  });

  test('refuses a record of more than 1 MB, and the whole call with it', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const sized = (bytes: number): NewLogRecord => ({
      partition: 0,
      key: 'key',
      value: new Uint8Array(bytes - 3),
    });
    const refused = subject.log.append(topic, [...texts(0, 'small'), sized(1_000_001)]);
    await expect(refused).rejects.toMatchObject({ code: 'record-too-large', retriable: false });
    expect(await subject.log.endOffsets(topic)).toEqual([0]);
    await subject.log.append(topic, [sized(1_000_000), sized(1_000_000), ...texts(0, 'small')]);
    expect((await subject.log.read(topic, 0, 0, 9)).map((it) => it.value?.byteLength)).toEqual([999_997, 999_997, 5]);
  });

  test.each<[string, boolean, NewLogRecord]>([
    ['a partition that the topic has not', false, { partition: 1, key: null, value: 'a' }],
    ['no partition at all', false, { partition: -1, key: null, value: 'a' }],
    ['no key in a compacted topic', true, { partition: 0, key: null, value: 'a' }],
  ])('refuses a record with %s', async (_what, compacted, record) => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { compacted });
    await expect(subject.log.append(topic, [record])).rejects.toMatchObject({
      code: 'failed',
      retriable: false,
    });
    await subject.log.append(topic, [{ partition: 0, key: 'key', value: 'good' }]);
    expect(await subject.log.endOffsets(topic)).toEqual([1]);
  });

  test('refuses everything after it was closed', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    await subject.log.close();
    await expect(subject.log.append(topic, texts(0, 'a'))).rejects.toMatchObject({
      code: 'failed',
      retriable: false,
    });
  });
}

function readContract(open: OpenLog): void {
  test('hands out what is asked for, and less only where the topic ends', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { partitions: 2 });
    await subject.log.append(topic, texts(1, 'a', 'b', 'c', 'd'));
    const table: readonly [offset: number, count: number, values: readonly string[]][] = [
      [0, 4, ['a', 'b', 'c', 'd']],
      [0, 2, ['a', 'b']],
      [1, 2, ['b', 'c']],
      [3, 5, ['d']],
      [4, 5, []],
      [9, 5, []],
      [0, 0, []],
    ];
    for (const [offset, count, values] of table) {
      const read = await subject.log.read(topic, 1, offset, count);
      expect(read.map((it) => text(it.value))).toEqual(values);
      expect(read.map((it) => it.offset)).toEqual(values.map((_, n) => offset + n));
    }
  });

  test('a snapshot of many large records comes back whole', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const chunk = (n: number): NewLogRecord => ({
      partition: 0,
      key: `${n}`,
      value: new Uint8Array(900_000).fill(n),
    });
    const [place] = await subject.log.append(topic, [0, 1, 2, 3, 4, 5].map(chunk));
    const read = await subject.log.read(topic, 0, place!.baseOffset, place!.count);
    expect(read.map((it) => [it.value!.byteLength, it.value![0], it.value!.at(-1)])).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => [900_000, n, n]),
    );
  });
}

function followContract(open: OpenLog): void {
  test('is caught up when it resolves, and goes on, tombstones included', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { partitions: 3 });
    await subject.log.append(topic, [...texts(0, 'a', 'b'), ...texts(2, 'c')]);
    const seen: (string | null)[][] = [[], [], []];
    const follower = await subject.log.follow(topic, (it) => seen[it.partition]!.push(text(it.value)));
    expect(seen).toEqual([['a', 'b'], [], ['c']]);
    await subject.log.append(topic, [{ partition: 2, key: 'k', value: null }, ...texts(1, 'd')]);
    await vi.waitFor(() => expect(seen).toEqual([['a', 'b'], ['d'], ['c', null]]), waitOptions);
    await follower.close();
  });

  test('of a compacted topic every key ends with its newest value', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject, { compacted: true });
    const put = (key: string, value: string | null): NewLogRecord => ({ partition: 0, key, value });
    const state = new Map<string | null, string | null>();
    const apply = (it: LogRecord): unknown => state.set(text(it.key), text(it.value));
    await subject.log.append(topic, [put('a', '1'), put('b', '1'), put('a', '2'), put('c', '1')]);
    const follower = await subject.log.follow(topic, apply);
    expect(Object.fromEntries(state)).toEqual({ a: '2', b: '1', c: '1' });
    await subject.log.append(topic, [put('b', null), put('c', '2'), put('c', '3')]);
    await vi.waitFor(() => expect(Object.fromEntries(state)).toEqual({ a: '2', b: null, c: '3' }), waitOptions);
    await follower.close();
  });

  test('an empty topic is caught up at once; a closed follower sees no more', async () => {
    const subject = await logForTest(open);
    const topic = await topicForTest(subject);
    const seen: (string | null)[] = [];
    const closed = await subject.log.follow(topic, () => seen.push('seen by the closed one'));
    await closed.close();
    const follower = await subject.log.follow(topic, (it) => seen.push(text(it.value)));
    await subject.log.append(topic, texts(0, 'a'));
    await vi.waitFor(() => expect(seen).toEqual(['a']), waitOptions);
    await follower.close();
  });
}

function byPartition<T extends { readonly partition: number }>(places: readonly T[]): readonly T[] {
  return places.toSorted((a, b) => a.partition - b.partition);
}
