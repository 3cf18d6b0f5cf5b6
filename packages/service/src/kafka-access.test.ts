import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config.ts';
import { readKafkaSecurity as security } from './kafka-access.ts';

function file(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'haulwatch-access-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'some.pem'), text);
  return join(dir, 'some.pem');
}

test('nothing is said, and brokers are spoken to in plain text', () => {
  expect(security({})).toEqual({});
  expect(security({ KAFKA_TLS: 'false', KAFKA_USERNAME: '' })).toEqual({});
});

test('TLS, with whatever certificates there are; a name and a password', () => {
  expect(security({ KAFKA_TLS: 'true' })).toEqual({ tls: {} });
  const [ca, cert, key] = ['ca', 'cert', 'key'].map(file) as [string, string, string];
  const files = { KAFKA_CA_FILE: ca, KAFKA_CERT_FILE: cert, KAFKA_KEY_FILE: key };
  expect(security({ KAFKA_TLS: 'true', ...files })).toEqual({ tls: { ca: 'ca', cert: 'cert', key: 'key' } });
  const sasl = { mechanism: 'scram-sha-512', username: 'haulwatch', password: 'secret' };
  expect(security({ KAFKA_USERNAME: 'haulwatch', KAFKA_PASSWORD: 'secret' })).toEqual({ sasl });
});

test.each([
  ['a name without a password', { KAFKA_USERNAME: 'me' }, 'KAFKA_USERNAME, KAFKA_PASSWORD: one without the other'],
  ['certificates without TLS', { KAFKA_CA_FILE: '/ca.pem' }, 'Set KAFKA_TLS=true'],
  ['a certificate without its key', { KAFKA_TLS: 'true', KAFKA_CERT_FILE: '/a.pem' }, 'Set both or none'],
  [
    'a file that is not there',
    { KAFKA_TLS: 'true', KAFKA_CA_FILE: '/no/ca.pem' },
    'KAFKA_CA_FILE=/no/ca.pem: cannot be read (ENOENT)',
  ],
  ['a mechanism that nobody speaks', { KAFKA_SASL_MECHANISM: 'md5' }, 'KAFKA_SASL_MECHANISM=md5'],
])('%s is refused with what to do', (_what, env, message) => {
  expect(() => security(env)).toThrow(ConfigError);
  expect(() => security(env)).toThrow(message);
});
