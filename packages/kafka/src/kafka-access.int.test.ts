import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureRequirements, findJava, freePorts, startKafka, UnavailableError } from '@haulwatch/local';
import type { Log } from '@haulwatch/ports';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKafkaLog, type KafkaOptions } from './kafka-log.ts';

const password = 'of the store';
const sasl = { mechanism: 'plain', username: 'haulwatch', password: 'secret' } as const;
const topic = { name: 'telemetry', partitions: 3 } as const;

describe.skipIf(!(await hasKafka()))('brokers that speak TLS and ask who we are', () => {
  const dir = mkdtempSync(join(tmpdir(), 'haulwatch-access-'));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  let brokers: readonly string[];
  let ca: string;

  beforeAll(async () => {
    const store = join(dir, 'store.p12');
    ca = await makeCertificate(store);
    const [port = 0] = await freePorts(1);
    brokers = [`127.0.0.1:${port}`];
    const kafka = await startKafka({
      dir: join(dir, 'kafka'),
      ephemeral: true,
      properties: ({ clientPort, controllerPort }) => ({
        listeners: `CLIENT://127.0.0.1:${clientPort},CONTROLLER://127.0.0.1:${controllerPort},SECURE://${brokers[0]}`,
        'advertised.listeners': `CLIENT://127.0.0.1:${clientPort},SECURE://${brokers[0]}`,
        'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
        'listener.name.secure.ssl.keystore.type': 'PKCS12',
        'listener.name.secure.ssl.keystore.location': store,
        'listener.name.secure.ssl.keystore.password': password,
        'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_${sasl.username}="${sasl.password}";`,
      }),
    });
    stack.defer(() => kafka.stop());
  }, 120_000);

  afterAll(async () => await stack.disposeAsync());

  async function open(security?: KafkaOptions['security']): Promise<Log> {
    const log = await openKafkaLog({ brokers, clientId: 'access', ...(security === undefined ? {} : { security }) });
    stack.defer(() => log.close());
    return log;
  }

  test('records are written, read, followed and taken by a group', { timeout: 60_000 }, async () => {
    const log = await open({ tls: { ca }, sasl });
    await log.ensureTopics([topic]);
    // Answers of some MB: many records of TLS each.
    const value = (i: number): Buffer => Buffer.alloc(1_000, i);
    const records = Array.from({ length: 6_000 }, (_, i) => ({ partition: i % 3, key: null, value: value(i) }));
    await log.append(topic.name, records);
    const read = await log.read(topic.name, 1, 0, 2_000);
    expect(read.map((record) => record.value![0])).toEqual(read.map((_, i) => (1 + 3 * i) % 256));
    const taken = [0, 0, 0];
    const all = Promise.withResolvers<void>();
    const member = await log.join({
      group: 'access',
      topic: topic.name,
      handler: {
        onAssigned: async () => 'beginning',
        onRevoked: () => undefined,
        onBatch: async ({ partition, records: batch }) => {
          for (const record of batch) {
            if (record.value![0] === (partition + 3 * record.offset) % 256) taken[partition]! += 1;
          }
          if (taken.every((count) => count === 2_000)) all.resolve();
        },
      },
    });
    await all.promise;
    await member.close();
  });

  test.each([
    ['in plain text', undefined, /does not answer|does not prove/],
    ['by whom we do not know', { tls: {}, sasl }, /does not prove to be Kafka.*certificate.*KAFKA_CA_FILE/],
    ['with another password', { sasl: { ...sasl, password: 'guess' } }, /turns us away.*KAFKA_PASSWORD/],
  ])('%s nothing is opened, and it is said what to set', { timeout: 60_000 }, async (_how, security, message) => {
    const withCa = security !== undefined && !('tls' in security) ? { ...security, tls: { ca } } : security;
    await expect(open(withCa)).rejects.toThrow(message);
  });
});

/** A key and its certificate in a store for Java. Returns the certificate in PEM. */
async function makeCertificate(store: string): Promise<string> {
  const java = await findJava();
  const keytool = join(dirname(realpathSync(java!)), 'keytool');
  const where = ['-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', password];
  const names = ['-dname', 'CN=broker', '-ext', 'SAN=ip:127.0.0.1'];
  await execa(keytool, ['-genkeypair', ...where, '-keyalg', 'EC', '-validity', '2', ...names]);
  const pem = `${store}.pem`;
  await execa(keytool, ['-exportcert', '-rfc', ...where, '-file', pem]);
  return readFileSync(pem, 'utf8');
}

/** What it speaks is ours to set, so it must be this machine's own. */
async function hasKafka(): Promise<boolean> {
  try {
    await ensureRequirements(['kafka']);
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError) || process.env['CI'] === 'true') throw error;
    return false;
  }
}
