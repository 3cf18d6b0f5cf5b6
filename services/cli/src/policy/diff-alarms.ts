import type { Alarm, RuleId } from '@haulwatch/domain';

/** What of an alarm the other policy tells otherwise. `duration`: it began, or ended, at another time. */
export const alarmChanges = ['level', 'tier', 'peak', 'limit', 'duration', 'suppressed'] as const;
export type AlarmChange = (typeof alarmChanges)[number];

/** The same alarm under both policies, told differently. */
export type ChangedAlarm = { readonly a: Alarm; readonly b: Alarm; readonly changes: readonly AlarmChange[] };

/** How many alarms of one rule. Those that are neither vanished, appeared nor changed are the same under both. */
export type RuleDiff = {
  readonly alarmsA: number;
  readonly alarmsB: number;
  readonly appeared: number;
  readonly vanished: number;
  readonly changed: number;
  /** By what changed: an alarm may count in more than one. */
  readonly changes: Readonly<Partial<Record<AlarmChange, number>>>;
};

/** What a policy B makes of the same telemetry otherwise than A, in order of time. */
export type AlarmDiff = {
  readonly alarmsA: number;
  readonly alarmsB: number;
  readonly appeared: readonly Alarm[];
  readonly vanished: readonly Alarm[];
  readonly changed: readonly ChangedAlarm[];
  /** The rules that raised anything; by name. */
  readonly byRule: Readonly<Partial<Record<RuleId, RuleDiff>>>;
};

/**
 * Tells apart what two policies make of the same telemetry. Two alarms are the same when vehicle, rule, fence or kind
 * and lane are equal and they overlap in time: another threshold moves beginning and end, and another beginning is
 * another id. Where more than one overlaps, the longest overlap is paired first.
 */
export function diffAlarms(alarmsA: readonly Alarm[], alarmsB: readonly Alarm[]): AlarmDiff {
  const untilMs = [...alarmsA, ...alarmsB].reduce((last, { updatedAtMs }) => Math.max(last, updatedAtMs), 0);
  const [spansA, spansB] = [spansByKey(alarmsA, untilMs), spansByKey(alarmsB, untilMs)];
  const [appeared, vanished, changed]: [Alarm[], Alarm[], ChangedAlarm[]] = [[], [], []];
  for (const key of new Set([...spansA.keys(), ...spansB.keys()])) {
    const [ofA, ofB] = [spansA.get(key) ?? [], spansB.get(key) ?? []];
    const [pairedA, pairedB] = [new Set<Span>(), new Set<Span>()];
    for (const { a, b } of overlapsOf(ofA, ofB).toSorted(closerFirst)) {
      if (pairedA.has(a) || pairedB.has(b)) continue;
      pairedA.add(a);
      pairedB.add(b);
      const changes = changesBetween(a.alarm, b.alarm);
      if (changes.length > 0) changed.push({ a: a.alarm, b: b.alarm, changes });
    }
    for (const span of ofA) if (!pairedA.has(span)) vanished.push(span.alarm);
    for (const span of ofB) if (!pairedB.has(span)) appeared.push(span.alarm);
  }
  return {
    alarmsA: alarmsA.length,
    alarmsB: alarmsB.length,
    appeared: appeared.toSorted(inTime),
    vanished: vanished.toSorted(inTime),
    changed: changed.toSorted((one, other) => inTime(one.a, other.a)),
    byRule: countByRule({ alarmsA, alarmsB, appeared, vanished, changed }),
  };
}

/** From when to when an alarm lasted, the end excluded. */
type Span = { readonly alarm: Alarm; readonly fromMs: number; readonly toMs: number };

/** Sorted by their beginning. One that is open lasts until `untilMs`; one of a single moment lasts a millisecond. */
function spansByKey(alarms: readonly Alarm[], untilMs: number): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  for (const alarm of alarms.toSorted((one, other) => one.startedAtMs - other.startedAtMs)) {
    const { vehicleId, rule, fenceId, subject, late, startedAtMs: fromMs } = alarm;
    const key = JSON.stringify([vehicleId, rule, fenceId ?? '', subject ?? '', late]);
    const span = { alarm, fromMs, toMs: Math.max(fromMs + 1, alarm.endedAtMs ?? untilMs) };
    const same = spans.get(key);
    if (same === undefined) spans.set(key, [span]);
    else same.push(span);
  }
  return spans;
}

type Overlap = { readonly a: Span; readonly b: Span; readonly overlapMs: number };

/** Every pair that overlaps. Both lists are sorted, so what has ended before `a` begins is not looked at again. */
function overlapsOf(ofA: readonly Span[], ofB: readonly Span[]): Overlap[] {
  const overlaps: Overlap[] = [];
  let first = 0;
  for (const a of ofA) {
    while (first < ofB.length && ofB[first]!.toMs <= a.fromMs) first += 1;
    for (let at = first; at < ofB.length && ofB[at]!.fromMs < a.toMs; at += 1) {
      const b = ofB[at]!;
      const overlapMs = Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs);
      if (overlapMs > 0) overlaps.push({ a, b, overlapMs });
    }
  }
  return overlaps;
}

/** The longest overlap, then the nearest bounds, then the earliest: nothing here asks which is A and which is B. */
function closerFirst(one: Overlap, other: Overlap): number {
  return (
    other.overlapMs - one.overlapMs ||
    Math.abs(one.a.fromMs - one.b.fromMs) - Math.abs(other.a.fromMs - other.b.fromMs) ||
    Math.abs(one.a.toMs - one.b.toMs) - Math.abs(other.a.toMs - other.b.toMs) ||
    Math.min(one.a.fromMs, one.b.fromMs) - Math.min(other.a.fromMs, other.b.fromMs) ||
    Math.min(one.a.toMs, one.b.toMs) - Math.min(other.a.toMs, other.b.toMs)
  );
}

function changesBetween(a: Alarm, b: Alarm): AlarmChange[] {
  const isOther: Readonly<Record<AlarmChange, boolean>> = {
    level: a.level !== b.level,
    tier: a.tier !== b.tier,
    peak: a.peak !== b.peak,
    limit: a.limit !== b.limit,
    duration: a.startedAtMs !== b.startedAtMs || a.endedAtMs !== b.endedAtMs,
    suppressed: a.suppressedBy !== b.suppressedBy,
  };
  return alarmChanges.filter((change) => isOther[change]);
}

function inTime(one: Alarm, other: Alarm): number {
  if (one.startedAtMs !== other.startedAtMs) return one.startedAtMs - other.startedAtMs;
  return one.alarmId < other.alarmId ? -1 : Number(one.alarmId > other.alarmId);
}

type Found = Pick<AlarmDiff, 'appeared' | 'vanished' | 'changed'> & {
  readonly alarmsA: readonly Alarm[];
  readonly alarmsB: readonly Alarm[];
};

function countByRule({ alarmsA, alarmsB, appeared, vanished, changed }: Found): AlarmDiff['byRule'] {
  const rules = new Set([...alarmsA, ...alarmsB].map(({ rule }) => rule));
  return Object.fromEntries(
    [...rules].toSorted().map((rule): [RuleId, RuleDiff] => {
      const count = (alarms: readonly Alarm[]): number => alarms.filter((alarm) => alarm.rule === rule).length;
      const told = changed.filter(({ a }) => a.rule === rule);
      const changes = alarmChanges
        .map((change) => [change, told.filter((one) => one.changes.includes(change)).length] as const)
        .filter(([, times]) => times > 0);
      return [
        rule,
        {
          alarmsA: count(alarmsA),
          alarmsB: count(alarmsB),
          appeared: count(appeared),
          vanished: count(vanished),
          changed: told.length,
          changes: Object.fromEntries(changes),
        },
      ];
    }),
  );
}
