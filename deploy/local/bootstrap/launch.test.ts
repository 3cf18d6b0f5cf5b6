import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const launchModule = new URL('./launch.mjs', import.meta.url).href;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'haulwatch-launch-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

function launcherOf(program: string): string {
  return `import { launch } from '${launchModule}';
    await launch(process.execPath, ['${program}'], { cwd: process.cwd(), env: process.env });`;
}

/** Launches a program of one line, as run.mjs would, and returns the launcher with what the program prints. */
function launchProgram(program: string): { launcher: ChildProcess; lines: AsyncIterator<string> } {
  const file = join(dir, 'program.mjs');
  writeFileSync(file, program);
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', launcherOf(file)], {
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

describe.runIf(process.platform === 'linux')('under npm, which runs us in a shell', () => {
  /** Says its pid and its parent's, and how it ended, into a file, since its pipe may be gone by then. */
  const noteEnd = (file: string) =>
    `import { writeFileSync } from 'node:fs';
     process.on('SIGTERM', () => { writeFileSync('${file}', 'in order'); process.exit(); });
     console.log(process.pid); setInterval(() => {}, 1000);`;

  test.each([
    ['npm is killed with -9', 'npm', 'SIGKILL', ''],
    ['its shell dies of a SIGTERM', 'shell', 'SIGTERM', 'in order'],
  ] as const)('the program ends when %s', async (_, victim, signal, expected) => {
    const note = join(dir, 'ended');
    writeFileSync(note, '');
    writeFileSync(join(dir, 'program.mjs'), noteEnd(note));
    writeFileSync(join(dir, 'launcher.mjs'), launcherOf(join(dir, 'program.mjs')));
    // `; exit` keeps the shell from becoming the launcher.
    const npm = `const { spawn } = require('node:child_process');
      const shell = spawn('/bin/sh', ['-c', '"${process.execPath}" "${join(dir, 'launcher.mjs')}"; exit $?'], { stdio: 'inherit' });
      console.log(shell.pid); setInterval(() => {}, 1000);`;
    const env = { ...process.env, npm_lifecycle_event: 'start' };
    const fakeNpm = spawn(process.execPath, ['-e', npm], { stdio: ['ignore', 'pipe', 'inherit'], env });
    onTestFinished(() => void fakeNpm.kill('SIGKILL'));
    const lines = createInterface(fakeNpm.stdout)[Symbol.asyncIterator]();
    const shell = Number((await lines.next()).value);
    const program = Number((await lines.next()).value);

    process.kill(victim === 'npm' ? (fakeNpm.pid ?? 0) : shell, signal);
    await expect.poll(() => isRunning(program), { timeout: 10_000 }).toBe(false);
    expect(readFileSync(note, 'utf8')).toBe(expected);
  });
});

/** A zombie that waits for an init to bury it does not run any more. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+Z/m.test(status);
}
