import type { Alarm, AlarmStep } from '@haulwatch/domain';

/**
 * The history: every step of every alarm, and each alarm as it stands, kept for years in SQL. packages/postgres
 * implements it over any PostgreSQL dialect (a server, or PGlite in the same process).
 */
export type History = {
  /** Brings the schema up to date. Safe to call from several processes at once. */
  migrate(): Promise<void>;
  /** The newest alarm-log position applied, or -1. */
  position(): Promise<number>;
  /**
   * Writes steps and stores the position in the same transaction. Steps that are there already (alarm, seq) and
   * positions already applied change nothing. Effectively once.
   * @throws HistoryError 'rewound', which no retry mends, when the stored position is below `after`; nothing is written.
   *   The database has gone back (failover to an asynchronous replica, an older backup), and steps that the writer
   *   believes written are gone: it must begin again behind `position()`, or they would be missing for good.
   */
  apply(batch: HistoryBatch): Promise<void>;
  /** Alarms, newest `startedAtMs` first (then by id): keyset pages. */
  alarms(query: AlarmQuery): Promise<AlarmPage>;
  /** One alarm with all its steps, or undefined. */
  alarm(alarmId: string): Promise<{ readonly alarm: Alarm; readonly steps: readonly AlarmStep[] } | undefined>;
  /** Forgets all alarms, their steps and the position, in one transaction. Whoever goes on writing is told 'rewound', and fills it anew from the log. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

export type HistoryBatch = {
  /** The position that the writer believes stored, from which it goes on; -1 at the beginning of the log. */
  readonly after: number;
  /** The newest log position of this batch. */
  readonly upTo: number;
  readonly steps: readonly { readonly position: number; readonly step: AlarmStep }[];
};

export type AlarmQuery = {
  readonly status?: 'open' | 'cleared';
  readonly rule?: string;
  readonly vehicleId?: string;
  readonly company?: string;
  readonly district?: string;
  readonly class?: string;
  readonly levelMin?: number;
  readonly late?: boolean;
  /** startedAtMs >= from and < to. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
  /** The last row of the page before. */
  readonly after?: { readonly startedAtMs: number; readonly alarmId: string };
};

export type AlarmPage = {
  readonly alarms: readonly Alarm[];
  /** Ask with it for the next page; undefined: this was the last. */
  readonly next?: { readonly startedAtMs: number; readonly alarmId: string };
};
