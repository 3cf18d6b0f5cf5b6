import { Temporal } from 'temporal-polyfill';

const quarterHourMs = 900_000;
const minutesPerWeek = 7 * 1_440;
/** 1970-01-01 was a Thursday: the epoch is minute 3 x 1,440 of a week that begins on Monday. */
const epochMinuteOfWeek = 3 * 1_440;

/** Quarters of an hour that are remembered: five days, for what is told late is up to three days old. A power of two. */
const quartersKept = 512;

/**
 * Local time of one IANA time zone, cheap enough for each fix. Offsets are asked of Temporal once for each quarter of
 * an hour, the finest step in which zones change, and kept: fixes of now and of hours ago come in turns.
 */
export class LocalTime {
  readonly timeZone: string;
  /** By the quarter's place among `quartersKept`: which quarter since the epoch it is of, and its offset from UTC. */
  readonly #quarters = new Float64Array(quartersKept).fill(Number.NaN);
  readonly #offsetsMinutes = new Float64Array(quartersKept);
  /** The minute asked last, from when to when it lasts, and its answer: fixes of one batch are of the same one or two. */
  #minuteFromMs = Number.NaN;
  #minuteToMs = Number.NaN;
  #minuteOfWeek = 0;

  constructor(timeZone: string) {
    this.timeZone = timeZone;
  }

  /** Minutes since local Monday 00:00, 0-10,079. */
  minuteOfWeek(epochMs: number): number {
    if (epochMs >= this.#minuteFromMs && epochMs < this.#minuteToMs) return this.#minuteOfWeek;
    const minute = Math.floor(epochMs / 60_000);
    const local = Math.floor(minute + this.#offsetMinutes(Math.floor(epochMs / quarterHourMs)) + epochMinuteOfWeek);
    this.#minuteFromMs = minute * 60_000;
    this.#minuteToMs = this.#minuteFromMs + 60_000;
    this.#minuteOfWeek = ((local % minutesPerWeek) + minutesPerWeek) % minutesPerWeek;
    return this.#minuteOfWeek;
  }

  #offsetMinutes(quarter: number): number {
    const at = quarter & (quartersKept - 1);
    if (this.#quarters[at] !== quarter) {
      const zoned = Temporal.Instant.fromEpochMilliseconds(quarter * quarterHourMs).toZonedDateTimeISO(this.timeZone);
      this.#offsetsMinutes[at] = zoned.offsetNanoseconds / 60e9;
      this.#quarters[at] = quarter;
    }
    return this.#offsetsMinutes[at]!;
  }
}
