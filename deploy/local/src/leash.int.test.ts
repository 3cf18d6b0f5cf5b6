import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWithPrograms } from './describe-with-programs.ts';
import { removePostgres } from './postgres.ts';
import { isRunning, type ServerProcess } from './server-process.ts';

const library = new URL('./index.ts', import.meta.url).href;

await describeWithPrograms('servers of a test', ['redis', 'postgres'], () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'haulwatch-leash-'));
  });

  afterEach(() => {
    removePostgres(join(dir, 'postgres'));
    rmSync(dir, { recursive: true });
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('die with the process that started them: %s', async (signal) => {
    const program = `
      import { startPostgres, startRedis } from '${library}';
      const redis = await startRedis({ dir: '${join(dir, 'redis')}', ephemeral: true });
      const postgres = await startPostgres({ dir: '${join(dir, 'postgres')}', ephemeral: true });
      console.log(JSON.stringify([...redis.processes, ...postgres.processes]));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const servers = JSON.parse(line) as ServerProcess[];
    expect(await Promise.all(servers.map(isRunning))).toEqual([true, true]);

    parent.kill(signal);
    await expect.poll(() => Promise.all(servers.map(isRunning)), { timeout: 5000 }).toEqual([false, false]);
  });
});
