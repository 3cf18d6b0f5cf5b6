import { setTimeout as delay } from 'node:timers/promises';
import { LogError, type LogRecord } from '@haulwatch/ports';
import type { KafkaLogger } from './kafka-logger.ts';
import type { Cluster } from './kafkajs-internals.ts';
import { topicCalls, type TopicCalls } from './topic-calls.ts';

export type FollowerDeps = {
  /** A connection of its own: a broker answers a connection's requests one after the other, and these wait for data. */
  readonly cluster: Cluster;
  readonly brokers: readonly string[];
  readonly logger: KafkaLogger;
};

/** How long a fetch waits for a first byte, and so the time that `close` may take. */
const followWaitMs = 250;
const pauseAfterErrorMs = 1_000;

/**
 * Follows one topic. Each record that the log holds, in order within its partition, from the oldest on. An error of the
 * broker is waited out; an error thrown by `onRecord` is the caller's bug and, once `start` is over, ends the process
 * as an unhandled rejection, for nobody is there to be told.
 */
export class KafkaFollower {
  readonly #topic: string;
  readonly #onRecord: (record: LogRecord) => void;
  readonly #deps: FollowerDeps;
  readonly #calls: TopicCalls;
  #positions = new Map<number, number>();
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(topic: string, onRecord: (record: LogRecord) => void, deps: FollowerDeps) {
    this.#topic = topic;
    this.#onRecord = onRecord;
    this.#deps = deps;
    this.#calls = topicCalls(deps.cluster, topic, deps.brokers, () => this.#closed);
  }

  /** Resolves when the end that stood at the call has been read. */
  async start(): Promise<void> {
    const ranges = await this.#calls.ranges();
    this.#positions = new Map(ranges.map((it) => [it.partition, it.start]));
    const isBehind = (): boolean => ranges.some((it) => this.#positions.get(it.partition)! < it.end);
    while (isBehind() && !this.#closed) await this.#step();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#deps.cluster.disconnect();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#step();
      } catch (error) {
        if (!(error instanceof LogError)) throw error;
        if (this.#closed) return;
        this.#deps.logger('warn', 'following a topic is interrupted, trying on', {
          topic: this.#topic,
          reason: error.message,
        });
        await delay(pauseAfterErrorMs);
      }
    }
  }

  async #step(): Promise<void> {
    try {
      for (const { partition, records, next } of await this.#calls.fetch(this.#positions, followWaitMs)) {
        if (this.#closed) return;
        for (const record of records) this.#onRecord(record);
        this.#positions.set(partition, next);
      }
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'offset-gone') throw error;
      await this.#returnIntoLog();
    }
  }

  /** Retention overtook us, or the topic was made anew: go on at the oldest record there is. */
  async #returnIntoLog(): Promise<void> {
    for (const { partition, start, end } of await this.#calls.ranges()) {
      const position = this.#positions.get(partition) ?? start;
      if (position >= start && position <= end) continue;
      this.#deps.logger('warn', 'records were removed before they were followed', {
        topic: this.#topic,
        partition,
        position,
        start,
      });
      this.#positions.set(partition, start);
    }
  }
}
