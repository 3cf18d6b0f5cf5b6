import { tiers, type AlarmStep, type ClearReason, type Level, type RuleId, type Tier } from '@haulwatch/domain';

/** What the plain engine tells of a step of an alarm. */
export type PlainAlarm = Pick<
  AlarmStep,
  | 'kind'
  | 'rule'
  | 'vehicleId'
  | 'fenceId'
  | 'late'
  | 'level'
  | 'atMs'
  | 'startedAtMs'
  | 'endedAtMs'
  | 'clearReason'
  | 'value'
  | 'limit'
>;

/** What a rule says of a fix. */
export type Seen = { readonly state: 'unknown' | 'band' | 'over' } | Held;

export type Held = {
  readonly state: 'holds';
  readonly level: Level;
  readonly tier: Tier;
  readonly value?: number;
  readonly limit?: number;
};

export type Timing = { readonly minDurationMs: number; readonly clearAfterMs: number; readonly gapMaxMs: number };

export type Subject = {
  readonly rule: Extract<RuleId, 'overspeed' | 'prohibited-zone' | 'sos'>;
  readonly vehicleId: string;
  readonly fenceId?: string;
  readonly late: boolean;
};

type End = { readonly endedAtMs: number; readonly clearReason: ClearReason };
type Worst = { readonly value?: number; readonly limit?: number };

/** One condition on one vehicle, from the fix at which it began to its end. */
export class PlainEpisode {
  readonly subject: Subject;
  readonly startedAtMs: number;
  heldAtMs: number;
  seenAtMs: number;
  done = false;
  isRaised = false;
  /** The live lane has told people of it. */
  isToldLive = false;
  /** What keeps it from people. */
  hushedBy: 'zone' | 'count' | undefined;
  #level: Level;
  #tier: Tier;
  #endsAtMs: number | undefined;
  #overSinceMs: number | undefined;
  #worst: Worst = {};
  readonly #timing: Timing;

  constructor(subject: Subject, timing: Timing, atMs: number, { level, tier }: Held) {
    this.subject = subject;
    this.#timing = timing;
    this.startedAtMs = atMs;
    this.heldAtMs = atMs;
    this.seenAtMs = atMs;
    this.#level = level;
    this.#tier = tier;
  }

  /** Who would be called by it, from 0 on. */
  get rank(): number {
    return tiers.indexOf(this.#tier);
  }

  /** Whether it held when it was last known whether it does. */
  get isHeld(): boolean {
    return this.#endsAtMs === undefined;
  }

  /** Whether it was out of sight for so long that it is over. */
  isLost(atMs: number): boolean {
    return atMs - this.seenAtMs > this.#timing.gapMaxMs;
  }

  /** The end of one that was lost, where people know of it. */
  lose(atMs: number, clearReason: ClearReason): PlainAlarm | undefined {
    this.done = true;
    const end = { endedAtMs: Math.max(this.startedAtMs, this.heldAtMs), clearReason };
    return this.isRaised && !this.isToldLive ? this.#told('cleared', atMs, this.#worst, end) : undefined;
  }

  /** The step that this fix makes of it, if any. */
  move(seen: Seen, atMs: number): PlainAlarm | undefined {
    if (seen.state === 'unknown') return undefined;
    this.seenAtMs = atMs;
    if (seen.state === 'holds') return this.#hold(seen, atMs);
    if (!this.isRaised) {
      this.done = true;
      return undefined;
    }
    this.#endsAtMs ??= Math.max(atMs, this.heldAtMs);
    if (seen.state === 'band') {
      this.#overSinceMs = undefined;
      return undefined;
    }
    this.#overSinceMs ??= atMs;
    if (atMs - this.#overSinceMs < this.#timing.clearAfterMs) return undefined;
    this.done = true;
    const endedAtMs = Math.max(this.startedAtMs, this.#endsAtMs);
    return this.#told('cleared', atMs, this.#worst, { endedAtMs, clearReason: 'condition-over' });
  }

  /** The step that tells of it as it is, once nothing hushes it any more. */
  freed(seen: Held, atMs: number): PlainAlarm {
    return this.#told('escalated', atMs, seen);
  }

  #hold(seen: Held, atMs: number): PlainAlarm | undefined {
    this.heldAtMs = atMs;
    this.#endsAtMs = undefined;
    this.#overSinceMs = undefined;
    if (excess(seen) > excess(this.#worst) || this.#worst.value === undefined) this.#worst = seen;
    // Up to the raise the least that was seen, from then on the gravest, level and tier each by itself.
    const pick = this.isRaised ? Math.max : Math.min;
    const before = [this.#level, this.#tier];
    this.#level = pick(this.#level, seen.level) as Level;
    this.#tier = tiers[pick(this.rank, tiers.indexOf(seen.tier))]!;
    const changes = this.#level !== before[0] || this.#tier !== before[1];
    if (this.isRaised) return changes ? this.#told('escalated', atMs, seen) : undefined;
    if (atMs - this.startedAtMs < this.#timing.minDurationMs) return undefined;
    this.isRaised = true;
    return this.#told('raised', atMs, seen);
  }

  #told(kind: AlarmStep['kind'], atMs: number, { value, limit }: Worst, end?: End): PlainAlarm {
    return {
      kind,
      ...this.subject,
      level: this.#level,
      atMs,
      startedAtMs: this.startedAtMs,
      ...end,
      ...(value === undefined || limit === undefined ? {} : { value, limit }),
    };
  }
}

function excess({ value, limit }: Worst): number {
  return value === undefined || limit === undefined ? 0 : value / limit;
}
