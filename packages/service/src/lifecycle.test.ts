import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./lifecycle.program.ts', import.meta.url));

type Ended = { readonly exitCode: number | null; readonly words: string[]; readonly errors: string };

/** Runs the service and sends it the signals one after the other: the first when it is up, each next when the former has shown. */
async function run(behaviour: string, ...signals: NodeJS.Signals[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, behaviour], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdout.on('data', (chunk) => {
    out += chunk;
    // Each line printed is the cue for the next signal.
    for (const signal of signals.splice(0, signals.length > 0 ? 1 : 0)) child.kill(signal);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, words: out.trim().split('\n'), errors };
}

describe('a service', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s tears it down in reverse order; the exit code is 0', async (signal) => {
    expect(await run('runs', signal)).toEqual({
      exitCode: 0,
      words: ['up', 'closed-last', 'closed-first'],
      errors: '',
    });
  });

  test('it ends by itself when its work is done', async () => {
    expect(await run('finishes')).toEqual({ exitCode: 0, words: ['closed-last', 'closed-first'], errors: '' });
  });

  test('what some library left open does not keep it from ending', async () => {
    const beganAtMs = performance.now();
    expect(await run('forgets-a-socket')).toMatchObject({ exitCode: 0, words: ['closed-last', 'closed-first'] });
    // Below the 10 s that a teardown may take.
    expect(performance.now() - beganAtMs).toBeLessThan(8_000);
  });

  test('a signal during the start ends the start, and that is no failure', async () => {
    expect(await run('waits-in-start', 'SIGTERM')).toEqual({
      exitCode: 0,
      words: ['up', 'closed-last', 'closed-first'],
      errors: '',
    });
  });

  test('a broken environment is one line that says what to do; what was opened is closed; the exit code is 1', async () => {
    expect(await run('cannot-start')).toEqual({
      exitCode: 1,
      words: ['closed-last', 'closed-first'],
      errors: 'haulwatch: no broker at localhost:9092: start one (refused)\n',
    });
  });

  test.each([
    ['dies', 'a bug'],
    ['throws-later', 'a bug in a callback'],
  ])('a bug (%s) is told with its stack; what was opened is closed; the exit code is 1', async (behaviour, message) => {
    const ended = await run(behaviour);
    expect(ended.exitCode).toBe(1);
    expect(ended.words.slice(-2)).toEqual(['closed-last', 'closed-first']);
    expect(ended.errors).toMatch(new RegExp(`^haulwatch: Error: ${message}\n +at `));
  });

  test('a second signal ends at once, though the teardown hangs', async () => {
    // The teardown hangs after nothing was printed, so the second signal follows the first without a cue.
    const child = spawn(process.execPath, [program, 'hangs'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const resend = setInterval(() => child.kill('SIGINT'), 50);
    const exitCode = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(resend);
    expect(exitCode).toBe(130);
  });
});
