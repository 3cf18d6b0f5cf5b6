import type { RejectReason } from '@haulwatch/domain';
import type { LogRecord } from '@haulwatch/ports';
import type { Outbox } from './outbox.ts';

/** A dead letter carries at most this much of the record: enough to see what it was, below any broker's limit. */
const valueBytesMax = 262_144;
/** Notices of re-routed records in a second of this process; beyond it they are only counted, for a whole fleet can come by the wrong client. */
const noticesPerSecondMax = 10;

/** Where a dead letter came from and why. */
export type DeadLetter = {
  readonly record: LogRecord;
  readonly reason: RejectReason;
  readonly detail: string;
  /** Rows of a frame that are meant; absent: the whole record. */
  readonly rows?: readonly number[];
};

/**
 * Writes what could not be taken to `telemetry.dlq`, with topic, partition, offset and reason in the headers, so that it
 * can be found, understood, mended and sent again. Delivery: at least once, before the input is committed.
 */
export class DeadLetters {
  readonly #outbox: Outbox;
  readonly #topic: string;
  #noticeSecond = -1;
  #notices = 0;

  /** @param topic the topic that the records came from. */
  constructor(outbox: Outbox, topic: string) {
    this.#outbox = outbox;
    this.#topic = topic;
  }

  put(letter: DeadLetter): void {
    const value = letter.record.value;
    const cut = value !== null && value.length > valueBytesMax;
    this.#outbox.put({
      partition: 0,
      key: null,
      value: value === null ? null : Buffer.from(value.subarray(0, valueBytesMax)),
      headers: {
        ...this.#headers(letter),
        ...(cut ? { 'truncated-from-bytes': String(value.length) } : {}),
      },
    });
  }

  /** Tells of a record that lay on the wrong partition and was sent home: nothing is lost, but a client should be mended. */
  putRerouted(letter: DeadLetter, homePartition: number): void {
    const second = Math.floor(letter.record.timestampMs / 1_000);
    if (second !== this.#noticeSecond) {
      this.#noticeSecond = second;
      this.#notices = 0;
    }
    this.#notices += 1;
    if (this.#notices > noticesPerSecondMax) return;
    this.#outbox.put({
      partition: 0,
      key: null,
      value: null,
      headers: { ...this.#headers(letter), disposition: 'rerouted', 'home-partition': String(homePartition) },
    });
  }

  /** Tells of records that nobody read before they were removed. */
  putGap(
    partition: number,
    gap: { readonly from: number; readonly to: number; readonly detail: string; readonly atMs: number },
  ): void {
    this.#outbox.put({
      partition: 0,
      key: null,
      value: null,
      headers: {
        topic: this.#topic,
        partition: String(partition),
        offset: String(gap.from),
        'to-offset': String(gap.to),
        reason: 'data-gap',
        detail: gap.detail,
        'noticed-at': new Date(gap.atMs).toISOString(),
      },
    });
  }

  /** Tells that a partition's newest state cannot be read, and that it goes on from an older one. */
  putBrokenState(
    partition: number,
    broken: { readonly offset: number; readonly detail: string; readonly atMs: number },
  ): void {
    this.#outbox.put({
      partition: 0,
      key: null,
      value: null,
      headers: {
        topic: this.#topic,
        partition: String(partition),
        offset: String(broken.offset),
        reason: 'broken-state',
        detail: broken.detail.slice(0, 500),
        'noticed-at': new Date(broken.atMs).toISOString(),
      },
    });
  }

  /** Whether letters can still be written. */
  get hasFailed(): boolean {
    return this.#outbox.hasFailed;
  }

  #headers(letter: DeadLetter): Record<string, string> {
    return {
      topic: this.#topic,
      partition: String(letter.record.partition),
      offset: String(letter.record.offset),
      reason: letter.reason,
      detail: letter.detail.slice(0, 500),
      ...(letter.rows === undefined ? {} : { rows: letter.rows.slice(0, 100).join(',') }),
    };
  }
}
