import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LocalTime } from './local-time.ts';

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function intlMinuteOfWeek(clock: Intl.DateTimeFormat, epochMs: number): number {
  const parts = new Map(clock.formatToParts(epochMs).map(({ type, value }) => [type, value]));
  return weekdays.indexOf(parts.get('weekday')!) * 1_440 + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

/** Zones with whole, half and quarter hours, with summer times of an hour and of half an hour, on both halves of the earth. */
describe.each([
  ['Asia/Shanghai', []],
  ['Asia/Kathmandu', []],
  ['Europe/London', ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z']],
  ['Australia/Lord_Howe', ['2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z']],
  ['America/New_York', ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z']],
])('%s', (timeZone, changes) => {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

  test('tells the minute of the week as Intl does, at any time of thirty years', () => {
    const instant = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2030, 0) });
    const local = new LocalTime(timeZone);
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 20 }), (instants) => {
        for (const epochMs of instants) expect(local.minuteOfWeek(epochMs)).toBe(intlMinuteOfWeek(clock, epochMs));
      }),
    );
  });

  test.each(changes)('minute by minute through the change of %s, forwards and back', (change) => {
    const local = new LocalTime(timeZone);
    const minutes = Array.from({ length: 241 }, (_, i) => Date.parse(change) + (i - 120) * 60_000);
    for (const epochMs of [...minutes, ...minutes.toReversed()]) {
      expect(local.minuteOfWeek(epochMs)).toBe(intlMinuteOfWeek(clock, epochMs));
      expect(local.minuteOfWeek(epochMs - 1)).toBe(intlMinuteOfWeek(clock, epochMs - 1));
    }
  });
});

test('a minute goes on to its last millisecond, a week begins on Monday', () => {
  const local = new LocalTime('UTC');
  const monday = Date.UTC(2026, 2, 2);
  expect([-1, 0, 59_999, 60_000].map((byMs) => local.minuteOfWeek(monday + byMs))).toEqual([10_079, 0, 0, 1]);
});

test('a zone that nobody knows is refused at the first question', () => {
  expect(() => new LocalTime('Asia/Atlantis').minuteOfWeek(0)).toThrow(RangeError);
});
