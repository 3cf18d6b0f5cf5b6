import { pgliteDialect } from '@haulwatch/embedded';
import { historyContract } from '@haulwatch/testkit';
import { Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { openHistory } from './history.ts';

describe('the history on PGlite', () => {
  // One for all tests: each start takes 2 s and 0.8 GB, and more where others are busy.
  const dialect = pgliteDialect('memory');
  const admin = new Kysely<unknown>({ dialect });
  const empty = async (): Promise<void> => {
    await sql`drop schema public cascade`.execute(admin);
    await sql`create schema public`.execute(admin);
  };
  beforeAll(empty, 60_000);
  afterAll(() => admin.destroy());

  historyContract(async () => {
    await empty();
    // Not closed: that would close the one for all.
    return {
      history: openHistory({ dialect }),
      other: openHistory({ dialect }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
