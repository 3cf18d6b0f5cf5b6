import { readFileSync } from 'node:fs';
import { catalogueRuleIds } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { policyJsonSchema } from './policy-json-schema.ts';

const folder = new URL('../../../deploy/policies/', import.meta.url);

test('the schema beside the policies is this one: `npm run policy-schema` writes it anew', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('policy.schema.json', folder), 'utf8'));
  expect(written).toEqual(policyJsonSchema());
  for (const id of catalogueRuleIds) expect(JSON.stringify(written)).toContain(`"${id}":{"description":`);
});

test('the default policy tells editors where its schema lies', () => {
  const [first] = readFileSync(new URL('shanghai.yaml', folder), 'utf8').split('\n');
  expect(first).toBe('# yaml-language-server: $schema=./policy.schema.json');
});
