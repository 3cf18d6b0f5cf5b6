/** An event's id, `<log position + 1>-<index>`, as two numbers that compare. */
export type EventId = { readonly first: number; readonly second: number };

/** The id before all events, in Redis as here. */
export const beforeAllEvents = '0-0';

/** Reads an id; undefined for what none of ours looks like. 15 digits are exact in a number. */
export function parseEventId(text: string): EventId | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text);
  return match === null ? undefined : { first: Number(match[1]), second: Number(match[2]) };
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareEventIds(a: EventId, b: EventId): number {
  return a.first - b.first || a.second - b.second;
}
