import { createRequire } from 'node:module';
import type { Message } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readFetchAnswer, type FetchedRecord, type FetchedRecords } from './fetch-reader.ts';
import { encodeProduce, type ProduceData } from './record-batch-writer.ts';

/** kafkajs' own encoder and decoder are the oracle: what we write and read must be what they write and read. */
const require = createRequire(import.meta.url);
const kafkajsProduce = require('kafkajs/src/protocol/requests/produce/v7/request.js') as (data: ProduceData) => {
  encode(): Promise<{ readonly buffer: Buffer }>;
};
const kafkajsFetch = require('kafkajs/src/protocol/requests/fetch/v11/response.js') as {
  decode(bytes: Buffer): Promise<{ responses: { topicName: string; partitions: Record<string, unknown>[] }[] }>;
};
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch(batch: object): Promise<{ readonly buffer: Buffer }>;
};
const Record0 = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => object;
const nowMs = Date.UTC(2026, 10, 25);

beforeEach(() => {
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const messages: Record<string, Message[]> = {
  'one record': [{ key: 'v-1', value: Buffer.from('{}') }],
  'no key, no value': [
    { key: null, value: null },
    { key: '', value: '' },
  ],
  'text beyond ASCII': [{ key: '沪A·D0001', value: '危险品' }],
  headers: [{ key: null, value: 'x', headers: { reason: 'frame-truncated', twice: ['a', '乙'], empty: '' } }],
  'a frame': [{ key: null, value: Buffer.alloc(40_024, 0x5a) }],
  'each length of a varint': [0, 63, 64, 8_191, 8_192, 300_000].map((length) => ({
    key: null,
    value: Buffer.alloc(length, length),
  })),
  'many records': Array.from({ length: 9_000 }, (_, index) => ({ key: String(index), value: `value ${index}` })),
};

function produceData(partitions: readonly (readonly Message[])[]): ProduceData {
  return {
    acks: -1,
    timeout: 30_000,
    producerId: 4_611_686_018_427_387_905n,
    producerEpoch: 3,
    topicData: [
      {
        topic: 'telemetry',
        partitions: partitions.map((it, partition) => ({ partition, firstSequence: 70_000 + partition, messages: it })),
      },
    ],
  };
}

describe('a produce request has the bytes that kafkajs would send', () => {
  test.each(Object.keys(messages))('%s', async (name) => {
    const data = produceData([messages[name]!, messages['one record']!]);
    const expected = await kafkajsProduce(data).encode();
    expect(encodeProduce(data, nowMs).equals(expected.buffer)).toBe(true);
  });
});

type BatchOptions = { readonly firstOffset: number; readonly ageMs?: number; readonly producerId?: number };

async function batchOf(records: readonly Message[], options: BatchOptions, attributes = 0): Promise<Buffer> {
  const { firstOffset, ageMs = 0, producerId = -1 } = options;
  const batch = await RecordBatch({
    firstOffset,
    firstTimestamp: nowMs - ageMs,
    maxTimestamp: nowMs,
    producerId,
    lastOffsetDelta: records.length - 1,
    records: records.map((it, at) => Record0({ ...it, offsetDelta: at, timestampDelta: at === 0 ? 0 : ageMs })),
  });
  const bytes = Buffer.from(batch.buffer);
  bytes.writeInt16BE(attributes, 21);
  return bytes;
}

/** An answer with one topic and one partition. */
function answerOf(recordSet: Buffer, aborted: readonly (readonly [bigint, bigint])[] = []): Buffer {
  const topic = Buffer.from('telemetry');
  const head = Buffer.alloc(4 + 2 + 4 + 4 + 2);
  head.writeInt32BE(1, 10);
  head.writeInt16BE(topic.length, 14);
  const middle = Buffer.alloc(4 + 4 + 2 + 8 + 8 + 8 + 4);
  middle.writeInt32BE(1, 0);
  middle.writeInt32BE(7, 4);
  middle.writeBigInt64BE(9_007_199_254_740_000n, 10);
  middle.writeBigInt64BE(12_345n, 18);
  middle.writeInt32BE(aborted.length, 34);
  const transactions = aborted.map(([producerId, firstOffset]) => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigInt64BE(producerId, 0);
    bytes.writeBigInt64BE(firstOffset, 8);
    return bytes;
  });
  const end = Buffer.alloc(8);
  end.writeInt32BE(-1, 0);
  end.writeInt32BE(recordSet.length, 4);
  return Buffer.concat([head, topic, middle, ...transactions, end, recordSet]);
}

const noOthers = (): never => {
  throw new Error('this reader should have read it');
};

/** The parts of both answers that are asked for, in one form. */
async function both(answer: Buffer): Promise<{ ours: unknown; theirs: unknown; records: readonly FetchedRecord[] }> {
  const ours = await readFetchAnswer(answer, noOthers);
  const theirs = await kafkajsFetch.decode(answer);
  const told = (records: readonly unknown[]): unknown[] =>
    (records as readonly Record<string, unknown>[]).map((it) => ({
      offset: String(it['offset']),
      timestamp: String(it['timestampMs'] ?? it['timestamp']),
      key: it['key'],
      value: it['value'],
      headers: Object.entries(it['headers'] as object).map(([name, value]) => [name, String([value].flat().at(-1))]),
      isControlRecord: it['isControlRecord'],
      producerId: (it['batchContext'] as Record<string, unknown>)['producerId'],
      inTransaction: (it['batchContext'] as Record<string, unknown>)['inTransaction'],
    }));
  const rest = ({ messages: records, ...it }: Record<string, unknown>): unknown => ({
    ...it,
    lastStartOffset: undefined,
    messages: told((records as FetchedRecords).slice()),
  });
  return {
    ours: ours.responses.map(({ topicName, partitions }) => ({ topicName, partitions: partitions.map(rest) })),
    theirs: theirs.responses.map(({ topicName, partitions }) => ({ topicName, partitions: partitions.map(rest) })),
    records: ours.responses[0]!.partitions[0]!.messages.slice(),
  };
}

describe('an answer is read as kafkajs reads it', () => {
  test.each(Object.keys(messages))('%s', async (name) => {
    const { ours, theirs, records } = await both(answerOf(await batchOf(messages[name]!, { firstOffset: 70 })));
    expect(records).toHaveLength(messages[name]!.length);
    expect(ours).toEqual(theirs);
  });

  test('several batches, the last one cut off', async () => {
    const first = await batchOf(messages['one record']!, { firstOffset: 2 ** 40 });
    const second = await batchOf(messages['headers']!, { firstOffset: 2 ** 40 + 1 });
    const { ours, theirs, records } = await both(answerOf(Buffer.concat([first, second, second.subarray(0, -1)])));
    expect(records.map((it) => it.offset)).toEqual([2 ** 40, 2 ** 40 + 1]);
    expect(ours).toEqual(theirs);
  });

  test('nothing', async () => {
    const { ours, theirs } = await both(answerOf(Buffer.alloc(0)));
    expect(ours).toEqual(theirs);
  });

  test.each([1, 30 * 86_400_000, 2_000_000_000_000])('times that lie %d ms apart', async (ageMs) => {
    const batch = await batchOf(messages['no key, no value']!, { firstOffset: 0, ageMs });
    const { ours, theirs, records } = await both(answerOf(batch));
    expect(records.map((it) => it.timestampMs)).toEqual([nowMs - ageMs, nowMs]);
    expect(ours).toEqual(theirs);
  });

  test("the broker's time, a transaction and the end of one", async () => {
    const options = { firstOffset: 5, ageMs: 3, producerId: 9 };
    const recordSet = Buffer.concat([
      await batchOf(messages['one record']!, options, 0x18),
      await batchOf([{ key: Buffer.alloc(4), value: null }], { ...options, firstOffset: 6 }, 0x30),
    ]);
    const { ours, theirs } = await both(answerOf(recordSet, [[9n, 5n]]));
    expect(ours).toEqual(theirs);
  });
});

function offsetsOf(records: FetchedRecords): number[] {
  return records.slice().map((it) => it.offset);
}

async function recordsOf(recordSet: Buffer): Promise<FetchedRecords> {
  return (await readFetchAnswer(answerOf(recordSet), noOthers)).responses[0]!.partitions[0]!.messages;
}

describe('records that are made when they are asked for', () => {
  test('come in pieces as they come at once, and tell first and last offset before', async () => {
    const sizes = [3, 1, 5];
    const firsts = [70, 73, 80];
    const batches = sizes.map((size, at) =>
      batchOf(messages['many records']!.slice(0, size), { firstOffset: firsts[at]!, ageMs: at }),
    );
    const recordSet = Buffer.concat(await Promise.all(batches));
    const records = await recordsOf(recordSet);
    const whole = records.slice();
    expect(whole.map((it) => it.offset)).toEqual([70, 71, 72, 73, 80, 81, 82, 83, 84]);
    expect(records).toHaveLength(9);
    const byPlace = records as unknown as readonly FetchedRecord[];
    expect([byPlace[0]!.offset, byPlace[8]!.offset]).toEqual([70, 84]);
    for (let size = 1; size <= 10; size += 1) {
      const pieces = [];
      for (let from = 0; from < 9; from += size) pieces.push(...records.slice(from, from + size));
      expect(pieces).toEqual(whole);
    }
  });

  test('are all made where compaction has taken some, so that the last offset is one of theirs', async () => {
    const batch = await batchOf(messages['no key, no value']!, { firstOffset: 10 });
    batch.writeInt32BE(9, 23); // the last offset delta: what compaction leaves of ten
    const records = await recordsOf(batch);
    expect(Array.isArray(records)).toBe(true);
    expect(offsetsOf(records)).toEqual([10, 11]);
  });

  test('of a batch that is not whole are an error', async () => {
    const batch = await batchOf(messages['no key, no value']!, { firstOffset: 10 });
    batch.writeInt32BE(5, 57);
    batch.writeInt32BE(4, 23);
    const records = await recordsOf(batch);
    expect(() => records.slice()).toThrow(RangeError);
  });
});

describe('what kafkajs filters', () => {
  test('stays whole where all passes, and loses what does not', async () => {
    const answer = await readFetchAnswer(
      answerOf(await batchOf(messages['no key, no value']!, { firstOffset: 10 })),
      noOthers,
    );
    const records = answer.responses[0]!.partitions[0]!.messages;
    expect(records.filter((it) => it.offset >= 10)).toBe(records);
    expect(offsetsOf(records.filter((it) => it.offset >= 11))).toEqual([11]);
  });

  test('is asked of each record where a transaction was aborted', async () => {
    const batch = await batchOf(messages['no key, no value']!, { firstOffset: 10 });
    const answer = await readFetchAnswer(answerOf(batch, [[9n, 5n]]), noOthers);
    const records = answer.responses[0]!.partitions[0]!.messages;
    expect(offsetsOf(records.filter((it) => it.offset === 10))).toEqual([10]);
  });
});

test('compressed batches and older formats are left to kafkajs', async () => {
  const others = vi.fn(async () => []);
  await readFetchAnswer(answerOf(await batchOf(messages['one record']!, { firstOffset: 0 }, 1)), others);
  const old = await batchOf(messages['one record']!, { firstOffset: 0 });
  old[16] = 1;
  await readFetchAnswer(answerOf(old), others);
  expect(others).toHaveBeenCalledTimes(2);
});
