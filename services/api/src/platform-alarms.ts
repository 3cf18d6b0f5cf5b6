import type { PlatformAlarm } from '@haulwatch/contract';

/** How far one part of a stage has come: a partition of telemetry, or the alarm log as a whole. */
export type StagePart = { readonly name: string; readonly position: number; readonly end: number };

/** Why dead letters are written that tell of more than one bad record. */
export const graveReasons = ['poison', 'data-gap', 'broken-state'] as const satisfies readonly PlatformAlarm['kind'][];

/** A dead letter that tells of more than one bad record. */
export type GraveLetter = {
  readonly reason: (typeof graveReasons)[number];
  readonly atMs: number;
  /** "telemetry[3] at 1234". */
  readonly place: string;
  readonly detail: string;
};

/** What one look at the pipeline has found. */
export type PlatformReading = {
  readonly atMs: number;
  /** Why a part did not answer, by part; those that did are not named. */
  readonly away: Readonly<Partial<Record<'log' | 'live' | 'history', string>>>;
  /** Of each stage that could be looked at. */
  readonly stages: Readonly<Partial<Record<Stage, readonly StagePart[]>>>;
  readonly graveLetters: readonly GraveLetter[];
  /** Dead letters written since the look before. */
  readonly newLetters: number;
  /** When the newest record of the alarm log was written, by its writer's clock. */
  readonly newestRecordAtMs?: number | undefined;
};

export type Stage = 'ingest' | 'live' | 'history';

/** A part may be away for so long before that is an alarm: a restart is none. */
const awayMaxMs = 15_000;
/** Ingest commits each 10 s: six times that without any is no pause. */
const stillMaxMs = 60_000;
const lagMaxMs = 60_000;
/** What cannot be undone stays on the screen for an hour. */
const graveKeptMs = 3_600_000;
const graveKeptMax = 20;
/** Dead letters a minute: a producer that writes nonsense, not a glitch. */
const lettersPerMinuteMax = 100;
const clockAheadMaxMs = 2_000;

const servants: Readonly<Record<Stage, string>> = { ingest: 'ingest', live: 'alerts', history: 'history' };

/** How a part has moved: when it last did, and a mark that it had to reach, set when it reached the one before. */
type Motion = { position: number; movedAtMs: number; markEnd: number; markAtMs: number };

/** Judges what is wrong with Haulwatch itself, look by look. Pure: what it is told of is all it knows. */
export class PlatformAlarms {
  readonly #since = new Map<string, number>();
  readonly #motions = new Map<string, Motion>();
  #grave: GraveLetter[] = [];
  #letters: { readonly atMs: number; readonly count: number }[] = [];

  /** What is wrong as of this look. */
  see(reading: PlatformReading): PlatformAlarm[] {
    const { atMs } = reading;
    const found = [
      ...this.#away(reading),
      ...Object.entries(reading.stages).flatMap(([stage, parts]) => this.#stage(stage as Stage, parts, atMs)),
      ...this.#graveOnes(reading),
      ...this.#tooManyLetters(reading),
      ...clockOf(reading),
    ];
    const keys = new Set(found.map(keyOf));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    return found.map((alarm) => {
      const sinceMs = this.#since.get(keyOf(alarm)) ?? alarm.sinceMs;
      this.#since.set(keyOf(alarm), sinceMs);
      return { ...alarm, sinceMs };
    });
  }

  readonly #awaySince = new Map<string, number>();

  #away({ away, atMs }: PlatformReading): PlatformAlarm[] {
    for (const part of this.#awaySince.keys()) if (!(part in away)) this.#awaySince.delete(part);
    return Object.entries(away).flatMap(([subject, why]) => {
      const sinceMs = this.#awaySince.get(subject) ?? atMs;
      this.#awaySince.set(subject, sinceMs);
      return atMs - sinceMs < awayMaxMs ? [] : [{ kind: 'away', subject, sinceMs, detail: why } as const];
    });
  }

  #stage(stage: Stage, parts: readonly StagePart[], atMs: number): PlatformAlarm[] {
    const still: { name: string; sinceMs: number; waiting: number }[] = [];
    const late: typeof still = [];
    for (const part of parts) {
      const motion = this.#follow(`${stage} ${part.name}`, part, atMs);
      const waiting = part.end - part.position;
      if (waiting <= 0) continue;
      if (atMs - motion.movedAtMs > stillMaxMs) still.push({ name: part.name, sinceMs: motion.movedAtMs, waiting });
      else if (atMs - motion.markAtMs > lagMaxMs) late.push({ name: part.name, sinceMs: motion.markAtMs, waiting });
    }
    const tell = (kind: 'no-progress' | 'lag', ones: typeof still, what: string): PlatformAlarm[] => {
      if (ones.length === 0) return [];
      const sinceMs = Math.min(...ones.map((one) => one.sinceMs));
      const waiting = ones.reduce((sum, one) => sum + one.waiting, 0);
      const where = ones.length === parts.length ? '' : ` (${namesOf(ones.map(({ name }) => name))})`;
      const seconds = Math.round((atMs - sinceMs) / 1_000);
      return [
        {
          kind,
          subject: stage,
          sinceMs,
          detail: `${what.replace('…', `${seconds} s`)}, ${waiting} records wait${where}`,
        },
      ];
    };
    return [
      ...tell('no-progress', still, `no progress for …: is ${servants[stage]} running?`),
      ...tell('lag', late, '… behind'),
    ];
  }

  /** Records that came after the mark may wait; what was there when it was set must not wait for long. */
  #follow(key: string, { position, end }: StagePart, atMs: number): Motion {
    const motion = this.#motions.get(key) ?? { position, movedAtMs: atMs, markEnd: end, markAtMs: atMs };
    this.#motions.set(key, motion);
    if (position !== motion.position || end <= position) motion.movedAtMs = atMs;
    motion.position = position;
    if (position >= motion.markEnd || end < motion.markEnd) {
      motion.markEnd = end;
      motion.markAtMs = atMs;
    }
    return motion;
  }

  #graveOnes({ atMs, graveLetters }: PlatformReading): PlatformAlarm[] {
    const recent = [...this.#grave, ...graveLetters].filter((letter) => atMs - letter.atMs < graveKeptMs);
    // What is told again, after a crash before it was committed, is one alarm.
    this.#grave = [...new Map(recent.map((letter) => [`${letter.reason} ${letter.place}`, letter])).values()];
    this.#grave = this.#grave.slice(-graveKeptMax);
    return this.#grave.map((letter) => ({
      kind: letter.reason,
      subject: letter.place,
      sinceMs: letter.atMs,
      detail: letter.detail,
    }));
  }

  #tooManyLetters({ atMs, newLetters }: PlatformReading): PlatformAlarm[] {
    this.#letters = [...this.#letters, { atMs, count: newLetters }].filter((one) => atMs - one.atMs < 60_000);
    const count = this.#letters.reduce((sum, one) => sum + one.count, 0);
    if (count <= lettersPerMinuteMax) return [];
    const detail = `${count} dead letters within a minute: a producer writes what nobody can take; their headers say which and why`;
    return [{ kind: 'dead-letters', subject: 'telemetry.dlq', sinceMs: atMs, detail }];
  }
}

function clockOf({ atMs, newestRecordAtMs }: PlatformReading): PlatformAlarm[] {
  const aheadMs = newestRecordAtMs === undefined ? 0 : newestRecordAtMs - atMs;
  if (aheadMs <= clockAheadMaxMs) return [];
  const seconds = Math.round(aheadMs / 100) / 10;
  const detail = `a record was written ${seconds} s ahead of this host's clock: set the clocks of all hosts by NTP`;
  return [{ kind: 'host-clock', subject: 'api', sinceMs: atMs, detail }];
}

function keyOf({ kind, subject }: PlatformAlarm): string {
  return `${kind} ${subject}`;
}

const namesShownMax = 8;

function namesOf(names: readonly string[]): string {
  const more = names.length - namesShownMax;
  return `${names.slice(0, namesShownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
