import { Temporal } from 'temporal-polyfill';

/** Turns the text of a cell into ms since the epoch, or undefined where it is no time. */
export type TimeReader = (text: string) => number | undefined;

/**
 * Date and time as files write them: `2008-12-11 04:42:14+00`, `2026-01-26 15:57:02`, `2026/1/26 5:57`, ISO 8601 with a
 * `T`, a fraction and an offset. Day before month is not read: nobody can tell it from month before day.
 */
const dateTime =
  /^(?<year>\d{4})[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})[Tt ]\s*(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>[0-5]\d)(?:[.,](?<fraction>\d{1,9}))?)?\s*(?<offset>Z|z|UTC|[+-]\d\d(?::?\d\d)?)?$/;
const number = /^\d+(?:\.\d+)?$/;

/** Below it a number is seconds (until the year 5138), from it on ms (since 1973): no time of ours can be both. */
const secondsMax = 1e11;

/** Different minutes that are kept: files in order of time need one, files of many vehicles one each. */
const minutesKept = 4_096;

/**
 * A reader of times of all the forms above and of seconds or ms since the epoch. `timeZone` (an IANA name) is where
 * times without an offset were written; one that a clock showed twice is taken for the first, one that it left out for
 * the time that is as much later, as ISO 8601 libraries and RFC 5545 do.
 */
export function timeReader(timeZone: string): TimeReader {
  // A zone's offset changes at whole minutes, so the minute is looked up once and seconds are added to it: the polyfill
  // takes some 15 µs for each time.
  const minutes = new Map<string, number | undefined>();
  return (text) => {
    if (number.test(text)) return readEpoch(Number(text));
    const parts = dateTime.exec(text)?.groups;
    if (parts === undefined) return undefined;
    const key = `${parts['year']}-${two(parts['month'])}-${two(parts['day'])}T${two(parts['hour'])}:${parts['minute']}`;
    const zone = zoneOf(parts['offset']) ?? timeZone;
    const cacheKey = key + zone;
    let minuteMs = minutes.get(cacheKey);
    if (minuteMs === undefined && !minutes.has(cacheKey)) {
      if (minutes.size >= minutesKept) minutes.clear();
      minuteMs = epochMs(key, zone);
      minutes.set(cacheKey, minuteMs);
    }
    if (minuteMs === undefined) return undefined;
    return minuteMs + Number(parts['second'] ?? 0) * 1_000 + Math.round(Number(`0.${parts['fraction'] ?? 0}`) * 1_000);
  };
}

/** A reader of seconds or ms since the epoch, where the file says which. */
export function epochReader(unitMs: 1 | 1_000): TimeReader {
  return (text) => (number.test(text) ? Math.round(Number(text) * unitMs) : undefined);
}

export function isTimeZone(name: string): boolean {
  try {
    return Temporal.PlainDateTime.from('2000-01-01T00:00').toZonedDateTime(name).timeZoneId !== '';
  } catch {
    // A RangeError is how Temporal says that it does not know the zone.
    return false;
  }
}

function readEpoch(value: number): number {
  return Math.round(value < secondsMax ? value * 1_000 : value);
}

function epochMs(minute: string, zone: string): number | undefined {
  try {
    return Temporal.PlainDateTime.from(minute, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    // 30 February, hour 25: a RangeError. The cell is no time.
    return undefined;
  }
}

/** `+08`, `+0800` and `+08:00` are the same offset; Temporal takes the last. */
function zoneOf(offset: string | undefined): string | undefined {
  if (offset === undefined) return undefined;
  if (!/^[+-]/.test(offset)) return 'UTC';
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function two(digits: string | undefined): string {
  return (digits ?? '').padStart(2, '0');
}
