import {
  LogError,
  type Closeable,
  type CommittedOffset,
  type GroupMember,
  type GroupOptions,
  type Log,
  type TopicSpec,
} from '@haulwatch/ports';
import { Kafka, logLevel, PartitionAssigners, type Admin, type Consumer, type SASLOptions } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { AnswerBuffers, answerSockets } from './answer-sockets.ts';
import { KafkaAppender } from './kafka-appender.ts';
import { isTransient, toLogError } from './kafka-errors.ts';
import { KafkaGroupMember, rebalanceTimeoutMs } from './kafka-group-member.ts';
import { kafkajsLogCreator, type KafkaLogger } from './kafka-logger.ts';
import { KafkaReader } from './kafka-reader.ts';
import { createCluster } from './kafkajs-internals.ts';
import { repairKafkajs } from './kafkajs-repairs.ts';
import { stickyAssigner } from './sticky-assigner.ts';
import type { PartitionClaim } from './sticky-assignment.ts';
import { topicConfig } from './topic-config.ts';

export type KafkaOptions = {
  /** `host:port` of one broker or more; the others are learnt from it. */
  readonly brokers: readonly string[];
  /** Names the process in the broker's log and quotas. */
  readonly clientId: string;
  /** Absent: the brokers are spoken to in plain text, and do not ask who we are. */
  readonly security?: {
    /** In PEM: who vouches for the brokers, where the system does not know it; our own certificate and its key. */
    readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
    readonly sasl?: {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    };
  };
  /** Nothing is logged where there is none. */
  readonly logger?: KafkaLogger;
  /** After so long without a heartbeat a member's partitions are given to others. 6 s, which is the broker's least too. */
  readonly sessionTimeoutMs?: number;
  /** A member that stands still for so long although records wait is declared dead. 60 s. */
  readonly stallMs?: number;
  /** Copies of each record of the topics that `ensureTopics` creates; absent: the broker's default.replication.factor. */
  readonly replicationFactor?: number;
  /** Records larger than this are refused before they are sent; absent: 1 MB, which Kafka takes by default. For topics with a limit of their own. */
  readonly recordBytesMax?: number;
};

/** The wait for a first byte of a fetch; also how long a member that has nothing to read does not see a rebalance. */
const fetchWaitMs = 200;
/** No batch holds the loop for longer than some ms: who is silent for 6 s is dead. */
const sessionTimeoutMsDefault = 6_000;
/** By its next heartbeat a member learns that another has left or come: for so long the partitions of one that left lie idle. */
const heartbeatMs = 200;
/** A round of a backlog: a tenth of a second of work for the engine. */
const fetchBytesMax = 10_000_000;
/** Of each partition in one fetch, at most; see `partitionShare`. */
const partitionBytesMax = 1_000_000;
const stallMsDefault = 60_000;
/** Given in full, for kafkajs takes other defaults under NODE_ENV=test. Ends after 6 s: the caller may want to say something. */
const connectRetry = {
  retries: 5,
  initialRetryTime: 200,
  maxRetryTime: 4_000,
  factor: 0.2,
  multiplier: 2,
};
/** Some 30 s, looked at twice a second: a broker that dies hands its partitions over within 15 s, with deploy's settings within 4. */
const appendRetry = { ...connectRetry, retries: 60, initialRetryTime: 100, maxRetryTime: 500 };
/**
 * As long for a member. One that gives up earlier joins anew under another id, and the group then waits for the former
 * one until its session has ended: that was most of the silence when a broker died.
 */
const memberRetry = appendRetry;
const coordinatorWaitMs = 30_000;
const coordinatorPauseMs = 200;

/** Opens the log on Kafka. @throws LogError 'unreachable' where no broker answers within some 6 s. */
export async function openKafkaLog(options: KafkaOptions): Promise<Log> {
  repairKafkajs();
  const brokers = [...options.brokers];
  const logger = options.logger ?? ((): void => undefined);
  const { tls, sasl } = options.security ?? {};
  const config = {
    brokers,
    clientId: options.clientId,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: connectRetry,
    logLevel: logLevel.WARN,
    logCreator: kafkajsLogCreator(logger),
    socketFactory: answerSockets(),
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
  };
  const kafka = new Kafka(config);
  const reader = new KafkaReader({ openCluster: () => createCluster(kafka), brokers, logger });
  const admin = kafka.admin();
  try {
    await reader.connect();
    await admin.connect();
  } catch (error) {
    await Promise.allSettled([reader.close(), admin.disconnect()]);
    throw toLogError(error, 'connect', brokers);
  }
  const producing = new Kafka({ ...config, retry: appendRetry });
  const consuming = new Kafka({ ...config, socketFactory: answerSockets(new AnswerBuffers()) });
  return new KafkaLog({ consuming, producing, admin, reader, logger, options });
}

type KafkaLogDeps = {
  /** Of groups' members, who give answers back. */
  readonly consuming: Kafka;
  /** Has more patience: a record waits for a broker that restarts. */
  readonly producing: Kafka;
  readonly admin: Admin;
  readonly reader: KafkaReader;
  readonly logger: KafkaLogger;
  readonly options: KafkaOptions;
};

class KafkaLog implements Log {
  readonly #deps: KafkaLogDeps;
  /**
   * One a topic, each with a producer and connections of its own: an alarm does not wait behind a snapshot of 4 MB, and
   * nobody counts on an order between topics.
   */
  readonly #appenders = new Map<string, KafkaAppender>();
  readonly #members = new Set<GroupMember>();
  #isClosed = false;

  constructor(deps: KafkaLogDeps) {
    this.#deps = deps;
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const { admin, reader, options } = this.#deps;
    try {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter((it) => !existing.has(it.name));
      if (missing.length === 0) return;
      const configs = missing.map((it) => topicConfig(it, options.replicationFactor));
      // kafkajs' own wait for leaders fails where the broker does not know the topic yet.
      await admin.createTopics({ topics: configs, waitForLeaders: false });
      for (const { name } of missing) await reader.knownEverywhere(name);
    } catch (error) {
      throw toLogError(error, 'create topics', options.brokers);
    }
  }

  async partitionCount(topic: string): Promise<number> {
    return (await this.#deps.reader.partitions(topic)).length;
  }

  append(...[topic, records]: Parameters<Log['append']>): ReturnType<Log['append']> {
    let appender = this.#appenders.get(topic);
    if (appender === undefined) {
      appender = this.#createAppender();
      this.#appenders.set(topic, appender);
      // So that it says so to whoever calls it.
      if (this.#isClosed) void appender.close();
    }
    return appender.append(topic, records);
  }

  #createAppender(): KafkaAppender {
    const { producing, options } = this.#deps;
    return new KafkaAppender({
      createProducer: () =>
        producing.producer({
          idempotent: true,
          maxInFlightRequests: 1,
          allowAutoTopicCreation: false,
          retry: appendRetry,
          createPartitioner: () => explicitPartition,
        }),
      partitionCount: (topic) => this.partitionCount(topic),
      brokers: options.brokers,
      recordBytesMax: options.recordBytesMax,
    });
  }

  async join(groupOptions: GroupOptions): Promise<GroupMember> {
    const { consuming, reader, logger, options } = this.#deps;
    const partitions = await reader.partitions(groupOptions.topic);
    const sessionTimeout = options.sessionTimeoutMs ?? sessionTimeoutMsDefault;
    const consumer = (claims: () => readonly PartitionClaim[]): Consumer =>
      consuming.consumer({
        groupId: groupOptions.group,
        // kafkajs' own for a group in which some do not know ours yet.
        partitionAssigners: [stickyAssigner(claims), PartitionAssigners.roundRobin],
        sessionTimeout,
        rebalanceTimeout: rebalanceTimeoutMs,
        heartbeatInterval: heartbeatMs,
        maxWaitTimeInMs: fetchWaitMs,
        maxBytes: fetchBytesMax,
        maxBytesPerPartition: partitionShare(partitions.length),
        allowAutoTopicCreation: false,
        retry: memberRetry,
      });
    const member = await KafkaGroupMember.join(
      {
        consumer,
        committed: (group, topic) => this.committed(group, topic),
        ranges: (topic) => reader.ranges(topic),
        brokers: options.brokers,
        logger,
        heartbeatMs,
        stallMs: options.stallMs ?? stallMsDefault,
      },
      groupOptions,
    );
    this.#members.add(member);
    return member;
  }

  follow(...[topic, onRecord]: Parameters<Log['follow']>): Promise<Closeable> {
    return this.#deps.reader.follow(topic, onRecord);
  }

  read(...[topic, partition, offset, count]: Parameters<Log['read']>): ReturnType<Log['read']> {
    return this.#deps.reader.read(topic, partition, offset, count);
  }

  async committed(group: string, topic: string): Promise<readonly CommittedOffset[]> {
    await this.#deps.reader.partitions(topic);
    const giveUpAtMs = performance.now() + coordinatorWaitMs;
    for (;;) {
      try {
        const [answer] = await this.#deps.admin.fetchOffsets({ groupId: group, topics: [topic] });
        return (answer?.partitions ?? [])
          .map((it) => ({
            partition: it.partition,
            offset: Number(it.offset),
            metadata: it.metadata ?? '',
          }))
          .filter((it) => it.offset >= 0)
          .toSorted((a, b) => a.partition - b.partition);
      } catch (error) {
        if (!isTransient(error) || performance.now() > giveUpAtMs)
          throw toLogError(error, `look up commits of group ${group}`, this.#deps.options.brokers);
        await delay(coordinatorPauseMs);
      }
    }
  }

  async startOffsets(topic: string): Promise<readonly number[]> {
    return (await this.#deps.reader.ranges(topic)).map((it) => it.start);
  }

  /** In Kafka's terms the last stable offsets: where another producer's transaction is open, its beginning. */
  async endOffsets(topic: string): Promise<readonly number[]> {
    return (await this.#deps.reader.ranges(topic)).map((it) => it.end);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // What a member could not do before it left was told to whoever closed it.
    await Promise.allSettled([...this.#members].map((it) => it.close()));
    await Promise.all([...this.#appenders.values()].map((it) => it.close()));
    await this.#deps.reader.close();
    await this.#deps.admin.disconnect();
  }
}

/** The partition is the caller's choice: a vehicle has one home, whoever writes. */
function explicitPartition({ message }: { message: { partition?: number } }): number {
  if (message.partition === undefined)
    throw new LogError('failed', 'A record without a partition.', { retriable: false });
  return message.partition;
}

/**
 * So that all have their share of a fetch: with 1 MB each its 10 MB would be the first ten partitions' alone for as long as they have a backlog,
 * and one that was just restored would wait for them.
 */
function partitionShare(partitions: number): number {
  return Math.min(partitionBytesMax, Math.ceil(fetchBytesMax / partitions));
}
