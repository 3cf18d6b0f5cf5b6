import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ruleIds, ruleSpec } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { policyFile, testPolicy } from '../targets/_samples.ts';
import { readPolicy } from './policy-yaml.ts';
import { rulesTable } from './rules-table.ts';

const root = new URL('../../../../', import.meta.url);

/** What the formatter does to a table is no difference. */
function plain(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ').trim());
}

test('packages/rules/RULES.md is what code and default policy give: `npm run rules-table` writes it anew', async () => {
  const policy = await readPolicy(fileURLToPath(new URL('deploy/policies/shanghai.yaml', root)), 1);
  expect(plain(readFileSync(new URL('packages/rules/RULES.md', root), 'utf8'))).toEqual(plain(rulesTable(policy)));
});

test('every rule stands once in its family, on or not', () => {
  const lines = rulesTable(testPolicy()).split('\n');
  const rows = ruleIds.map((rule) =>
    lines.filter((line) => line.startsWith(`| \`${rule}\` | ${ruleSpec(rule).term} |`)),
  );
  expect(rows.map((found) => found.length)).toEqual(ruleIds.map(() => 1));
  expect(lines.filter((line) => line.includes('| the policy does not name it |'))).toHaveLength(ruleIds.length - 3);
  expect(lines.filter((line) => line.startsWith('## '))).toHaveLength(6);
});

test('cases of the rules that are always on', () => {
  const { overspeed, 'prohibited-zone': zone, sos } = policyFile.rules;
  const policy = testPolicy({
    rules: {
      ...policyFile.rules,
      overspeed: { ...overspeed, cases: [{ classes: ['coach'], tier: 'T3' }] },
      'prohibited-zone': { ...zone, cases: [{ classes: ['mixer'], off: true }] },
      sos: { ...sos, cases: [{ classes: ['heavy'], level: 3, tier: 'T2' }] },
    },
  });
  const lines = rulesTable(policy).split('\n');
  expect(lines.filter((line) => line.includes('| case 1: '))).toEqual([
    '| `overspeed` |  | case 1: coach | T3 operator |  |',
    '| `prohibited-zone` |  | case 1: mixer | off |  |',
    '| `sos` |  | case 1: heavy | level 3 serious, T2 company must answer |  |',
  ]);
});
