import { LogError, type Appended, type NewLogRecord } from '@haulwatch/ports';
import type { Producer, RecordMetadata } from 'kafkajs';
import { toLogError } from './kafka-errors.ts';
import { groupedMessages } from './kafkajs-internals.ts';
import { noPartition } from './kafka-reader.ts';
import { cut, place, Slice, type Job } from './send-plan.ts';

export type AppenderDeps = {
  /** A new idempotent producer, not yet connected. */
  readonly createProducer: () => Producer;
  readonly partitionCount: (topic: string) => Promise<number>;
  readonly brokers: readonly string[];
  /** What one record may have at most; absent: what Kafka takes by default. */
  readonly recordBytesMax?: number | undefined;
};

/** How often what kafkajs has left out of a request is sent again. */
const sendsMax = 10;

/** How long `close` waits for the request that is under way; what waits behind it is refused. */
const closeWaitMs = 5_000;

/**
 * While so many bytes wait, those under way among them, no call is taken. A request is tried for some 35 s, and meanwhile
 * everybody goes on calling: without a limit the process dies of memory before Kafka is back. 64 MB are 16 requests of the
 * largest size, more than a healthy Kafka ever leaves waiting, and small beside Node's heap of some GB, also where small
 * records take several times their bytes there.
 */
const waitingBytesMax = 64_000_000;

/**
 * Appends with one idempotent producer and one request at a time: calls made meanwhile wait and go out together.
 *
 * One at a time is needed, not chosen: after a lost answer kafkajs takes its sequence number back, and a *different*
 * request of the same size sent then would pass for a repetition and be dropped by the broker, acknowledged. For the
 * same reason a producer whose request failed for good is thrown away: the next request begins with a new producer id.
 *
 * At least once: a call that was rejected may stand in the log, wholly or in part.
 */
export class KafkaAppender {
  readonly #deps: AppenderDeps;
  readonly #queue: Job[] = [];
  #waitingBytes = 0;
  #producer: Promise<Producer> | undefined;
  #pumping: Promise<void> | undefined;
  #closed = false;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
  }

  /**
   * More than 10,000 records or 1 MB of one partition go out in several requests. Where another process wrote in
   * between, the answer names each place: more than one for that partition.
   *
   * @throws LogError 'unreachable' at once, too, while 64 MB of earlier calls wait. The call that reaches the limit is
   *   taken whatever its size: a large one would else find no room for ever.
   */
  async append(topic: string, records: readonly NewLogRecord[]): Promise<readonly Appended[]> {
    if (this.#closed) throw closed();
    if (this.#waitingBytes >= waitingBytesMax) throw this.#crowded(topic);
    const slices = cut(topic, records, this.#deps.recordBytesMax);
    if (slices.length === 0) return [];
    const bytes = slices.reduce((total, slice) => total + slice.totalBytes, 0);
    this.#waitingBytes += bytes;
    try {
      return await new Promise((resolve, reject) => {
        this.#queue.push({ topic, slices, nextSlice: 0, placed: new Map(), resolve, reject });
        // A tick later: what this tick appends goes out in one request.
        this.#pumping ??= Promise.resolve().then(() => this.#pump());
      });
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeWaitMs)));
    await Promise.race([this.#pumping, limit]);
    clearTimeout(timer);
    await this.#dropProducer();
  }

  async #pump(): Promise<void> {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (this.#closed) {
        for (const job of this.#queue.splice(0)) job.reject(closed());
        break;
      }
      let sent = [head];
      try {
        const partitions = await this.#deps.partitionCount(head.topic);
        const request = this.#takeJobs(partitions);
        sent = request.jobs;
        if (sent.length > 0) settle(sent, await this.#send(head.topic, request.slice));
      } catch (error) {
        await this.#dropProducer();
        for (const job of this.#queue.splice(0, sent.length))
          job.reject(toLogError(error, `append to ${job.topic}`, this.#deps.brokers));
      }
      while (this.#queue[0] !== undefined && isDone(this.#queue[0])) {
        const job = this.#queue.shift()!;
        job.resolve([...job.placed.values()].flat());
      }
    }
    this.#pumping = undefined;
  }

  /** The first in the queue, and those behind it whose next slice fits beside; a call that needs another request ends the row. */
  #takeJobs(partitionCount: number): { jobs: Job[]; slice: Slice } {
    const jobs: Job[] = [];
    const slice = new Slice();
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[jobs.length]) {
      if (jobs.length > 0 && next.topic !== jobs[0]!.topic) break;
      if (refuseUnknownPartition(next, partitionCount)) {
        this.#queue.splice(jobs.length, 1);
        continue;
      }
      if (!slice.take(nextSlice(next))) break;
      jobs.push(next);
      if (next.nextSlice + 1 < next.slices.length) break;
    }
    return { jobs, slice };
  }

  /**
   * Sends a slice until each of its partitions has been answered for. kafkajs counts answers by broker: where a leader dies and
   * its partition moves to a broker that has answered already, it takes the request for done and never sends that partition.
   */
  async #send(topic: string, slice: Slice): Promise<readonly RecordMetadata[]> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    const answers: RecordMetadata[] = [];
    const missing = new Map(slice.groups);
    for (let tries = 0; missing.size > 0; tries += 1) {
      if (tries === sendsMax) throw halfAnswered(topic, [...missing.keys()]);
      for (const answer of await producer.send({ topic, messages: groupedMessages(missing), acks: -1 })) {
        answers.push(answer);
        missing.delete(answer.partition);
      }
    }
    return answers;
  }

  #crowded(topic: string): LogError {
    return new LogError(
      'unreachable',
      `Kafka at ${this.#deps.brokers.join(', ')} does not take records as fast as they come: ${this.#waitingBytes} bytes wait, the limit is ${waitingBytesMax} (append to ${topic}). Nothing of this call was written: try again in a moment; is Kafka running?`,
      { retriable: true },
    );
  }

  async #connect(): Promise<Producer> {
    const producer = this.#deps.createProducer();
    await producer.connect();
    return producer;
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    // A producer that never connected, or a broker that is gone: there is nothing to say good-bye to.
    await producer?.then((it) => it.disconnect()).catch(() => undefined);
  }
}

function halfAnswered(topic: string, partitions: readonly number[]): LogError {
  return new LogError(
    'unreachable',
    `Kafka has not answered for ${topic}[${partitions.join(', ')}] though it was asked ${sendsMax} times; other partitions of the call may be written: try again.`,
    { retriable: true },
  );
}

/** True where the job was refused, and is to be forgotten. */
function refuseUnknownPartition(job: Job, partitionCount: number): boolean {
  for (const slice of job.slices) {
    for (const partition of slice.groups.keys()) {
      if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) continue;
      job.reject(noPartition(job.topic, partition, partitionCount));
      return true;
    }
  }
  return false;
}

function nextSlice(job: Job): Slice {
  return job.slices[job.nextSlice]!;
}

function isDone(job: Job): boolean {
  return job.nextSlice === job.slices.length;
}

/** Shares out each partition's base offset among the calls of one request, in the order in which they went out. */
function settle(jobs: readonly Job[], answers: readonly RecordMetadata[]): void {
  const cursors = new Map(answers.map((it) => [it.partition, Number(it.baseOffset)]));
  for (const job of jobs) {
    for (const [partition, messages] of nextSlice(job).groups) {
      const baseOffset = cursors.get(partition);
      if (baseOffset === undefined) throw new Error(`Kafka's answer lacks ${job.topic}[${partition}]`);
      place(job, partition, baseOffset, messages.length);
      cursors.set(partition, baseOffset + messages.length);
    }
    job.nextSlice += 1;
  }
}

function closed(): LogError {
  return new LogError('failed', 'The log is closed: open it anew to append.', { retriable: false });
}
