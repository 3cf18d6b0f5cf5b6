import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pgliteDialect } from '@haulwatch/embedded';
import { sampleAlarmId, sampleStep } from '@haulwatch/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHistory } from './history.ts';

/** In a process of its own: writes batches of ten steps for ever, and says each position once it is written. */
const writer = `
  const { pgliteDialect } = await import('@haulwatch/embedded');
  const { openHistory } = await import(${JSON.stringify(new URL('./history.ts', import.meta.url).href)});
  const { folder, step } = JSON.parse(process.argv[1]);
  const history = openHistory({ dialect: pgliteDialect(folder) });
  await history.migrate();
  for (let from = (await history.position()) + 1; ; from += 10) {
    const steps = Array.from({ length: 10 }, (_, n) => ({ position: from + n, step: { ...step, seq: from + n + 1 } }));
    await history.apply({ after: from - 1, upTo: from + 9, steps });
    console.log(from + 9);
  }`;

describe('the history on PGlite, in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'haulwatch-pglite-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('kill -9 in the middle of writing loses nothing that was written, and a second process cannot come between', async () => {
    const argument = JSON.stringify({ folder, step: sampleStep() });
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, argument], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let written = -1;
    try {
      for await (const line of createInterface(child.stdout)) {
        written = Number(line);
        if (written === 99) {
          const intruder = openHistory({ dialect: pgliteDialect(folder) });
          await expect(intruder.position()).rejects.toMatchObject({
            code: 'failed',
            message: expect.stringContaining('is in use by'),
          });
          await intruder.close();
        }
        if (written >= 499) child.kill('SIGKILL');
      }
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    expect(written).toBeGreaterThanOrEqual(499);
    const history = openHistory({ dialect: pgliteDialect(folder) });
    const position = await history.position();
    expect(position).toBeGreaterThanOrEqual(written);
    expect((await history.alarm(sampleAlarmId(1)))?.steps.length).toBe(position + 1);
    await history.close();
  });

  test('a disk that is nearly full: nothing more is written, and it says so', async () => {
    const history = openHistory({ dialect: pgliteDialect(folder, { freeBytesMin: Number.MAX_SAFE_INTEGER }) });
    await expect(history.migrate()).rejects.toMatchObject({
      code: 'failed',
      retriable: true,
      message: expect.stringMatching(/disk.*free some space/),
    });
    await history.close();
  });

  test('a folder that cannot be one: the error names it', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const history = openHistory({ dialect: pgliteDialect(file) });
    await expect(history.migrate()).rejects.toMatchObject({
      code: 'failed',
      retriable: false,
      message: expect.stringContaining(file),
    });
    await history.close();
  });
});
