import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

const leashModule = new URL('./leash.ts', import.meta.url).href;

/** A process that only waits, with a parent (this one) that outlives the one that holds it on the leash. */
function sleeper(): ChildProcess {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('ends what is still held when its holder has gone, each by its own signal', async () => {
  const [killed, quit, letOff, alsoLetOff] = [sleeper(), sleeper(), sleeper(), sleeper()];
  const ends = [once(killed, 'exit'), once(quit, 'exit')];
  const program = `
    import { holdOnLeash, letOffLeash } from '${leashModule}';
    holdOnLeash(${letOff.pid}, 'KILL');
    holdOnLeash(${killed.pid}, 'KILL');
    holdOnLeash(${alsoLetOff.pid}, 'QUIT');
    letOffLeash(${letOff.pid}, 'KILL');
    letOffLeash(1, 'KILL');
    holdOnLeash(${quit.pid}, 'QUIT');
    letOffLeash(${alsoLetOff.pid}, 'QUIT');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);`;
  spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  expect(await Promise.all(ends)).toEqual([
    [null, 'SIGKILL'],
    [null, 'SIGQUIT'],
  ]);
  expect([letOff.exitCode, letOff.signalCode, alsoLetOff.exitCode, alsoLetOff.signalCode]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
