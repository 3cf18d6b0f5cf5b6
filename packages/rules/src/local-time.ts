import { Temporal } from 'temporal-polyfill';

const quarterHourMs = 900_000;
const minutesPerWeek = 7 * 1_440;
/** 1970-01-01 was a Thursday: the epoch is minute 3 x 1,440 of a week that begins on Monday. */
const epochMinuteOfWeek = 3 * 1_440;

/**
 * Local time of one IANA time zone, cheap enough for each fix. Offsets are asked of Temporal once for each quarter of
 * an hour, the finest step in which zones change, and kept for the quarter asked last.
 */
export class LocalTime {
  readonly timeZone: string;
  #quarter = Number.NaN;
  #offsetMinutes = 0;
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
    const quarter = Math.floor(epochMs / quarterHourMs);
    if (quarter !== this.#quarter) {
      const zoned = Temporal.Instant.fromEpochMilliseconds(quarter * quarterHourMs).toZonedDateTimeISO(this.timeZone);
      this.#offsetMinutes = zoned.offsetNanoseconds / 60e9;
      this.#quarter = quarter;
    }
    const local = Math.floor(minute + this.#offsetMinutes + epochMinuteOfWeek);
    this.#minuteFromMs = minute * 60_000;
    this.#minuteToMs = this.#minuteFromMs + 60_000;
    this.#minuteOfWeek = ((local % minutesPerWeek) + minutesPerWeek) % minutesPerWeek;
    return this.#minuteOfWeek;
  }
}
