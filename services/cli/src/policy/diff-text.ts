import { ruleSpec, type Alarm } from '@haulwatch/domain';
import { Temporal } from 'temporal-polyfill';
import { alarmChanges, type AlarmDiff, type ChangedAlarm, type RuleDiff } from './diff-alarms.ts';

export type DiffTextOptions = {
  /** Alarms shown of each kind of difference. */
  readonly limit: number;
  /** The zones of the two policies: an alarm is told in the local time of the one that raised it. */
  readonly timeZones: { readonly a: string; readonly b: string };
};

/** What a person reads: the counts of each rule, then the first alarms that appear, vanish and change under B. */
export function diffText(diff: AlarmDiff, { limit, timeZones }: DiffTextOptions): string[] {
  const { appeared, vanished, changed } = diff;
  return [
    ...ruleTable(diff),
    ...list('appear under B', '+', appeared, limit, (alarm) => [
      headOf(alarm, timeZones.b),
      `B: ${explanationOf(alarm)}`,
    ]),
    ...list('vanish under B', '-', vanished, limit, (alarm) => [
      headOf(alarm, timeZones.a),
      `A: ${explanationOf(alarm)}`,
    ]),
    ...list('change under B', '~', changed, limit, (both) => changedLines(both, timeZones)),
  ];
}

function ruleTable({ byRule }: AlarmDiff): string[] {
  const rules = Object.entries<RuleDiff>(byRule);
  if (rules.length === 0) return ['no alarm under either policy'];
  const header = ['rule', 'A', 'B', 'appeared', 'vanished', 'changed', ''];
  const rows = rules.map(([rule, { alarmsA, alarmsB, appeared, vanished, changed, changes }]) => [
    rule,
    ...[alarmsA, alarmsB, appeared, vanished, changed].map(String),
    alarmChanges
      .flatMap((change) => (changes[change] === undefined ? [] : [`${change} ${changes[change]}`]))
      .join(', '),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const last = header.length - 1;
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === last ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

function list<T>(
  what: string,
  mark: string,
  alarms: readonly T[],
  limit: number,
  linesOf: (alarm: T) => readonly string[],
): string[] {
  if (alarms.length === 0) return [];
  const shown = alarms.slice(0, limit);
  const title = `${what}: ${alarms.length}${shown.length < alarms.length ? `, the first ${shown.length}` : ''}`;
  const lines = shown.flatMap((alarm) =>
    linesOf(alarm).map((line, at) => (at === 0 ? `${mark} ${line}` : `    ${line}`)),
  );
  return ['', title, ...lines];
}

function headOf(alarm: Alarm, timeZone: string): string {
  return `${whoAndWhat(alarm)}  ${spanOf(alarm, timeZone)}  ${gravityOf(alarm)}`;
}

function changedLines({ a, b, changes }: ChangedAlarm, timeZones: DiffTextOptions['timeZones']): string[] {
  const side = (name: string, alarm: Alarm, timeZone: string): string =>
    `${name}: ${spanOf(alarm, timeZone)}  ${gravityOf(alarm)}${numbersOf(alarm)}: ${explanationOf(alarm)}`;
  return [`${whoAndWhat(a)}  ${changes.join(', ')}`, side('A', a, timeZones.a), side('B', b, timeZones.b)];
}

/** The vehicle, the rule, and what sets the alarm apart from others of its rule. */
function whoAndWhat({ vehicleId, rule, fenceId, fenceName, subject, subjectName }: Alarm): string {
  const id = fenceId ?? subject;
  const name = fenceName ?? subjectName;
  const of = id === undefined ? '' : ` ${id}${name === undefined || name === id ? '' : ` (${name})`}`;
  return `${vehicleId}  ${rule}${of}`;
}

/** Local time; the day of the end only where it is another one. */
function spanOf({ startedAtMs, endedAtMs }: Alarm, timeZone: string): string {
  const [fromDay, fromTime] = localTime(startedAtMs, timeZone);
  if (endedAtMs === undefined) return `${fromDay} ${fromTime}..(open)`;
  const [toDay, toTime] = localTime(endedAtMs, timeZone);
  return `${fromDay} ${fromTime}..${toDay === fromDay ? toTime : `${toDay} ${toTime}`}`;
}

function localTime(ms: number, timeZone: string): [day: string, time: string] {
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDateTime();
  const [day, time] = local.toString({ smallestUnit: 'second' }).split('T');
  return [day!, time!];
}

function gravityOf({ level, tier, suppressedBy, late }: Alarm): string {
  const suppressed = suppressedBy === undefined ? '' : `, suppressed (${suppressedBy})`;
  return `level ${level} ${tier}${suppressed}${late ? ', late' : ''}`;
}

/** The worst value and the limit in the rule's unit, where the rule has numbers. */
function numbersOf({ rule, peak, limit }: Alarm): string {
  const { unit } = ruleSpec(rule);
  const told = (name: string, value: number | undefined): string =>
    value === undefined ? '' : `, ${name} ${value}${unit === undefined ? '' : ` ${unit}`}`;
  return told('peak', peak) + told('limit', limit);
}

/** Without the version: neither file is published by being compared. */
function explanationOf({ explanation }: Alarm): string {
  return explanation.replace(/, policy v\d+/, '');
}
