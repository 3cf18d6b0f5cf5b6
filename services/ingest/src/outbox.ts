import { setTimeout as sleep } from 'node:timers/promises';
import { LogError, type Log, type NewLogRecord } from '@haulwatch/ports';

/** Records that wait before the producer of them must: some seconds of a storm of alarms, a few MB. */
const waitingMax = 20_000;
/** Records sent in one go. */
const sendMax = 1_000;
/** The pause before a retriable failure is tried again, ms; the consumer waits meanwhile, nothing is dropped. */
const retryMs = 500;

/**
 * Sends records to one topic in the order they were put, one call at a time, while the engine goes on. Delivery is at
 * least once: `drained` resolves when everything put before is durable, and only then may input be committed.
 *
 * A retriable failure is tried again for ever (the input stands still, which is the back pressure); any other ends the
 * outbox: `put` and `drained` throw it from then on.
 */
export class Outbox {
  readonly topic: string;
  readonly #log: Log;
  readonly #onRetry: (topic: string, error: LogError) => void;
  readonly #signal: AbortSignal;
  #waiting: NewLogRecord[] = [];
  #sending: Promise<void> | undefined;
  #failure: unknown;

  /** @param signal ends the waiting for a log that does not answer. */
  constructor(log: Log, topic: string, onRetry: (topic: string, error: LogError) => void, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
    this.topic = topic;
    this.#onRetry = onRetry;
  }

  put(record: NewLogRecord): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting.push(record);
    this.#sending ??= this.#send();
  }

  /** Resolves when there is room again; at once where there is. */
  async room(): Promise<void> {
    while (this.#waiting.length > waitingMax && this.#failure === undefined) await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when everything that was put is durable. */
  async drained(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #send(): Promise<void> {
    // Let the caller finish putting what belongs together.
    await Promise.resolve();
    while (this.#waiting.length > 0 && this.#failure === undefined) {
      const records = this.#waiting.splice(0, sendMax);
      try {
        await this.#append(records);
      } catch (error) {
        this.#failure = error;
      }
    }
    this.#sending = undefined;
  }

  async #append(records: readonly NewLogRecord[]): Promise<void> {
    for (;;) {
      try {
        await this.#log.append(this.topic, records);
        return;
      } catch (error) {
        if (!(error instanceof LogError) || !error.retriable) throw error;
        this.#onRetry(this.topic, error);
        await sleep(retryMs, undefined, { signal: this.#signal });
      }
    }
  }
}
