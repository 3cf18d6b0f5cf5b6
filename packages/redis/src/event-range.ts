import type { LiveEvent } from '@haulwatch/ports';
import type { Redis } from 'ioredis';
import { beforeAllEvents, compareEventIds, parseEventId, type EventId } from './event-id.ts';

/** An event as the stream holds it; `prev` is the id of the event before it, so that a reader can see what is missing. */
export type StoredEvent = LiveEvent & { readonly prev: string };

/** What the stream says about the events after an id. */
export type EventRange = {
  readonly events: readonly StoredEvent[];
  readonly gap: boolean;
  /** The newest id, read before the events: none after it can have been missed. */
  readonly newestId: string;
};

/** Reads events after an id straight from the stream. */
export async function readRange(redis: Redis, key: string, after: EventId, limit: number): Promise<EventRange> {
  const from = `(${after.first}-${after.second}`;
  // In this order: an event trimmed between the second and the third read makes a gap, never a hole.
  const [newest, range, oldest] = await Promise.all([
    redis.xrevrange(key, '+', '-', 'COUNT', 1),
    redis.xrange(key, from, '+', 'COUNT', limit),
    redis.xrange(key, '-', '+', 'COUNT', 1),
  ]);
  const first = oldest[0];
  return {
    events: range.map(storedEvent),
    gap: first !== undefined && isGap(after, storedEvent(first)),
    newestId: newest[0]?.[0] ?? beforeAllEvents,
  };
}

export async function newestEventId(redis: Redis, key: string): Promise<string> {
  const [newest] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return newest?.[0] ?? beforeAllEvents;
}

/** One entry of a stream: its id, and its fields and values in one list. */
export type StreamEntry = [id: string, fields: string[]];

export function storedEvent([id, fields]: StreamEntry): StoredEvent {
  let type = '';
  let data = '';
  let prev = beforeAllEvents;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const value = fields[at + 1]!;
    if (fields[at] === 'type') type = value;
    else if (fields[at] === 'data') data = value;
    else if (fields[at] === 'prev') prev = value;
  }
  return { id, type, data, prev };
}

/**
 * Are events between an id and the oldest event kept gone? Not when the oldest one follows the asked id directly. A
 * stream whose oldest event follows none is young: whoever saw an event of the stream before it has missed some.
 */
function isGap(after: EventId, oldest: StoredEvent): boolean {
  if (compareEventIds(after, parseEventId(oldest.id)!) >= 0) return false;
  if (oldest.prev === beforeAllEvents) return after.first > 0;
  return compareEventIds(after, parseEventId(oldest.prev)!) < 0;
}
