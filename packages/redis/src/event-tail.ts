import { LiveStoreError } from '@haulwatch/ports';
import type { Redis } from 'ioredis';
import { beforeAllEvents, compareEventIds, parseEventId, type EventId } from './event-id.ts';
import { newestEventId, storedEvent, type StoredEvent, type StreamEntry } from './event-range.ts';

/** Newest events held in this process: at 25 alarms/s three minutes, so that hundreds of readers ask Redis nothing. */
const heldMax = 4_096;
/** Events of one read: small enough for a quick answer, large enough for a storm. */
const readMax = 1_000;
/** How long one blocking read waits; also the longest that a close or an unneeded tail takes. */
export const blockMs = 5_000;
/** A tail that nobody waited for in this time stops reading. */
const idleMsMax = 30_000;

/**
 * The end of the event stream, followed by one blocking read on one connection for all readers of the process, however
 * many wait. It starts with the first waiter. It promises no more than speed: what it does not hold any more, and
 * whether something is missing, readers ask the stream itself.
 */
export class EventTail {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #waiters = new Set<Waiter>();
  /** Events without a hole from behind `#floor` to `#newest`. */
  #held: { readonly id: EventId; readonly event: StoredEvent }[] = [];
  #floor: EventId | undefined;
  #newestId = '';
  #running = false;
  #closed = false;
  #waitedAtMs = 0;

  /** @param redis a connection of its own: it spends its time in blocking reads. */
  constructor(redis: Redis, key: string) {
    this.#redis = redis;
    this.#key = key;
  }

  /** Events after an id, or undefined where the tail cannot say: not running, or the id is older than what it holds. */
  after(id: EventId, limit: number): readonly StoredEvent[] | undefined {
    if (this.#floor === undefined || compareEventIds(id, this.#floor) < 0) return undefined;
    let low = 0;
    let high = this.#held.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareEventIds(this.#held[middle]!.id, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.#held.slice(low, low + limit).map((held) => held.event);
  }

  /**
   * Resolves when there is something new after an id, or after `waitMs`; which of both, the caller looks for himself.
   * @param newestId the stream's newest id, where reading starts; the caller has seen that none after `id` came before.
   * @throws what ioredis throws when the connection breaks; LiveStoreError 'failed' when the tail is closed.
   */
  async changed(id: EventId, newestId: string, waitMs: number): Promise<void> {
    if (this.#closed) throw closedError();
    this.#waitedAtMs = performance.now();
    this.#start(newestId);
    if ((this.after(id, 1)?.length ?? 0) > 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { id, resolve, reject };
    const timer = setTimeout(resolve, waitMs);
    this.#waiters.add(waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  close(): void {
    this.#closed = true;
    this.#redis.disconnect();
    for (const waiter of this.#waiters) waiter.reject(closedError());
  }

  #start(newestId: string): void {
    if (this.#running) return;
    this.#running = true;
    this.#restartBehind(newestId);
    void this.#follow();
  }

  async #follow(): Promise<void> {
    try {
      while (!this.#closed && this.#isWanted()) {
        const reply = await this.#redis.xread('COUNT', readMax, 'BLOCK', blockMs, 'STREAMS', this.#key, this.#newestId);
        if (reply !== null) this.#take(reply[0]![1]);
        else await this.#goBackIfEmptied();
      }
    } catch (error) {
      if (!this.#closed) for (const waiter of this.#waiters) waiter.reject(error);
    } finally {
      this.#running = false;
      this.#held = [];
      this.#floor = undefined;
    }
  }

  /** A store that was emptied and filled anew may be far behind what the tail has seen: follow it from where it is. */
  async #goBackIfEmptied(): Promise<void> {
    const newestId = await newestEventId(this.#redis, this.#key);
    if (compareEventIds(parseEventId(newestId)!, parseEventId(this.#newestId)!) >= 0) return;
    this.#restartBehind(newestId);
    for (const waiter of this.#waiters) waiter.resolve();
  }

  #isWanted(): boolean {
    return this.#waiters.size > 0 || performance.now() - this.#waitedAtMs < idleMsMax;
  }

  #take(entries: readonly StreamEntry[]): void {
    for (const entry of entries) {
      const event = storedEvent(entry);
      // A hole: trimmed before it was read, or the stream is a young one, whose first event follows none. What those
      // before it have missed, only the stream can say.
      const follows = event.prev === this.#newestId && event.prev !== beforeAllEvents;
      if (follows) this.#held.push({ id: parseEventId(event.id)!, event });
      else this.#restartBehind(event.id);
      this.#newestId = event.id;
    }
    if (this.#held.length > 2 * heldMax) {
      this.#floor = this.#held.at(-heldMax - 1)!.id;
      this.#held = this.#held.slice(-heldMax);
    }
    const newest = parseEventId(this.#newestId)!;
    for (const waiter of this.#waiters) if (compareEventIds(waiter.id, newest) < 0) waiter.resolve();
  }

  #restartBehind(behindId: string): void {
    this.#held = [];
    this.#floor = parseEventId(behindId)!;
    this.#newestId = behindId;
  }
}

export function closedError(): LiveStoreError {
  return new LiveStoreError('failed', 'The live store is closed.', { retriable: false });
}

type Waiter = { readonly id: EventId; readonly resolve: () => void; readonly reject: (error: unknown) => void };
