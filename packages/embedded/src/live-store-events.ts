import { eventId, LiveStoreError, type EventPage, type LiveEvent, type LiveWrite } from '@haulwatch/ports';

type EventWrite = Extract<LiveWrite, { op: 'event' }>;

/** An event and its id as two numbers that compare. */
type KeptEvent = { readonly first: number; readonly second: number; readonly event: LiveEvent };

/** The stream of events of the store in memory, for any number of waiting readers. */
export class LiveStoreEvents {
  readonly #kept: number;
  /** Oldest first. Trimmed when it has grown to twice what is kept, so that an append costs the same at any length. */
  #events: KeptEvent[] = [];
  /** The newest event that is gone; undefined while none is. */
  #lastGone: KeptEvent | undefined;
  readonly #waiters = new Set<() => void>();
  #closed = false;

  constructor(kept: number) {
    this.#kept = kept;
  }

  append({ position, index, type, data }: EventWrite): void {
    this.#events.push({ first: position + 1, second: index, event: { id: eventId(position, index), type, data } });
    if (this.#events.length < 2 * this.#kept) return;
    this.#lastGone = this.#events.at(-this.#kept - 1);
    this.#events = this.#events.slice(-this.#kept);
  }

  clear(): void {
    this.#events = [];
    this.#lastGone = undefined;
  }

  /** Wakes the readers, once for a batch of events. */
  publish(): void {
    for (const wake of this.#waiters) wake();
  }

  /** LiveStore.events: a gap, and an id that no event can have, are answered with the newest id and no events. */
  async read(after: string | undefined, limit: number, waitMs: number): Promise<EventPage> {
    const newest = this.#events.at(-1)?.event.id ?? '0-0';
    const asked = after ?? newest;
    const deadlineMs = performance.now() + waitMs;
    for (;;) {
      if (this.#closed) throw closedError();
      const id = /^(\d{1,15})-(\d{1,15})$/.exec(asked);
      const start = id === null ? undefined : this.#indexAfter(Number(id[1]), Number(id[2]));
      if (start === undefined) return { events: [], gap: true, next: this.#events.at(-1)?.event.id ?? '0-0' };
      const events = this.#events.slice(start, start + limit).map((kept) => kept.event);
      const leftMs = deadlineMs - performance.now();
      if (events.length > 0 || leftMs <= 0) return { events, gap: false, next: events.at(-1)?.id ?? asked };
      await this.#published(leftMs);
    }
  }

  close(): void {
    this.#closed = true;
    this.publish();
  }

  /** Where the events after an id begin; undefined where some of them are gone. */
  #indexAfter(first: number, second: number): number | undefined {
    const isAfter = (kept: KeptEvent): boolean => (kept.first - first || kept.second - second) > 0;
    const oldest = this.#events[0];
    if (this.#lastGone !== undefined && isAfter(this.#lastGone)) return undefined;
    // A young stream whose log no longer begins at the beginning: who saw an event before it has missed some.
    if (this.#lastGone === undefined && first > 0 && oldest !== undefined && isAfter(oldest)) return undefined;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(this.#events[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Resolves with the next publish, or after `waitMs`. */
  async #published(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#waiters.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiters.delete(resolve);
  }
}

function closedError(): LiveStoreError {
  return new LiveStoreError('failed', 'The live store is closed.', { retriable: false });
}
