import { logContract } from '@haulwatch/testkit';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog } from './sqlite-log.ts';

logContract('the log on SQLite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-log-'));
  const log = await openSqliteLog({ dir });
  return {
    log,
    topic: (name) => `${name}-${randomUUID()}`,
    close: async () => {
      await log.close();
      await rm(dir, { recursive: true });
    },
  };
});
