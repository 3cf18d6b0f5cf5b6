import type { LogRecord } from '@haulwatch/ports';
import { Breath } from './log-breath.ts';
import type { RecordReader } from './log-records.ts';
import type { Topic } from './log-topics.ts';

/** What is read at once: some 2 ms of work. */
const pageRecordsMax = 500;
const pageBytesMax = 1_000_000;

/**
 * Follows one topic: each record that the log holds, in order within its partition, from the oldest on. An error thrown
 * by `onRecord` is the caller's bug and, once `start` is over, ends the process as an unhandled rejection.
 */
export class LogFollower {
  readonly #topic: Topic;
  readonly #records: RecordReader;
  readonly #onRecord: (record: LogRecord) => void;
  readonly #positions: number[];
  readonly #breath = new Breath();
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(topic: Topic, records: RecordReader, onRecord: (record: LogRecord) => void) {
    this.#topic = topic;
    this.#records = records;
    this.#onRecord = onRecord;
    this.#positions = [...topic.starts];
  }

  /** Resolves when the end that stood at the call has been read. */
  async start(): Promise<void> {
    const ends = [...this.#topic.ends];
    while (!this.#closed && ends.some((end, partition) => this.#positions[partition]! < end)) await this.#step();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#topic.appended.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { appended } = this.#topic;
    while (!this.#closed) {
      const { rings } = appended;
      if (!(await this.#step()) && !this.#closed) await appended.after(rings);
    }
  }

  /** A page of each partition; false where there was nothing. */
  async #step(): Promise<boolean> {
    let found = false;
    for (let partition = 0; partition < this.#topic.partitions; partition++) {
      const position = Math.max(this.#positions[partition]!, this.#topic.starts[partition]!);
      const page = this.#records.page(this.#topic, partition, position, pageRecordsMax, pageBytesMax);
      if (page.next === this.#positions[partition]) continue;
      found = true;
      this.#positions[partition] = page.next;
      for (const record of page.records) this.#onRecord(record);
      await this.#breath.take();
      if (this.#closed) return false;
    }
    return found;
  }
}
