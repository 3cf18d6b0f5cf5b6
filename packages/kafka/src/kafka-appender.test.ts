import type { NewLogRecord } from '@haulwatch/ports';
import kafkajs, { type Producer } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { KafkaAppender } from './kafka-appender.ts';

const million = new Uint8Array(1_000_000);

describe('while Kafka is away', () => {
  test('64 MB wait; what comes behind is refused at once, and taken again when they are through', async () => {
    const { appender, kafka } = appenderWithoutKafka();
    const waiting = Array.from({ length: 64 }, () => appender.append('records', ofBytes(1_000_000)));
    for (const bytes of [1, 1_000_000]) {
      await expect(appender.append('records', ofBytes(bytes))).rejects.toMatchObject({
        name: 'LogError',
        code: 'unreachable',
        retriable: true,
        message: expect.stringMatching(
          /kafka-1:9092.* 640\d{5} bytes wait, the limit is 64000000 .*Nothing .* was written/,
        ),
      });
    }
    kafka.resolve(1);
    expect(await Promise.all(waiting)).toEqual(waiting.map((_, n) => [{ partition: 0, baseOffset: n, count: 1 }]));
    expect(await appender.append('records', ofBytes(1))).toEqual([{ partition: 0, baseOffset: 64, count: 1 }]);
    await appender.close();
  });

  test('a call that is larger than the limit is taken where there is room, and nothing behind it', async () => {
    const { appender, kafka } = appenderWithoutKafka();
    const small = appender.append('records', ofBytes(1));
    const large = appender.append('records', ofBytes(...Array.from({ length: 70 }, () => 1_000_000)));
    await expect(appender.append('records', ofBytes(1))).rejects.toThrow(/700\d{5} bytes wait/);
    kafka.resolve(1);
    expect(await small).toEqual([{ partition: 0, baseOffset: 0, count: 1 }]);
    expect(await large).toEqual([{ partition: 0, baseOffset: 1, count: 70 }]);
    await appender.close();
  });

  test('calls that failed wait no longer', async () => {
    const { appender, kafka } = appenderWithoutKafka();
    const waiting = Array.from({ length: 64 }, () => appender.append('records', ofBytes(1_000_000)));
    kafka.reject(new kafkajs.KafkaJSConnectionError('connect ECONNREFUSED'));
    const failed = await Promise.allSettled(waiting);
    expect(failed.map((it) => it.status)).toEqual(waiting.map(() => 'rejected'));
    await expect(appender.append('records', ofBytes(1))).rejects.toThrow(/does not answer/);
    await appender.close();
  });
});

describe('a partition that kafkajs forgot, as its leader moved to a broker that had answered', () => {
  const answerFor = (topicName: string, partition: number, end: number) => ({
    topicName,
    partition,
    errorCode: 0,
    baseOffset: String(end),
  });
  const record = (partition: number, value: string): NewLogRecord => ({ partition, key: null, value });

  /** A producer that leaves out what it is told to, by request. */
  function forgetful(...forgotten: readonly (readonly number[])[]): { appender: KafkaAppender; sent: string[][] } {
    const sent: string[][] = [];
    const ends = [0, 0, 0];
    const producer = {
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      send: ({ topic, messages: given }: Parameters<Producer['send']>[0]) => {
        const messages = [...given];
        const left = forgotten[sent.length] ?? [];
        sent.push(messages.map(({ partition, value }) => `${partition}:${String(value)}`));
        const partitions = [...new Set(messages.map(({ partition }) => partition!))];
        return Promise.resolve(
          partitions
            .filter((partition) => !left.includes(partition))
            .map((partition) => {
              const base = ends[partition]!;
              ends[partition] = base + messages.filter((it) => it.partition === partition).length;
              return answerFor(topic, partition, base);
            }),
        );
      },
    };
    const appender = new KafkaAppender({
      createProducer: () => producer as unknown as Producer,
      partitionCount: () => Promise.resolve(3),
      brokers: ['kafka-1:9092'],
    });
    return { appender, sent };
  }

  test('is sent again, alone, and in its order', async () => {
    const { appender, sent } = forgetful([0, 2], [2]);
    const records = [record(0, 'a'), record(1, 'b'), record(2, 'c'), record(2, 'd')];
    expect((await appender.append('records', records)).toSorted((a, b) => a.partition - b.partition)).toEqual([
      { partition: 0, baseOffset: 0, count: 1 },
      { partition: 1, baseOffset: 0, count: 1 },
      { partition: 2, baseOffset: 0, count: 2 },
    ]);
    expect(sent).toEqual([
      ['0:a', '1:b', '2:c', '2:d'],
      ['0:a', '2:c', '2:d'],
      ['2:c', '2:d'],
    ]);
    await appender.close();
  });

  test('for ever is an error that may go away', async () => {
    const { appender } = forgetful(...Array.from({ length: 10 }, () => [1]));
    await expect(appender.append('records', [record(0, 'a'), record(1, 'b')])).rejects.toMatchObject({
      code: 'unreachable',
      retriable: true,
    });
    await appender.close();
  });
});

/** Nothing goes out before `kafka` is resolved with the number of partitions; then each request stands behind the last. */
function appenderWithoutKafka(): { appender: KafkaAppender; kafka: PromiseWithResolvers<number> } {
  const kafka = Promise.withResolvers<number>();
  let end = 0;
  const producer: Pick<Producer, 'connect' | 'disconnect' | 'send'> = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: ({ topic, messages }) => {
      const baseOffset = String(end);
      end += messages.length;
      return Promise.resolve([{ topicName: topic, partition: 0, errorCode: 0, baseOffset }]);
    },
  };
  const appender = new KafkaAppender({
    createProducer: () => producer as Producer,
    partitionCount: () => kafka.promise,
    brokers: ['kafka-1:9092'],
  });
  return { appender, kafka };
}

function ofBytes(...sizes: readonly number[]): NewLogRecord[] {
  return sizes.map((bytes) => ({ partition: 0, key: null, value: million.subarray(0, bytes) }));
}
