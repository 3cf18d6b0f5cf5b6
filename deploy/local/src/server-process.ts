import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { holdOnLeash, letOffLeash, type LastSignal } from './leash.ts';
import { ServerError } from './server-error.ts';

/** A server process that we started. Kept in a file between `servers up` and `servers down`. */
export type ServerProcess = {
  readonly pid: number;
  /** Part of its command line that no other process has, such as its configuration file: pids are used again. */
  readonly marker: string;
  readonly logFiles: readonly string[];
};

export type SpawnOptions = {
  readonly marker: string;
  /** The first takes stdout and stderr, the others the server writes itself. */
  readonly logFiles: readonly [string, ...string[]];
  readonly cwd: string;
  /** Run as this user, where we are root and the server refuses to. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Dies with this process by this signal; without it, the server outlives us. */
  readonly leash?: LastSignal | undefined;
};

/** Starts a server in the background, in a session of its own. */
export function spawnServer(command: string, args: readonly string[], options: SpawnOptions): ServerProcess {
  const [output] = options.logFiles;
  mkdirSync(dirname(output), { recursive: true });
  const log = openSync(output, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', log, log],
    ...options.user,
  });
  closeSync(log);
  child.on('error', () => {}); // Seen by waitUntilReady: the process does not run.
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new ServerError(`${command} could not be started`);
  const { leash } = options;
  if (leash !== undefined) {
    holdOnLeash(pid, leash);
    child.once('exit', () => letOffLeash(pid, leash));
  }
  return { pid, marker: options.marker, logFiles: options.logFiles };
}

/** True while the process runs and is still the one that we started. */
export async function isRunning(server: ServerProcess): Promise<boolean> {
  return (await commandLine(server.pid)).includes(server.marker);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    return (await execa('ps', ['-o', 'command=', '-p', String(pid)], { reject: false })).stdout;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Polls until the server answers; throws with the end of its log when it dies before or takes too long. */
export async function waitUntilReady(
  title: string,
  servers: readonly ServerProcess[],
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await isReady())) {
    for (const server of servers) {
      if (!(await isRunning(server))) throw new ServerError(`${title} ended while starting.\n${logTails([server])}`);
    }
    if (Date.now() > deadlineMs) {
      throw new ServerError(`${title} was not ready after ${timeoutMs / 1000} s.\n${logTails(servers)}`);
    }
    await sleep(100);
  }
}

/** Sends the signal, waits, and kills what is left after the timeout. Resolves when all have gone. */
export async function stopServers(
  servers: readonly ServerProcess[],
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  await Promise.all(servers.map((server) => stopServer(server, signal, timeoutMs)));
}

async function stopServer(server: ServerProcess, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!(await send(server, signal))) return;
  const deadlineMs = Date.now() + timeoutMs;
  for (let killed = signal === 'SIGKILL'; await isRunning(server); await sleep(50)) {
    if (killed || Date.now() < deadlineMs) continue;
    await send(server, 'SIGKILL');
    killed = true;
  }
}

/** Returns false when the process has gone. */
async function send(server: ServerProcess, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(server))) return false;
  try {
    return process.kill(server.pid, signal);
  } catch {
    return false;
  }
}

/** The last lines of the servers' log files, each under its name. */
export function logTails(servers: readonly ServerProcess[], lines = 20): string {
  const files = servers.flatMap(({ logFiles }) => logFiles);
  return files.map((file) => `--- ${file}\n${lastLines(file, lines)}`).join('\n');
}

function lastLines(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no such file)';
  }
}
