import type { ScheduleWindow } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSchedule, inForce } from './schedule.ts';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** 'Tue 06:30' as minutes since Monday 00:00. */
function minuteOf(moment: string): number {
  const [day, hour, minute] = moment.split(/[ :]/);
  return days.indexOf(day!) * 1_440 + Number(hour) * 60 + Number(minute);
}

const hours = (from: number, to: number, ...on: number[]): ScheduleWindow => ({
  days: on,
  fromMinute: from * 60,
  toMinute: to * 60,
});

test.each<[string, ScheduleWindow[], string[], string[]]>([
  ['none: always', [], ['Mon 00:00', 'Sun 23:59'], []],
  [
    'a day shift, half-open',
    [hours(7, 9, 1, 3)],
    ['Mon 07:00', 'Mon 08:59', 'Wed 07:00'],
    ['Mon 06:59', 'Mon 09:00', 'Tue 08:00'],
  ],
  [
    'past midnight, by the day on which it opens',
    [hours(22, 6, 5)],
    ['Fri 22:00', 'Fri 23:59', 'Sat 00:00', 'Sat 05:59'],
    ['Fri 00:00', 'Fri 05:59', 'Fri 21:59', 'Sat 06:00', 'Sat 22:00'],
  ],
  [
    'past Sunday into Monday',
    [hours(22, 6, 7)],
    ['Sun 22:00', 'Sun 23:59', 'Mon 00:00', 'Mon 05:59'],
    ['Sun 21:59', 'Mon 06:00', 'Mon 22:00'],
  ],
  ['the whole day', [hours(0, 24, 2)], ['Tue 00:00', 'Tue 23:59'], ['Mon 23:59', 'Wed 00:00']],
  [
    'both ends equal: a whole day from then',
    [hours(8, 8, 7)],
    ['Sun 08:00', 'Sun 23:59', 'Mon 07:59'],
    ['Sun 07:59', 'Mon 08:00'],
  ],
  ['until midnight', [hours(22, 24, 7)], ['Sun 22:00', 'Sun 23:59'], ['Mon 00:00', 'Sun 21:59']],
  [
    'several windows: any of them',
    [hours(7, 9, 1), hours(8, 17, 1)],
    ['Mon 07:00', 'Mon 08:30', 'Mon 16:59'],
    ['Mon 17:00', 'Tue 08:00'],
  ],
])('%s', (_, windows, open, closed) => {
  const schedule = compileSchedule(windows);
  expect([...open, ...closed].filter((moment) => inForce(schedule, minuteOf(moment)))).toEqual(open);
});

const minuteOfDay = fc.integer({ min: 0, max: 1_439 });
const oneWindow = fc.record({
  days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay.map((minute) => minute + 1),
});

test('says of each minute what the windows say, read day by day', () => {
  fc.assert(
    fc.property(fc.array(oneWindow, { minLength: 1, maxLength: 4 }), fc.nat(10_079), (windows, minuteOfWeek) => {
      const day = Math.floor(minuteOfWeek / 1_440) + 1;
      const dayBefore = day === 1 ? 7 : day - 1;
      const minute = minuteOfWeek % 1_440;
      const expected = windows.some(({ days: on, fromMinute, toMinute }) =>
        fromMinute < toMinute
          ? on.includes(day) && minute >= fromMinute && minute < toMinute
          : (on.includes(day) && minute >= fromMinute) || (on.includes(dayBefore) && minute < toMinute),
      );
      expect(inForce(compileSchedule(windows), minuteOfWeek)).toBe(expected);
    }),
  );
});
