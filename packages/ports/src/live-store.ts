import type { Alarm, AlarmStepKind } from '@haulwatch/domain';

/**
 * The live store: open alarms, the stream of events, last positions. It decides nothing: the fold of the alarm log
 * decides, the store applies a short list of writes with the log position that they belong to. Everything here can be
 * lost and rebuilt from the log. Two implementations, one suite of tests: packages/redis and packages/embedded.
 */
export type LiveStore = {
  /**
   * Applies writes in order and remembers the position; the writes of one position go in all together or not at all.
   * Writes at or below the stored position are skipped, so applying twice changes nothing. Effectively once.
   * @throws LiveStoreError 'rewound' when the stored position is before `after`: the store has lost what it had
   *   applied (restart without persistence, FLUSHALL) and must be rebuilt from its own position on.
   */
  apply(batch: LiveBatch): Promise<void>;
  /** The newest position applied, or -1 for an empty store. */
  position(): Promise<number>;
  /** Every alarm that is kept, open and lately cleared, in no order: the fold starts from it. */
  alarms(): Promise<readonly KeptAlarm[]>;
  /** Open alarms, newest `startedAtMs` first. */
  openAlarms(limit: number): Promise<readonly Alarm[]>;
  /** Open alarms of one vehicle, newest first. */
  openAlarmsOf(vehicleId: string): Promise<readonly Alarm[]>;
  /** How many alarms are open, by rule. */
  openCounts(): Promise<Readonly<Record<string, number>>>;
  /**
   * Events after an id, oldest first. Waits up to `waitMs` for the first one; an empty answer means none came.
   * `after` undefined: from the newest event on, that is, only what comes now.
   */
  events(after: string | undefined, limit: number, waitMs: number): Promise<EventPage>;
  /** Keeps each vehicle's newest fix (an older one than the stored is ignored). Not tied to the log position: a hint for maps. */
  putLastFixes(fixes: readonly LastFix[]): Promise<void>;
  lastFix(vehicleId: string): Promise<LastFix | undefined>;
  /**
   * Forgets alarms, events and position at once, as if nothing had ever been applied; newest fixes stay. Whoever goes on writing
   * is told 'rewound', and fills it anew from the log.
   */
  clear(): Promise<void>;
  close(): Promise<void>;
};

/**
 * An alarm as it is kept. `untold`: people were not told of this kind of step yet, for it came out of a backlog; when the
 * backlog is over they are, if the alarm is still open. It is kept here so that a crash in between forgets nobody.
 */
export type KeptAlarm = Alarm & { readonly untold?: Exclude<AlarmStepKind, 'cleared'> };

export type LiveBatch = {
  /** The position that the writer believes to be stored; -1 at the beginning. */
  readonly after: number;
  /** The newest log position of this batch; becomes the stored position even where it brought no write. */
  readonly upTo: number;
  readonly writes: readonly LiveWrite[];
};

/** One write, decided by the fold. `position` is the alarm-log offset that it belongs to. */
export type LiveWrite =
  /** Sets the alarm; it is in the index of open alarms while its status is 'open'. */
  | { readonly op: 'put-alarm'; readonly position: number; readonly alarm: KeptAlarm }
  /** Forgets a cleared alarm that is kept no longer. */
  | { readonly op: 'drop-alarm'; readonly position: number; readonly alarmId: string }
  /** Appends to the stream of events under the id `eventId(position, index)`. */
  | {
      readonly op: 'event';
      readonly position: number;
      readonly index: number;
      readonly type: string;
      readonly data: string;
    };

/** An event as people's screens receive it. The id is made of the log position, so that it survives a rebuild of the store. */
export type LiveEvent = { readonly id: string; readonly type: string; readonly data: string };

export type EventPage = {
  readonly events: readonly LiveEvent[];
  /** True: events after the asked id are gone (trimmed or rebuilt); the reader must fetch the open alarms anew. */
  readonly gap: boolean;
  /** The id to ask after next; stands for the newest event when `events` is empty and nothing was asked after. */
  readonly next: string;
};

/** The id of an event: also a valid Redis stream id (the first part is never 0). */
export function eventId(position: number, index: number): string {
  return `${position + 1}-${index}`;
}

export type LastFix = {
  readonly vehicleId: string;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly speedKph?: number;
  readonly headingDeg?: number;
};

export type LiveStoreErrorCode = 'unreachable' | 'rewound' | 'full' | 'failed';

/** The store could not do it. `retriable`: the same call may go through later. */
export class LiveStoreError extends Error {
  override readonly name = 'LiveStoreError';
  readonly code: LiveStoreErrorCode;
  readonly retriable: boolean;

  constructor(code: LiveStoreErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}

/** How many events the stream keeps at least: at 25 alarms/s about an hour. */
export const eventsKept = 200_000;
