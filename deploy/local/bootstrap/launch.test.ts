import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const launchModule = new URL('./launch.mjs', import.meta.url).href;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'haulwatch-launch-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

/** Launches a program of one line, as run.mjs would, and returns the launcher with what the program prints. */
function launchProgram(program: string): { launcher: ChildProcess; lines: AsyncIterator<string> } {
  const file = join(dir, 'program.mjs');
  writeFileSync(file, program);
  const code = `import { launch } from '${launchModule}';
    await launch(process.execPath, ['${file}'], { cwd: process.cwd(), env: process.env });`;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void launcher.kill('SIGKILL'));
  return { launcher, lines: launcher.stdout.setEncoding('utf8')[Symbol.asyncIterator]() };
}

const untilKilled = 'console.log(process.pid); setInterval(() => {}, 1000);';

test.each([0, 1, 7])('takes over the exit code %i', async (code) => {
  const { launcher } = launchProgram(`process.exit(${code})`);
  expect(await once(launcher, 'exit')).toEqual([code, null]);
});

test('dies of the signal that its program died of', async () => {
  const { launcher } = launchProgram(`process.kill(process.pid, 'SIGKILL')`);
  expect(await once(launcher, 'exit')).toEqual([null, 'SIGKILL']);
});

describe('a signal to the launcher', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends the program: %s', async (signal) => {
    const { launcher, lines } = launchProgram(untilKilled);
    const pid = Number((await lines.next()).value);
    launcher.kill(signal);
    expect(await once(launcher, 'exit')).toEqual([null, signal]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('reaches the program once when the group gets it twice', async () => {
    const { launcher, lines } = launchProgram(
      `let seen = 0; process.on('SIGINT', () => { seen += 1; setTimeout(() => process.exit(seen), 500) });
       console.log('ready'); setInterval(() => {}, 1000);`,
    );
    await lines.next();
    launcher.kill('SIGINT');
    launcher.kill('SIGINT');
    expect(await once(launcher, 'exit')).toEqual([1, null]);
  });

  test.runIf(process.platform === 'linux')('takes the program along even when it is kill -9', async () => {
    const { launcher, lines } = launchProgram(untilKilled);
    const pid = Number((await lines.next()).value);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

/** A zombie that waits for an init to bury it does not run any more. */
async function isRunning(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+Z/m.test(status);
}
