import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { ServerName } from '@haulwatch/local';

declare module 'vitest' {
  // Merging with vitest's own declaration is what an interface is for.
  interface ProvidedContext {
    /** Where the desk of this run hands out servers (global-setup.ts). */
    readonly serverDeskUrl: string;
  }
}

/** One Apache Kafka, shared by the run; topics are not created by themselves (auto.create.topics.enable=false). */
export type KafkaForTests = {
  /** `host:port` of every broker, for kafkajs' `brokers`. */
  readonly bootstrapServers: readonly string[];
  /** Put before every topic name and group id, e.g. `it-3f9a1c-`. */
  readonly topicPrefix: string;
};

/** One Redis, shared by the run. */
export type RedisForTests = {
  /** `redis://host:port`. */
  readonly url: string;
  /** Put before every key, e.g. `it-3f9a1c:`. Never FLUSHDB: the server may be somebody's. */
  readonly keyPrefix: string;
};

/** One PostgreSQL, shared by the run. */
export type PostgresForTests = {
  /** Creates an empty database with a random name and returns its `postgres://` URL; dropped when the run ends. */
  readonly createDatabase: () => Promise<string>;
};

export type TestServers = {
  readonly kafka: KafkaForTests;
  readonly redis: RedisForTests;
  readonly postgres: PostgresForTests;
};

export type { ServerName };

/** Neither this machine nor Docker can provide the server; the message says what is missing. */
export class NoServerError extends Error {
  override name = 'NoServerError';
}

/** Kafka outside of `describeWithServers`; throws with the reason where there is none. */
export async function kafkaForTests(): Promise<KafkaForTests> {
  const address = await askDesk('GET', '/kafka');
  return { bootstrapServers: address.split(','), topicPrefix: `${randomName()}-` };
}

/** Redis outside of `describeWithServers`; throws with the reason where there is none. */
export async function redisForTests(): Promise<RedisForTests> {
  return { url: await askDesk('GET', '/redis'), keyPrefix: `${randomName()}:` };
}

/** PostgreSQL outside of `describeWithServers`; throws with the reason where there is none. */
export async function postgresForTests(): Promise<PostgresForTests> {
  await askDesk('GET', '/postgres');
  return { createDatabase: () => askDesk('POST', `/postgres/${randomName().replace('-', '_')}`) };
}

function randomName(): string {
  return `it-${randomBytes(4).toString('hex')}`;
}

async function askDesk(method: 'GET' | 'POST', path: string): Promise<string> {
  const deskUrl = inject('serverDeskUrl') as string | undefined;
  if (deskUrl === undefined)
    throw new Error('tests with servers are named *.int.test.ts and run as `npm run test:int`');
  const response = await fetch(`${deskUrl}${path}`, { method });
  const text = await response.text();
  if (response.status === 503) throw new NoServerError(text);
  if (!response.ok) throw new Error(text);
  return text;
}
