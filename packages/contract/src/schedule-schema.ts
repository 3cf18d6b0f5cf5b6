import type { ScheduleWindow } from '@haulwatch/domain';
import { z } from 'zod';

/** Days as a file writes them, in the order of `ScheduleWindow.days`: Monday is 1. */
const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const fromTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time "HH:MM" between 00:00 and 23:59, in quotes');
export const toTime = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a time "HH:MM" between 00:00 and 24:00, in quotes');

/** One from 02:00 to 02:00 would last a whole day, which nobody reads in it. From 00:00 to 00:00 they do. */
export function endsElsewhere({ from, to }: { readonly from: string; readonly to: string }): boolean {
  return minuteOf(from) !== endMinuteOf(to);
}
export const endsElsewhereHelp = {
  path: ['to'],
  error: 'must not be the same as from: for the whole day write "00:00" to "24:00"',
};

const windowSchema = z
  .strictObject({
    days: z.union([z.literal('every-day'), z.array(z.enum(dayNames)).min(1)]),
    from: fromTime,
    to: toTime,
  })
  .refine(endsElsewhere, endsElsewhereHelp)
  .transform(({ days, from, to }): ScheduleWindow => {
    const names = days === 'every-day' ? dayNames : days;
    const numbers = [...new Set(names.map((name) => dayNames.indexOf(name) + 1))].sort((a, b) => a - b);
    return { days: numbers, fromMinute: minuteOf(from), toMinute: endMinuteOf(to) };
  });

/** When something holds, in the policy's time zone: the schedule of a fence, the hours of a rule. */
export const scheduleSchema = z.array(windowSchema).meta({ id: 'Schedule' });

export function minuteOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** An end is exclusive, so midnight as an end is 1,440, never 0. */
export function endMinuteOf(time: string): number {
  return minuteOf(time) || 1_440;
}
