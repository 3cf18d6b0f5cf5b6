import type { RuleCondition, RuleId, ScheduleWindow } from '@haulwatch/domain';
import type { Problem } from './problem.ts';

/** A rule with its own conditions and those of its cases. */
export type ConditionedRule = {
  readonly id: RuleId;
  readonly when: RuleCondition;
  readonly cases: readonly { readonly when: RuleCondition }[];
};

/** Conditions that nothing can meet, and cases that a later one always replaces: they look as if they did something. */
export function deadConditions({ id, when, cases }: ConditionedRule): Problem[] {
  const own = whyNever([when]);
  if (own !== undefined) return [{ path: ['rules', id], message: `the rule never applies: ${own}` }];
  return cases.flatMap((one, index): Problem[] => {
    const later = cases.findIndex((other, at) => at > index && impliedBy(when, one.when, other.when));
    const why = whyNever([when, one.when]) ?? (later < 0 ? undefined : whyReplaced(later));
    return why === undefined
      ? []
      : [{ path: ['rules', id, 'cases', index], message: `the case never applies: ${why}` }];
  });
}

function whyReplaced(later: number): string {
  return `cases[${later}] applies wherever it does, and the last that applies wins; move this one behind it, or take it out`;
}

/** Why conditions that must all hold never do, so far as they say it themselves. */
function whyNever(all: readonly RuleCondition[]): string | undefined {
  const outside = all.flatMap((one) => one.outside ?? []);
  const within = all.map((one) => one.within).find((uses) => uses !== undefined && isSubset(uses, outside));
  if (within !== undefined) return `no place is both within and outside ${within.join(', ')}`;
  const [own, one = {}] = all;
  if (common(own?.classes, one.classes)?.length === 0) return 'the rule itself is for none of its classes';
  if (common(own?.subjects, one.subjects)?.length === 0) return 'the rule itself is for none of its subjects';
  if (differ(own?.eventLevel, one.eventLevel)) return 'the rule itself is for another eventLevel';
  const hours = all.flatMap((condition) => (condition.hours === undefined ? [] : [condition.hours]));
  return hours.length > 1 && isNever(hours) ? 'the rule itself has other hours' : undefined;
}

function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** Whether `other` holds wherever the rule's own conditions and the case's do. */
function impliedBy(own: RuleCondition, one: RuleCondition, other: RuleCondition): boolean {
  return (
    isNarrower(common(own.classes, one.classes), other.classes) &&
    (isNarrower(own.within, other.within) || isNarrower(one.within, other.within)) &&
    isSubset(other.outside ?? [], [...(own.outside ?? []), ...(one.outside ?? [])]) &&
    (isNarrower(own.fences, other.fences) || isNarrower(one.fences, other.fences)) &&
    isNarrower(common(own.subjects, one.subjects), other.subjects) &&
    (other.eventLevel === undefined || other.eventLevel === (one.eventLevel ?? own.eventLevel)) &&
    // The costly one last.
    coversHours([own.hours, one.hours], other.hours)
  );
}

/** Lists of which one must be met, where absent means all. */
type Choice<T> = readonly T[] | undefined;

/** Of a vehicle or a report, which has one class and one kind: what is in both lists. */
function common<T>(a: Choice<T>, b: Choice<T>): Choice<T> {
  return a === undefined || b === undefined ? (a ?? b) : a.filter((one) => b.includes(one));
}

function isNarrower<T>(a: Choice<T>, b: Choice<T>): boolean {
  return b === undefined || (a !== undefined && isSubset(a, b));
}

function isSubset<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.every((one) => b.includes(one));
}

type Hours = readonly ScheduleWindow[] | undefined;

/** Whether each minute of the week that lies in all of these hours lies in the others, too. */
function coversHours(all: readonly Hours[], others: Hours): boolean {
  if (others === undefined) return true;
  const weeks = all.map(weekOf);
  return weekOf(others).every((isOpen, minute) => isOpen || !weeks.every((week) => week[minute] === true));
}

/** Whether no minute of the week lies in all of these hours. */
function isNever(all: readonly Hours[]): boolean {
  const [first = [], ...others] = all.map(weekOf);
  return !first.some((isOpen, minute) => isOpen && others.every((week) => week[minute] === true));
}

const minutesPerDay = 1_440;
const minutesPerWeek = 7 * minutesPerDay;

/** For each minute since Monday 00:00 whether it lies in the hours. */
function weekOf(hours: Hours): boolean[] {
  const week = Array.from({ length: minutesPerWeek }, () => hours === undefined);
  for (const { days, fromMinute, toMinute } of hours ?? []) {
    const length = toMinute > fromMinute ? toMinute - fromMinute : toMinute - fromMinute + minutesPerDay;
    for (const day of days) {
      const from = (day - 1) * minutesPerDay + fromMinute;
      for (let i = 0; i < length; i += 1) week[(from + i) % minutesPerWeek] = true;
    }
  }
  return week;
}
