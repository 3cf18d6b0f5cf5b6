import { describe, test } from 'vitest';
import {
  kafkaForTests,
  NoServerError,
  postgresForTests,
  redisForTests,
  type ServerName,
  type TestServers,
} from './test-servers.ts';

/**
 * A vitest `describe` whose body is given the servers that it names. Where one is not to be had the tests are skipped
 * under a title that says why; where CI=true that is a failure, since a green run would have tried nothing.
 */
export function describeWithServers<const Needs extends ServerName>(
  title: string,
  needs: readonly Needs[],
  body: (servers: Pick<TestServers, Needs>) => void,
): void {
  describe(title, async () => {
    try {
      body(await findServers(needs));
    } catch (error) {
      if (!(error instanceof NoServerError)) throw error;
      if (process.env['CI'] === 'true') {
        test(`has ${needs.join(', ')}`, () => {
          throw error;
        });
      } else {
        describe.skip(`skipped: ${error.message}`, () => body(noServers));
      }
    }
  });
}

async function findServers<Needs extends ServerName>(needs: readonly Needs[]): Promise<Pick<TestServers, Needs>> {
  const sources = { kafka: kafkaForTests, redis: redisForTests, postgres: postgresForTests };
  const found = await Promise.all(needs.map(async (name) => [name, await sources[name]()] as const));
  return Object.fromEntries(found) as Pick<TestServers, Needs>;
}

/** What a skipped body sees while its tests are counted. Nothing listens on port 1. */
const noServers: TestServers = {
  kafka: { bootstrapServers: ['127.0.0.1:1'], topicPrefix: 'skipped-' },
  redis: { url: 'redis://127.0.0.1:1', keyPrefix: 'skipped:' },
  postgres: { createDatabase: () => Promise.reject(new NoServerError('this suite is skipped')) },
};
