import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** Something is missing that the user must provide; the message says what and how. Printed without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * One short line on stderr: standard output belongs to the program that is run.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`haulwatch: ${line}\n`);
}

/**
 * On Linux a child can ask the kernel to die with its parent, even when the parent is killed with -9. Returns the words
 * to put before a command, none where that is not to be had (BusyBox's setpriv lacks the option).
 *
 * @returns {string[]}
 */
export function dieWithParent() {
  const setpriv = '/usr/bin/setpriv';
  if (process.platform !== 'linux' || !existsSync(setpriv)) return [];
  return basename(realpathSync(setpriv)) === 'setpriv' ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
}

/** The installer that runs now, to be ended with us. @type {import('node:child_process').ChildProcess | undefined} */
let running;

/** Ends the installer that runs now, if any. */
export function endRunningInstaller() {
  running?.kill('SIGTERM');
}

/**
 * Runs an installer: its output is kept and shown only in the error; a line every 5 s says that it still works.
 *
 * @param {string} title such as "fetching Node 24"
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, finishAlone?: boolean, succeeded?: () => boolean }} options
 *   finishAlone: it must not be cut off when we are killed, such as apt-get; succeeded: a look at what came, for
 *   installers that call a failure a success
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function runInstaller(title, command, args, { finishAlone = false, succeeded = () => true, ...options }) {
  const startedAtMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedAtMs) / 1000);
  say(`${title} …`);
  let output = '';
  const ticker = setInterval(() => say(`${title}: ${seconds()} s … ${lastLine(output)}`.trimEnd()), 5000);
  const words = [...(finishAlone ? [] : dieWithParent()), command, ...args];
  const child = spawn(/** @type {string} */ (words[0]), words.slice(1), {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-20_000)));
  }
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('close', (status) => resolve(status));
  });
  running = undefined;
  clearInterval(ticker);
  const ok = code === 0 && succeeded();
  if (ok) say(`${title}: done in ${seconds()} s`);
  return { ok, output: output.trim() };
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 80) ?? '';
}
