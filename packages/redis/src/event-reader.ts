import type { EventPage, LiveEvent } from '@haulwatch/ports';
import type { Redis } from 'ioredis';
import { parseEventId, type EventId } from './event-id.ts';
import { newestEventId, readRange, type StoredEvent } from './event-range.ts';
import { blockMs, EventTail } from './event-tail.ts';
import { blockingTwin } from './connection.ts';

/** Reads the event stream for any number of readers: the tail of this process first, the stream where that cannot say. */
export class EventReader {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #tail: EventTail;

  constructor(redis: Redis, key: string) {
    this.#redis = redis;
    this.#key = key;
    this.#tail = new EventTail(blockingTwin(redis, blockMs), key);
  }

  /**
   * LiveStore.events. A gap is answered at once, without events and with the newest id: whoever then fetches the open
   * alarms and goes on from `next` misses nothing and is shown nothing stale. An id that no event can have is a gap.
   */
  async read(after: string | undefined, limit: number, waitMs: number): Promise<EventPage> {
    const deadlineMs = performance.now() + waitMs;
    const asked = after ?? (await newestEventId(this.#redis, this.#key));
    const id = parseEventId(asked);
    if (id === undefined) return { events: [], gap: true, next: await newestEventId(this.#redis, this.#key) };
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      const held = this.#tail.after(id, limit);
      if (held !== undefined && held.length > 0) return pageOf(held, asked);
      // Without waiting, only the stream itself can say that there is nothing.
      const startId = held !== undefined && waitMs > 0 ? asked : await this.#ask(id, asked, limit);
      if (typeof startId !== 'string') return startId;
      if (leftMs <= 0) return { events: [], gap: false, next: asked };
      await this.#tail.changed(id, startId, leftMs);
    }
  }

  close(): void {
    this.#tail.close();
  }

  /** What the stream has after an id; where that is nothing, the newest id, for the tail to start from. */
  async #ask(id: EventId, asked: string, limit: number): Promise<EventPage | string> {
    const { events, gap, newestId } = await readRange(this.#redis, this.#key, id, limit);
    if (gap) return { events: [], gap, next: newestId };
    return events.length > 0 ? pageOf(events, asked) : newestId;
  }
}

function pageOf(stored: readonly StoredEvent[], asked: string): EventPage {
  const events: LiveEvent[] = stored.map(({ id, type, data }) => ({ id, type, data }));
  return { events, gap: false, next: events.at(-1)?.id ?? asked };
}
