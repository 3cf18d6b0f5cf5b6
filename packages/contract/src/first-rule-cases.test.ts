import type { Policy } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { fileWithFence } from './_fences.ts';
import { parsePolicy } from './policy-file.ts';
import { decodePolicy, encodePolicy, samePolicy } from './policy-record.ts';
import { problemText } from './problem.ts';

type FirstRule = 'overspeed' | 'prohibited-zone' | 'sos';
type Cases = Partial<Record<FirstRule, unknown>>;

type File = {
  readonly rules: Readonly<Record<string, object>>;
  readonly fences: { readonly features: readonly object[] };
};

/** A right file with one fence 'x', and these cases of the rules that are always on. */
function fileWith(cases: Cases): File {
  const file = fileWithFence('Point', [121, 31], { radiusM: 50 }) as File;
  const changed = Object.entries(cases).map(([rule, list]) => [rule, { ...file.rules[rule], cases: list }]);
  return { ...file, rules: { ...file.rules, ...Object.fromEntries(changed) } };
}

function policyWith(cases: Cases): Policy {
  const parsed = parsePolicy(fileWith(cases), 1);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.policy;
}

const night = { days: 'every-day', from: '22:00', to: '06:00' };
const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1_320, toMinute: 360 }];

const cases = {
  overspeed: [
    { classes: ['coach'], hours: [night], tier: 'T3' },
    { within: ['plant'], off: true },
  ],
  'prohibited-zone': [{ fences: ['x'], outside: ['expressway'], level: 4 }],
  sos: [{ classes: ['hazmat'], hours: [night], level: 4, tier: 'T3' }],
};

test('cases of the rules that are always on become the domain form', () => {
  const { overspeed, prohibitedZone, sos } = policyWith(cases);
  expect(overspeed.cases).toEqual([
    { when: { classes: ['coach'], hours }, tier: 'T3' },
    { when: { within: ['plant'] }, off: true },
  ]);
  expect(prohibitedZone.cases).toEqual([{ when: { outside: ['expressway'], fences: ['x'] }, level: 4 }]);
  expect(sos.cases).toEqual([{ when: { classes: ['hazmat'], hours }, level: 4, tier: 'T3' }]);
});

test('they travel, and a policy without them stays the same policy', () => {
  for (const policy of [policyWith(cases), policyWith({})]) {
    const decoded = decodePolicy(encodePolicy(policy)) as Policy;
    expect(decoded).toEqual(policy);
    expect(samePolicy(decoded, policy)).toBe(true);
  }
  expect(encodePolicy(policyWith({}))).not.toContain('"cases"');
});

const changesNothing = 'the case changes nothing: give it one of';
const emergency = 'expected one of T2|T3: an emergency is never silenced';
const placeless = 'the button is heard where no place is known: give the case classes or hours';

test.each<[cases: Cases, problem: string]>([
  [{ overspeed: [{ classes: ['coach'] }] }, `rules.overspeed.cases[0]: ${changesNothing} off, level, tier`],
  [{ overspeed: [{}] }, `rules.overspeed.cases[0]: ${changesNothing} off, level, tier`],
  [{ sos: [{ classes: ['coach'] }] }, `rules.sos.cases[0]: ${changesNothing} level, tier`],
  [
    { 'prohibited-zone': [{ classes: ['coach'], off: true }, { level: 4 }] },
    'rules.prohibited-zone.cases[1]: the case applies always: give it a condition (classes, hours, within, outside, fences) or change the rule itself',
  ],
  [
    { sos: [{ tier: 'T3' }] },
    'rules.sos.cases[0]: the case applies always: give it a condition (classes, hours) or change the rule itself',
  ],
  [
    {
      overspeed: [
        { classes: ['coach'], hours: [night], tier: 'T3' },
        { classes: ['coach'], level: 1 },
      ],
    },
    'rules.overspeed.cases[0]: the case never applies: cases[1] applies wherever it does, and the last that applies wins; move this one behind it, or take it out',
  ],
  [{ sos: [{ fences: ['x'], level: 4 }] }, `rules.sos.cases[0].fences: ${placeless}`],
  [{ sos: [{ within: ['plant'], level: 4 }] }, `rules.sos.cases[0].within: ${placeless}`],
  [{ sos: [{ outside: ['plant'], level: 4 }] }, `rules.sos.cases[0].outside: ${placeless}`],
  [
    { sos: [{ classes: ['mixer'], off: true }] },
    'rules.sos.cases[0].off: an emergency is never silenced: give the case a level or tier',
  ],
  [{ sos: [{ classes: ['mixer'], tier: 'T0' }] }, `rules.sos.cases[0].tier: ${emergency}`],
  [{ sos: [{ classes: ['mixer'], hours: [night], tier: 'T1' }] }, `rules.sos.cases[0].tier: ${emergency}`],
  [{ overspeed: [{ classes: ['coach'], limitKph: 80 }] }, 'rules.overspeed.cases[0].limitKph: is not a known key'],
  [{ overspeed: [{ subjects: ['6501'], level: 1 }] }, 'rules.overspeed.cases[0].subjects: is not a known key'],
  [{ overspeed: [{ classes: [], level: 1 }] }, 'rules.overspeed.cases[0].classes: must have at least 1 item'],
  [{ overspeed: [{ classes: ['coach'], level: 5 }] }, 'rules.overspeed.cases[0].level: expected one of 1|2|3|4'],
  [
    { overspeed: Array.from({ length: 33 }, () => ({ classes: ['coach'], level: 1 })) },
    'rules.overspeed.cases: must have at most 32 items',
  ],
  [
    { 'prohibited-zone': [{ fences: ['x', 'y'], off: true }] },
    "rules.prohibited-zone.cases[0].fences[1]: no fence has the id 'y'; the file has one fence, its id stands under fences.features",
  ],
  [
    { overspeed: [{ fences: ['z'], off: true }] },
    "rules.overspeed.cases[0].fences[0]: no fence has the id 'z'; the file has one fence, its id stands under fences.features",
  ],
])('%j is refused', (given, problem) => {
  const parsed = parsePolicy(fileWith(given), 1);
  expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([problem]);
});

test('their lists of fences are counted with those of the other rules', () => {
  const lists = Array.from({ length: 22 }, (_, index) => ({ fences: ['x', `f${index}`], level: 1 }));
  const file = fileWith({ overspeed: lists.slice(0, 11), 'prohibited-zone': lists.slice(11) });
  const [feature] = file.fences.features;
  const features = [feature, ...lists.map((_, index) => ({ ...feature, id: `f${index}` }))];
  const parsed = parsePolicy({ ...file, fences: { ...file.fences, features } }, 1);
  expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
    'rules: at most 21 different lists of fences can be named, these are 22: give the fences uses',
  ]);
});
