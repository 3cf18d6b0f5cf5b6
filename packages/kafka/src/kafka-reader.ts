import { LogError, type Closeable, type LogRecord } from '@haulwatch/ports';
import { toLogError } from './kafka-errors.ts';
import { KafkaFollower } from './kafka-follower.ts';
import type { KafkaLogger } from './kafka-logger.ts';
import type { Cluster } from './kafkajs-internals.ts';
import { topicCalls, type OffsetRange, type TopicCalls } from './topic-calls.ts';

export type ReaderDeps = {
  readonly openCluster: () => Cluster;
  readonly brokers: readonly string[];
  readonly logger: KafkaLogger;
};

/** Kafka's usual limit: so many records, so many bytes at most, and a state of some MB comes in one answer. */
const recordBytesMax = 1_000_000;

/**
 * Reads partitions at offsets, in no group: there is no rebalance to wait for and no group left behind. One connection
 * serves the short reads, and each follower has its own.
 */
export class KafkaReader {
  readonly #deps: ReaderDeps;
  readonly #cluster: Cluster;
  readonly #followers = new Set<KafkaFollower>();
  /** Topics never shrink, and nobody grows ours while we run: asked once. */
  readonly #partitions = new Map<string, Promise<readonly number[]>>();

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#cluster = deps.openCluster();
  }

  async connect(): Promise<void> {
    try {
      await this.#cluster.connect();
    } catch (error) {
      throw toLogError(error, 'connect', this.#deps.brokers);
    }
  }

  /** @throws LogError 'topic-missing' */
  partitions(topic: string): Promise<readonly number[]> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const asked = this.#calls(topic).partitions();
    this.#partitions.set(topic, asked);
    asked.catch(() => this.#partitions.delete(topic));
    return asked;
  }

  knownEverywhere(topic: string): Promise<void> {
    return this.#calls(topic).knownEverywhere();
  }

  ranges(topic: string): Promise<readonly OffsetRange[]> {
    return this.#calls(topic).ranges();
  }

  async read(topic: string, partition: number, offset: number, count: number): Promise<readonly LogRecord[]> {
    const partitions = await this.partitions(topic);
    if (!partitions.includes(partition)) throw noPartition(topic, partition, partitions.length);
    const records: LogRecord[] = [];
    for (let at = offset; records.length < count;) {
      const [fetched] = await this.#fetch(topic, partition, at, (count - records.length) * recordBytesMax);
      if (fetched === undefined || fetched.next === at) break;
      for (const record of fetched.records.slice(0, count - records.length)) records.push(record);
      at = fetched.next;
    }
    return records;
  }

  async follow(topic: string, onRecord: (record: LogRecord) => void): Promise<Closeable> {
    const { openCluster, brokers, logger } = this.#deps;
    const follower = new KafkaFollower(topic, onRecord, {
      cluster: openCluster(),
      brokers,
      logger,
    });
    this.#followers.add(follower);
    const close = async (): Promise<void> => {
      this.#followers.delete(follower);
      await follower.close();
    };
    try {
      await follower.start();
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followers].map((it) => it.close()));
    await this.#cluster.disconnect();
  }

  #calls(topic: string): TopicCalls {
    return topicCalls(this.#cluster, topic, this.#deps.brokers);
  }

  /** An offset beyond the end is no error for a reader: there is nothing there, yet. */
  async #fetch(topic: string, partition: number, offset: number, bytesMax: number): ReturnType<TopicCalls['fetch']> {
    try {
      return await this.#calls(topic).fetch(new Map([[partition, offset]]), 0, bytesMax);
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'offset-gone') throw error;
      const range = (await this.ranges(topic)).find((it) => it.partition === partition);
      if (range !== undefined && offset >= range.end) return [];
      throw error;
    }
  }
}

export function noPartition(topic: string, partition: number, count: number): LogError {
  return new LogError('failed', `${topic} has ${count} partitions; there is no partition ${partition}.`, {
    retriable: false,
  });
}
