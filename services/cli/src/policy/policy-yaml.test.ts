import { parsePolicy } from '@haulwatch/contract';
import { expect, test } from 'vitest';
import { parsePolicyText, problemsError } from './policy-yaml.ts';

const good = `name: trial
timeZone: Asia/Shanghai
unknownVehicles: heavy
time: { clockAheadMaxS: 60, reorderMaxS: 5, gapMaxS: 90, lateLaneIdleS: 600 }
rules:
  overspeed:
    limitsKph: { coach: 60, hazmat: 60, earthwork: 60, mixer: 60, heavy: 60 }
    minDurationS: 30
    clearBelowKph: 3
    clearAfterS: 60
    plausibleMaxKph: 160
    tiers:
      - { excessPercent: 0, level: 1, tier: T1 }
  prohibited-zone: { minDurationS: 30, clearAfterS: 60, level: 3, tier: T2 }
  sos:
    clearAfterS: 60
    level: 4
    tier: T3
`;

function check(text: string, expected: readonly string[]): void {
  const file = parsePolicyText(text, 'p.yaml');
  const parsed = parsePolicy(file.value, 1);
  const told = parsed.ok ? [] : problemsError('p.yaml', file, parsed.problems).message.split('\n').slice(1);
  expect(told).toEqual(expected);
}

test.each([
  ['nothing wrong', '', '', []],
  ['a value', '    level: 4', '    level: 9', ['p.yaml:17:5: rules.sos.level: expected one of 1|2|3|4']],
  [
    'a key that is not known',
    '    tier: T3',
    '    tier: T3\n    colour: red',
    ['p.yaml:19:5: rules.sos.colour: is not a known key'],
  ],
  [
    'a key with a slip of the pen',
    '  sos:',
    '  soss:',
    [
      'p.yaml:5:1: rules.sos: is missing: expected object',
      "p.yaml:15:3: rules.soss: is not a known key; did you mean 'sos'?",
    ],
  ],
  [
    'in a list',
    'excessPercent: 0',
    'excessPercent: 5',
    [
      'p.yaml:13:11: rules.overspeed.tiers[0].excessPercent: the first tier must begin at 0, or small excesses have none',
    ],
  ],
  [
    'a key that is missing is told where it should stand',
    '    level: 4\n',
    '',
    ['p.yaml:15:3: rules.sos.level: is missing: expected one of 1|2|3|4'],
  ],
  [
    'in what an alias stands for',
    'coach: 60, hazmat: 60',
    'coach: &fast { value: fast, source: us }, hazmat: *fast',
    [
      'p.yaml:7:33: rules.overspeed.limitsKph.coach.value: expected number, received string',
      'p.yaml:7:33: rules.overspeed.limitsKph.hazmat.value: expected number, received string',
    ],
  ],
])('%s', (_what, from, to, expected) => check(good.replace(from, to), expected));

test('every mistake is told', () => {
  check(good.replace('level: 4', 'level: 9').replace('tier: T2', 'tier: T9'), [
    'p.yaml:14:67: rules.prohibited-zone.tier: expected one of "T0"|"T1"|"T2"|"T3"',
    'p.yaml:17:5: rules.sos.level: expected one of 1|2|3|4',
  ]);
});

test.each([
  ['a bracket that is never closed', 'a: [1\nb: 2', 'p.yaml:2:1: '],
  ['a key twice', 'a: 1\na: 2', 'p.yaml:2:1: Map keys must be unique: take one of them out'],
  ['a tab', 'a:\n\tb: 1', 'p.yaml:2:1: Tabs are not allowed as indentation: indent with spaces'],
  [
    'a line that stands out',
    'a:\n  b: 1\n   c: 2',
    'p.yaml:2:6: Nested mappings are not allowed in compact mappings: is',
  ],
  ['many mistakes', 'a: 1\n'.repeat(9), 'and 3 more, which may come of the first'],
])('YAML with %s', (_what, text, message) => expect(() => parsePolicyText(text, 'p.yaml')).toThrow(message));

test('a file that holds no object', () => {
  const file = parsePolicyText('just words', 'p.yaml');
  const parsed = parsePolicy(file.value, 1);
  expect(parsed.ok ? [] : parsed.problems.map(file.tell)).toEqual([expect.stringContaining('p.yaml:1:1: ')]);
});
