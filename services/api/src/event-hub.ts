import {
  heartbeatMs,
  streamEventTypes,
  type GapEvent,
  type HeartbeatEvent,
  type PlatformAlarm,
} from '@haulwatch/contract';
import type { EventPage, LiveEvent, LiveStore } from '@haulwatch/ports';
import type { Logger } from '@haulwatch/service';
import { frameOf, type SseConnection } from './sse-connection.ts';

export type EventHubPorts = {
  readonly live: Pick<LiveStore, 'events'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** What is wrong with Haulwatch itself at this moment. */
  readonly platformAlarms: () => readonly PlatformAlarm[];
};

/** Events of one read: half a megabyte, so that a storm goes out in few writes. */
const eventsPerRead = 500;
/** How long a read waits for news: a store that has died is noticed within that, and heartbeats stop. */
const waitMs = 1_000;
/** Before a store that failed is asked again, and before a reader that was sent away should come back. */
const retryMs = 1_000;
/** Reads that bring nothing though the hub is ahead: the hub may have been quicker by a moment, not by a second. */
const emptyReadsMax = 10;
const emptyReadWaitMs = 100;

/**
 * Hands the live store's events to any number of readers with one read: whoever is at the newest event hangs on the hub,
 * who comes back with an older id reads the pages in between by itself until it has caught up.
 *
 * Delivery: each event at most once a connection and in order; with the id that it came to, a reader resumes without loss
 * as far back as the store keeps events, and is told of a gap beyond. After a store that began anew, which is a gap too,
 * events may repeat.
 */
export class EventHub {
  readonly #ports: EventHubPorts;
  /** All readers. */
  readonly #readers = new Set<SseConnection>();
  /** Those that hang on the hub; the others still catch up. */
  readonly #attached = new Set<SseConnection>();
  readonly #stop = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  /** The newest event that was handed out; undefined until the store has answered once. */
  #cursor: string | undefined;
  #storeFailed = false;
  #dropped = 0;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(ports: EventHubPorts) {
    this.#ports = ports;
  }

  /** Readers there are, those that still catch up included. */
  get open(): number {
    return this.#readers.size;
  }

  /** Readers that were cut off because they were too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  start(): void {
    void this.#run();
    this.#heartbeat = setInterval(() => this.#beat(this.#attached), heartbeatMs);
  }

  /** Serves one reader from after an event, or from now on; resolves when it has gone. */
  async serve(reader: SseConnection, after: string | undefined): Promise<void> {
    this.#readers.add(reader);
    try {
      // At once, so that the other end knows that the stream is open though nothing has happened.
      reader.write(`retry: ${retryMs}\n\n`, reader.lastId);
      await Promise.race([this.#started.promise, reader.gone]);
      if (this.#stop.signal.aborted) return;
      if (after === undefined) reader.lastId = this.#cursor ?? reader.lastId;
      else await this.#catchUp(reader, after);
      // From here to the loop's next page nothing is awaited: no event can fall between catching up and hanging on.
      this.#attached.add(reader);
      this.#beat([reader]);
      await reader.gone;
    } finally {
      this.#attached.delete(reader);
      this.#readers.delete(reader);
      if (reader.dropped) this.#dropped += 1;
      reader.end();
    }
  }

  /** Ends every reader, and the loop with the read that it waits for: what that still brings is for nobody. */
  close(): void {
    this.#stop.abort();
    clearInterval(this.#heartbeat);
    this.#started.resolve();
    for (const reader of this.#readers) reader.end();
  }

  async #run(): Promise<void> {
    const { live, logger } = this.#ports;
    while (!this.#stop.signal.aborted) {
      try {
        const asked = this.#cursor;
        const page = await this.#notBehind(
          asked,
          await live.events(asked, eventsPerRead, asked === undefined ? 0 : waitMs),
        );
        if (this.#stop.signal.aborted) return;
        if (this.#storeFailed) logger.info('events can be read again');
        this.#storeFailed = false;
        this.#handOut(page);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!this.#storeFailed) logger.warn({ err: error }, 'events cannot be read; trying again');
        this.#storeFailed = true;
        await new Promise((resolve) => void setTimeout(resolve, retryMs).unref());
      }
    }
  }

  /**
   * Where nothing came, the store may have begun anew (a log created again, Redis emptied): it would be silent until it
   * has come to where the hub stands. That is a gap, and the hub goes back to the store's newest event.
   */
  async #notBehind(asked: string | undefined, page: EventPage): Promise<EventPage> {
    if (asked === undefined || page.gap || page.events.length > 0) return page;
    const newest = await this.#newestId();
    return isAfter(asked, newest) ? { events: [], gap: true, next: newest } : page;
  }

  /** The newest event that the store has. */
  async #newestId(): Promise<string> {
    return (await this.#ports.live.events(undefined, 1, 0)).next;
  }

  #handOut(page: EventPage): void {
    const before = this.#cursor;
    this.#cursor = page.next;
    this.#started.resolve();
    const gap = page.gap ? gapFrame(page.next) : '';
    const all = Buffer.from(gap + framesOf(page.events));
    if (all.length === 0) return;
    for (const reader of this.#attached) {
      // Almost every reader stands where the hub stood; one that has just caught up may be ahead by a moment.
      if (page.gap || before === undefined || !isAfter(reader.lastId, before)) reader.write(all, page.next);
      else {
        const missing = page.events.filter((event) => isAfter(event.id, reader.lastId));
        if (missing.length > 0) reader.write(framesOf(missing), page.next);
      }
    }
  }

  /** Pages from the store until the reader stands where the hub stands. */
  async #catchUp(reader: SseConnection, after: string): Promise<void> {
    const newest = await this.#newestId();
    if (isAfter(after, newest)) {
      // Its id is of a store or a log that is gone. Repeats are harmless: a reader knows them by the alarm's seq.
      const next = this.#cursor ?? newest;
      reader.write(gapFrame(next), next);
      return;
    }
    reader.lastId = after;
    for (let emptyReads = 0; emptyReads <= emptyReadsMax;) {
      await reader.drained();
      if (this.#stop.signal.aborted || reader.closed) return;
      const page = await this.#ports.live.events(reader.lastId, eventsPerRead, emptyReads === 0 ? 0 : emptyReadWaitMs);
      const frames = (page.gap ? gapFrame(page.next) : '') + framesOf(page.events);
      if (frames === '') reader.lastId = page.next;
      else reader.write(frames, page.next);
      if (this.#cursor === undefined || !isAfter(this.#cursor, reader.lastId)) return;
      if (page.events.length === 0) emptyReads += 1;
    }
    // The store does not have what the hub has handed out: it was lost and is being rebuilt.
    const next = this.#cursor ?? reader.lastId;
    reader.write(gapFrame(next), next);
  }

  /** A heartbeat says that events are being read: while the store is away there is none, and the page shows its age. */
  #beat(readers: Iterable<SseConnection>): void {
    if (this.#storeFailed) return;
    const heartbeat: HeartbeatEvent = {
      atMs: this.#ports.nowMs(),
      platformAlarms: [...this.#ports.platformAlarms()],
    };
    const data = JSON.stringify(heartbeat);
    for (const reader of readers) {
      reader.write(frameOf({ id: reader.lastId, type: streamEventTypes.heartbeat, data }), reader.lastId);
    }
  }
}

function framesOf(events: readonly LiveEvent[]): string {
  return events.map(frameOf).join('');
}

/** The gap carries the id to go on from, so that a reader who leaves at once does not meet the same gap again. */
function gapFrame(next: string): string {
  const gap: GapEvent = { next };
  return frameOf({ id: next, type: streamEventTypes.gap, data: JSON.stringify(gap) });
}

/** Event ids are two numbers: log position and index. */
export function isAfter(a: string, b: string): boolean {
  const [aFirst = 0, aSecond = 0] = a.split('-').map(Number);
  const [bFirst = 0, bSecond = 0] = b.split('-').map(Number);
  return aFirst === bFirst ? aSecond > bSecond : aFirst > bFirst;
}
