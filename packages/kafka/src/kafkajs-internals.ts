import { createRequire } from 'node:module';
// By default import: Node finds kafkajs' classes by name, but not its errors.
import kafkajs, { type Kafka, type Message } from 'kafkajs';
import type { FetchedPartition, FetchedRecords } from './fetch-reader.ts';

/**
 * The one place, with `kafkajs-repairs.ts`, that reaches behind kafkajs' public face. kafkajs 2.2.4 is its last release (2023) and pinned, so what
 * lies there does not move; what is repaired there would otherwise cost CPU, positions or correctness.
 */

/** A connection to the cluster as kafkajs uses it itself: fetching by offset needs no group this way. */
export type Cluster = {
  readonly targetTopics: Set<string>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, number[]>>;
  getNodeIds(): readonly string[];
  findBroker(node: { nodeId: string }): Promise<Broker>;
  removeBroker(address: { host: string; port: number }): void;
  fetchTopicsOffset(
    topics: readonly {
      topic: string;
      fromBeginning: boolean;
      partitions: readonly { partition: number }[];
    }[],
  ): Promise<readonly { partitions: readonly { partition: number; offset: string }[] }[]>;
};

type Broker = {
  fetch(request: FetchRequest): Promise<FetchResponse>;
  /** Rejects where the broker does not know one of the topics. */
  metadata(topics: readonly string[]): Promise<unknown>;
};

type FetchRequest = {
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** 1: records of aborted transactions are left out. */
  readonly isolationLevel: 1;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
};

type FetchResponse = {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
};

/** kafkajs' own view of one partition's answer: without control records, aborted ones and those before the asked offset. */
export type FetchedBatch = {
  readonly partition: number;
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  /** As it came. */
  readonly rawMessages: FetchedRecords;
  readonly messages: FetchedRecords;
  lastOffset(): string;
};

const require = createRequire(import.meta.url);
const BatchClass = require('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => FetchedBatch;

export function fetchedBatch(topic: string, fetchedOffset: number, partition: FetchedPartition): FetchedBatch {
  return new BatchClass(topic, String(fetchedOffset), partition);
}

/** A cluster connection with the brokers, time-outs and logger that the client was made with. */
export function createCluster(kafka: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(kafka).find((it) => it.description === 'private:Kafka:createCluster');
  if (create === undefined) throw new Error('This is not kafkajs 2.2.4: packages/kafka is written for that version.');
  const clients = kafka as unknown as Readonly<Record<symbol, (options: object) => Cluster>>;
  return clients[create]!({
    allowAutoTopicCreation: false,
    metadataMaxAge: 300_000,
    isolationLevel: 1,
  });
}

/**
 * Messages for `producer.send`, already grouped. kafkajs groups them by calling `reduce` on the array it is given, and
 * copies a group for each message that joins it: 3.4 us a record at 1,000 a partition, more than all else together
 * (measured 2026-11-23), and 68 us at 20,000. This array answers with the groups it was made of.
 */
export function groupedMessages(groups: ReadonlyMap<number, readonly Message[]>): Message[] {
  return new GroupedMessages(groups);
}

class GroupedMessages extends Array<Message> {
  readonly #groups: Readonly<Record<string, readonly Message[]>>;

  constructor(groups: ReadonlyMap<number, readonly Message[]>) {
    super();
    for (const messages of groups.values()) for (const message of messages) this.push(message);
    this.#groups = Object.fromEntries(groups);
  }

  override reduce(): never {
    return this.#groups as never;
  }
}

/** Thrown, not retried, in place of kafkajs' silent jump to another offset. */
export class OffsetGone extends kafkajs.KafkaJSNonRetriableError {
  override readonly name = 'OffsetGone';
  readonly topic: string;
  readonly partition: number;

  constructor(topic: string, partition: number) {
    super(`the offset asked of ${topic}[${partition}] is not in the log`);
    this.topic = topic;
    this.partition = partition;
  }
}

/** Thrown where a commit is tried for a partition that the present generation gave to another member. */
export class NotAssigned extends kafkajs.KafkaJSNonRetriableError {
  override readonly name = 'NotAssigned';
}
