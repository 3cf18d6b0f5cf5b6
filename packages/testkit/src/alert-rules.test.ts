import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));

type Rule = { alert: string; expr: string; annotations: { summary: string; action: string } };

test('every metric that the alert rules ask for is one that some service tells', async () => {
  const { groups } = parse(await readFile(`${root}deploy/prometheus/alerts.yaml`, 'utf8')) as {
    groups: { rules: Rule[] }[];
  };
  const told = new Set<string>();
  for await (const file of glob(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    for (const [, name] of (await readFile(root + file, 'utf8')).matchAll(/'(haulwatch_[a-z_]+)'/g)) told.add(name!);
  }
  expect(told.size).toBeGreaterThan(20);
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of rules) {
    const asked = [...expr.matchAll(/haulwatch_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(
      asked.filter((name) => !told.has(name)),
      alert,
    ).toEqual([]);
    expect(annotations.action, alert).not.toBe('');
  }
});
