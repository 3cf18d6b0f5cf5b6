import { setTimeout as sleep } from 'node:timers/promises';
import { LogError, type Log, type NewLogRecord } from '@haulwatch/ports';

/** What may wait before the consumer of the input must: some seconds of a storm of alarms. */
const waitingRecordsMax = 20_000;
const waitingBytesMax = 32_000_000;
/** Records sent in one go. */
const sendMax = 1_000;
/** The pause before a retriable failure is tried again, ms; the consumer waits meanwhile, nothing is dropped. */
const retryMs = 500;

/**
 * Sends records to one topic in the order they were put, one call at a time, while the engine goes on. Delivery is at
 * least once: `drained` resolves when everything put before it is durable, and only then may input be committed.
 *
 * A retriable failure is tried again for ever (the input stands still, which is the back pressure); any other ends the
 * outbox: `put`, `room` and `drained` throw it from then on.
 */
export class Outbox {
  readonly topic: string;
  readonly #log: Log;
  readonly #onRetry: (topic: string, error: LogError) => void;
  readonly #signal: AbortSignal;
  #waiting: NewLogRecord[] = [];
  #waitingBytes = 0;
  /** Records that were ever put, and that are durable: tickets for `drained`. */
  #putCount = 0;
  #sentCount = 0;
  #isSending = false;
  #progress = Promise.withResolvers<void>();
  #failure: unknown;
  /** Why the log does not take records at this moment; undefined: it does. */
  #refusal: LogError | undefined;

  /** @param signal ends the waiting for a log that does not answer. */
  constructor(log: Log, topic: string, onRetry: (topic: string, error: LogError) => void, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
    this.topic = topic;
    this.#onRetry = onRetry;
  }

  /** Whether it takes nothing any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws why nothing goes out at this moment, though it is tried again. */
  mustFlow(): void {
    this.#mustWork();
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  put(record: NewLogRecord): void {
    this.#mustWork();
    this.#waiting.push(record);
    this.#waitingBytes += record.value?.length ?? 0;
    this.#putCount += 1;
    if (!this.#isSending) void this.#send();
  }

  /** Resolves when there is room again; at once where there is. */
  async room(): Promise<void> {
    this.#mustWork();
    while (this.#waiting.length > waitingRecordsMax || this.#waitingBytes > waitingBytesMax) await this.#step();
  }

  /** Resolves when everything that was put until now is durable, whatever is put meanwhile. */
  async drained(): Promise<void> {
    this.#mustWork();
    const ticket = this.#putCount;
    while (this.#sentCount < ticket) await this.#step();
  }

  async #step(): Promise<void> {
    await this.#progress.promise;
    this.#mustWork();
  }

  #mustWork(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Never rejects: a failure is kept and told to whoever asks. */
  async #send(): Promise<void> {
    this.#isSending = true;
    // Let the caller finish putting what belongs together.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      const records = this.#waiting.splice(0, sendMax);
      try {
        await this.#append(records);
        this.#sentCount += records.length;
        this.#waitingBytes -= records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      } catch (error) {
        this.#failure = error;
      }
      this.#progress.resolve();
      this.#progress = Promise.withResolvers<void>();
    }
    this.#isSending = false;
  }

  async #append(records: readonly NewLogRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#log.append(this.topic, records);
        this.#refusal = undefined;
        return;
      } catch (error) {
        if (!(error instanceof LogError) || !error.retriable) throw error;
        this.#refusal = error;
        this.#onRetry(this.topic, error);
        await sleep(retryMs, undefined, { signal: this.#signal });
      }
    }
  }
}
