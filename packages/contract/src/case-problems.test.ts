import { catalogueRuleIds, type RuleCondition } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadConditions } from './case-problems.ts';
import { problemText } from './problem.ts';

const [id] = catalogueRuleIds;
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const night = [{ days: everyDay, fromMinute: 1_320, toMinute: 360 }];
const lateNight = [{ days: [5, 7], fromMinute: 60, toMinute: 360 }];
const noon = [{ days: everyDay, fromMinute: 720, toMinute: 780 }];

function problemsOf(when: RuleCondition, ...cases: readonly RuleCondition[]): string[] {
  return deadConditions({ id: id!, when, cases: cases.map((one) => ({ when: one })) }).map(problemText);
}

const replaced = `rules.${id}.cases[0]: the case never applies: cases[1] applies wherever it does, and the last that applies wins; move this one behind it, or take it out`;

describe('a case that a later one always replaces', () => {
  test.each<[what: string, rule: RuleCondition, one: RuleCondition, later: RuleCondition]>([
    ['the same', {}, { within: ['plant'] }, { within: ['plant'] }],
    ['for more classes', {}, { classes: ['coach'] }, { classes: ['hazmat', 'coach'] }],
    [
      'for those that are left of its classes',
      { classes: ['coach', 'heavy'] },
      { classes: ['coach', 'mixer'] },
      { classes: ['coach', 'heavy', 'hazmat'] },
    ],
    ['for the classes of the rule', { classes: ['coach'] }, { hours: night }, { classes: ['coach', 'heavy'] }],
    ['without its hours', {}, { classes: ['coach'], hours: night }, { classes: ['coach'] }],
    ['with longer hours', {}, { hours: lateNight }, { hours: night }],
    ['with the hours of the rule', { hours: night }, { within: ['plant'] }, { hours: night }],
    ['in more places', {}, { within: ['plant'] }, { within: ['plant', 'junction'] }],
    ['kept out of fewer places', {}, { outside: ['plant', 'junction'] }, { outside: ['junction'] }],
    ['in more fences', {}, { fences: ['a'] }, { fences: ['a', 'b'] }],
    ['of more kinds', {}, { subjects: ['6501'], eventLevel: 2 }, { subjects: ['6501', '6502'] }],
    ['of the same level', {}, { subjects: ['6501'], eventLevel: 2 }, { eventLevel: 2 }],
  ])('%s', (_what, rule, one, later) => {
    expect(problemsOf(rule, one, later)).toEqual([replaced]);
    // A narrower case behind a wider one is what cases are for.
    const isSame = JSON.stringify(one) === JSON.stringify(later);
    expect(problemsOf(rule, later, one)).toEqual(isSame ? [replaced] : []);
  });

  test.each<[what: string, one: RuleCondition, later: RuleCondition]>([
    ['classes', { hours: night }, { classes: ['coach'] }],
    ['hours', { classes: ['coach'] }, { hours: night }],
    ['hours that are shorter', { hours: night }, { hours: lateNight }],
    ['places', { within: ['plant', 'junction'] }, { within: ['plant'] }],
    ['places that it is kept out of', { within: ['plant'] }, { outside: ['junction'] }],
    ['fences', { fences: ['a', 'b'] }, { fences: ['a', 'c'] }],
    ['levels', { eventLevel: 1 }, { eventLevel: 2 }],
  ])('not where the later one asks for other %s', (_what, one, later) => {
    expect(problemsOf({}, one, later)).toEqual([]);
  });
});

describe('conditions that are never met', () => {
  test.each<[rule: RuleCondition, one: RuleCondition, why: string]>([
    [{}, { within: ['plant'], outside: ['plant'] }, 'no place is both within and outside plant'],
    [{ outside: ['plant', 'junction'] }, { within: ['plant'] }, 'no place is both within and outside plant'],
    [{ classes: ['coach'] }, { classes: ['mixer'] }, 'the rule itself is for none of its classes'],
    [{ subjects: ['6501'] }, { subjects: ['6502'] }, 'the rule itself is for none of its subjects'],
    [{ eventLevel: 1 }, { eventLevel: 2 }, 'the rule itself is for another eventLevel'],
    [{ hours: night }, { hours: noon }, 'the rule itself has other hours'],
  ])('of a rule %j the case %j', (rule, one, why) => {
    expect(problemsOf(rule, one)).toEqual([`rules.${id}.cases[0]: the case never applies: ${why}`]);
  });

  test('of the rule itself', () => {
    expect(problemsOf({ within: ['plant'], outside: ['junction', 'plant'] }, { classes: ['coach'] })).toEqual([
      `rules.${id}: the rule never applies: no place is both within and outside plant`,
    ]);
  });

  test('not where one of the places is left', () => {
    expect(problemsOf({}, { within: ['plant', 'junction'], outside: ['plant'] })).toEqual([]);
    expect(problemsOf({ hours: night }, { hours: lateNight })).toEqual([]);
  });
});

test('a case that is refused wins nowhere, whatever the vehicle, the time, the place and the report (property)', () => {
  type Situation = {
    readonly vehicleClass: string;
    readonly day: number;
    readonly minute: number;
    readonly uses: readonly string[];
    readonly fences: readonly string[];
    readonly subject: string;
    readonly eventLevel: number;
  };
  const subsets = (a: string, b: string): string[][] => [[], [a], [b], [a, b]];
  const situations = subsets('plant', 'junction').flatMap((uses) =>
    subsets('a', 'b').flatMap((fences) =>
      ['coach', 'mixer'].flatMap((vehicleClass) =>
        [1, 7].flatMap((day) =>
          [0, 400, 800, 1_200].flatMap((minute) =>
            ['6501', '6502'].flatMap((subject) =>
              [1, 2].map((eventLevel): Situation => ({ vehicleClass, day, minute, uses, fences, subject, eventLevel })),
            ),
          ),
        ),
      ),
    ),
  );
  const isOpen = (hours: RuleCondition['hours'], { day, minute }: Situation): boolean =>
    hours?.some(({ days, fromMinute, toMinute }) =>
      fromMinute < toMinute
        ? days.includes(day) && minute >= fromMinute && minute < toMinute
        : (days.includes(day) && minute >= fromMinute) || (days.includes(day === 1 ? 7 : day - 1) && minute < toMinute),
    ) ?? true;
  const meets = (when: RuleCondition, at: Situation): boolean =>
    (when.classes?.some((one) => one === at.vehicleClass) ?? true) &&
    isOpen(when.hours, at) &&
    (when.within?.some((use) => at.uses.includes(use)) ?? true) &&
    !(when.outside?.some((use) => at.uses.includes(use)) ?? false) &&
    (when.fences?.some((fence) => at.fences.includes(fence)) ?? true) &&
    (when.subjects?.includes(at.subject) ?? true) &&
    (when.eventLevel ?? at.eventLevel) === at.eventLevel;

  const some = <T>(...all: T[]) => fc.subarray(all, { minLength: 1 });
  const times = fc.constantFrom(0, 300, 700, 1_100, 1_440);
  const window = fc
    .record({ days: some(1, 6, 7), fromMinute: times, toMinute: times })
    .filter(({ fromMinute, toMinute }) => fromMinute < 1_440 && toMinute > 0 && fromMinute !== toMinute);
  const condition: fc.Arbitrary<RuleCondition> = fc.record(
    {
      classes: some('coach' as const, 'mixer' as const),
      hours: fc.array(window, { minLength: 1, maxLength: 2 }),
      within: some('plant' as const, 'junction' as const),
      outside: some('plant' as const, 'junction' as const),
      fences: some('a', 'b'),
      subjects: some('6501', '6502'),
      eventLevel: fc.constantFrom(1 as const, 2 as const),
    },
    { requiredKeys: [] },
  );
  let refused = 0;
  fc.assert(
    fc.property(condition, fc.array(condition, { minLength: 1, maxLength: 4 }), (when, all) => {
      const problems = deadConditions({ id: id!, when, cases: all.map((one) => ({ when: one })) });
      const wins = situations.filter((at) => meets(when, at)).map((at) => all.findLastIndex((one) => meets(one, at)));
      for (const { path } of problems) {
        refused += 1;
        if (path.length === 2) expect(wins).toEqual([]);
        else expect(wins).not.toContain(path[3]);
      }
    }),
    { numRuns: 300 },
  );
  expect(refused).toBeGreaterThan(50);
});
