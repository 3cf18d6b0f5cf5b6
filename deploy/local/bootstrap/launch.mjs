import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dieWithParent } from './progress.mjs';

/** `timeout`, npm and a shell each pass a signal on, and the group gets it too: repeats this near are one signal. */
const echoMs = 300;
/** How often we look whether npm, which runs us, has been killed. */
const orphanCheckMs = 250;

/**
 * Runs a program as if it were this process: stdio inherited, SIGINT, SIGTERM and SIGHUP handed on once, the exit code
 * taken over, death by signal copied. Killed with -9, we take the program along (Linux: the kernel does).
 *
 * At a terminal the program stays in our process group, gets Ctrl-C from the terminal itself, and SIGINT is not handed
 * on. Elsewhere it has a group of its own, so that a signal to our group reaches it once, through us.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
export async function launch(command, args, options) {
  const atTerminal = process.stdin.isTTY;
  const words = [...dieWithParent(), command, ...args];
  const child = spawn(/** @type {string} */ (words[0]), words.slice(1), {
    ...options,
    stdio: 'inherit',
    detached: !atTerminal && process.platform !== 'win32',
  });
  /** @type {Map<NodeJS.Signals, number>} */
  const handedOnAtMs = new Map();
  /** @param {NodeJS.Signals} signal */
  const handOn = (signal) => {
    if (signal === 'SIGINT' && atTerminal) return;
    const nowMs = Date.now();
    if (nowMs - (handedOnAtMs.get(signal) ?? 0) > echoMs) child.kill(signal);
    handedOnAtMs.set(signal, nowMs);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, handOn);
  const watch = watchNpm((signal) => child.kill(signal));
  const { code, signal } = await ended(child);
  clearInterval(watch);
  for (const name of signals) process.removeListener(name, handOn);
  process.exitCode = code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  if (signal !== null) process.kill(process.pid, signal);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/**
 * npm runs us in a shell. A SIGTERM to npm reaches the shell, which dies of it without a word to us; a kill -9 of npm
 * leaves the shell alone. The first means an orderly end, the second what it says. Only npm waits for us to the end, so
 * this is no business of ours without it: a program started with `&` may outlive its shell.
 *
 * @param {(signal: NodeJS.Signals) => void} end
 */
function watchNpm(end) {
  if (process.env['npm_lifecycle_event'] === undefined) return undefined;
  const parent = process.ppid;
  const npm = isShell(parent) ? parentOf(parent) : undefined;
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(watch);
    end(process.ppid === parent ? 'SIGKILL' : 'SIGTERM');
  }, orphanCheckMs);
  return watch.unref();
}

/** @param {number} pid */
function isShell(pid) {
  return /^(da|ba|z|)sh\n$/.test(readProc(pid, 'comm'));
}

/** @param {number} pid */
function parentOf(pid) {
  return /^PPid:\s+(\d+)$/m.exec(readProc(pid, 'status'))?.[1];
}

/**
 * @param {number} pid
 * @param {string} file
 */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It has gone, or this is not Linux.
  }
}
