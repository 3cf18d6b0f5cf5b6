import {
  eventName,
  type Level,
  type RuleCondition,
  type ScheduleWindow,
  type Tier,
  type VehicleClass,
} from '@haulwatch/domain';

export const classTerms: Readonly<Record<VehicleClass, string>> = {
  coach: '客运车辆',
  hazmat: '危险货物运输车辆',
  earthwork: '渣土车',
  mixer: '混凝土搅拌车',
  heavy: '重型货车',
};

export const levelWords: Readonly<Record<Level, string>> = {
  1: 'notice',
  2: 'warning',
  3: 'serious',
  4: 'critical',
};

/** Who sees it, as `tiers` has it. */
export const tierWords: Readonly<Record<Tier, string>> = {
  T0: 'recorded only',
  T1: 'driver and company told',
  T2: 'company must answer',
  T3: 'operator',
};

/** "level 3 serious, T2 company must answer"; of a case that leaves one to its rule, or both, what it says. */
export function toldAs(level: Level | undefined, tier: Tier | undefined): string {
  const told = [
    ...(level === undefined ? [] : [`level ${level} ${levelWords[level]}`]),
    ...(tier === undefined ? [] : [`${tier} ${tierWords[tier]}`]),
  ];
  return told.length === 0 ? 'as without the case' : told.join(', ');
}

/** "2.5 m/s²", "14400 s (4 h)": whole hours and minutes beside long times. */
export function valueWords(value: number, unit: string): string {
  const plain = `${value} ${unit}`.trimEnd();
  if (unit !== 's' || value < 120) return plain;
  if (value % 1_800 === 0 && value >= 3_600) return `${plain} (${value / 3_600} h)`;
  return value % 60 === 0 ? `${plain} (${value / 60} min)` : plain;
}

/** A condition part by part, "coach, hazmat; every day 00:00-06:00; outside of places for expressway"; '' where nothing is asked. */
export function conditionWords(when: RuleCondition): string {
  return conditionParts(when).join('; ');
}

function conditionParts({ classes, hours, within, outside, fences, subjects, eventLevel }: RuleCondition): string[] {
  return [
    ...(classes === undefined ? [] : [classes.join(', ')]),
    ...(hours === undefined || hours.length === 0 ? [] : [scheduleWords(hours)]),
    ...(within === undefined ? [] : [`in places for ${within.join(', ')}`]),
    ...(outside === undefined ? [] : [`outside of places for ${outside.join(', ')}`]),
    ...(fences === undefined ? [] : [`in the fence ${fences.join(' or ')}`]),
    ...(subjects === undefined ? [] : [`reported: ${subjects.map(subjectWords).join(', ')}`]),
    ...(eventLevel === undefined ? [] : [`terminal’s level ${eventLevel}`]),
  ];
}

/** "every day 22:00-06:00, Mon Tue 07:00-10:00"; an empty schedule is always open. */
export function scheduleWords(windows: readonly ScheduleWindow[]): string {
  if (windows.length === 0) return 'always';
  return windows
    .map(({ days, fromMinute, toMinute }) => {
      const hours = fromMinute === toMinute ? 'all day' : `${clockTime(fromMinute)}-${clockTime(toMinute)}`;
      return `${daysWords(days)} ${hours}`;
    })
    .join(', ');
}

/** 1320 is "22:00". */
export function clockTime(minute: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function daysWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  if (sorted.length === dayNames.length) return 'every day';
  const names = sorted.map((day) => dayNames[day - 1]!);
  const [first = 0] = sorted;
  const isRun = sorted.length > 2 && sorted.every((day, index) => day === first + index);
  return isRun ? `${names[0]!}-${names.at(-1)!}` : names.join(' ');
}

/** '6502' is "6502 phone 接打电话"; faults are named by words already. */
function subjectWords(subject: string): string {
  return /^[0-9a-f]{4}$/.test(subject) ? `${subject} ${eventName(Number.parseInt(subject, 16))}` : subject;
}
