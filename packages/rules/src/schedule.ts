import type { ScheduleWindow } from '@haulwatch/domain';

const minutesPerDay = 1_440;
const minutesPerWeek = 7 * minutesPerDay;

/** Spans of the week in minutes since Monday 00:00: from, to (exclusive), from, to ... Undefined: always in force. */
export type Schedule = Uint16Array | undefined;

/** Windows of days and local times as spans of the week; one past midnight, or past Sunday, becomes what it is. */
export function compileSchedule(windows: readonly ScheduleWindow[]): Schedule {
  if (windows.length === 0) return undefined;
  const spans: number[] = [];
  for (const { days, fromMinute, toMinute } of windows) {
    const length = toMinute > fromMinute ? toMinute - fromMinute : toMinute - fromMinute + minutesPerDay;
    for (const day of days) {
      const from = (day - 1) * minutesPerDay + fromMinute;
      const to = from + length;
      if (to <= minutesPerWeek) spans.push(from, to);
      else spans.push(from, minutesPerWeek, 0, to - minutesPerWeek);
    }
  }
  return Uint16Array.from(spans);
}

/** Whether the schedule is in force at this minute of the week. */
export function inForce(schedule: Schedule, minuteOfWeek: number): boolean {
  if (schedule === undefined) return true;
  for (let i = 0; i < schedule.length; i += 2) {
    if (minuteOfWeek >= schedule[i]! && minuteOfWeek < schedule[i + 1]!) return true;
  }
  return false;
}

/** Whether it is in force at this minute of the week and at so many minutes that follow. */
export function inForceThroughout(schedule: Schedule, minuteOfWeek: number, minutes: number): boolean {
  if (schedule === undefined) return true;
  for (let after = 0; after <= Math.min(minutes, minutesPerWeek); after += 1) {
    if (!inForce(schedule, (minuteOfWeek + after) % minutesPerWeek)) return false;
  }
  return true;
}

/**
 * For each minute of the week the number of the stretch it lies in, between two times at which any of the schedules opens
 * or closes; undefined where none ever does.
 */
export function scheduleEpochs(schedules: readonly Schedule[]): Uint16Array | undefined {
  const borders = new Uint8Array(minutesPerWeek);
  let any = false;
  for (const schedule of schedules) {
    for (const minute of schedule ?? []) {
      borders[minute % minutesPerWeek] = 1;
      any = true;
    }
  }
  if (!any) return undefined;
  let epoch = 0;
  return Uint16Array.from(borders, (border) => (epoch += border));
}
