import { execa } from 'execa';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A service as the process that it is in production. */
export type ServiceProcess = {
  readonly pid: number;
  /** What the service logged once it ran, by field. */
  readonly started: Readonly<Record<string, unknown>>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Resolves when it has ended, by whatever. */
  readonly ended: Promise<unknown>;
};

/** Starts `services/<name>` and waits for the line of log that says it runs. It dies with the test. */
export async function startService(name: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const child = execa(process.execPath, [`services/${name}/src/main.ts`], {
    cwd: root,
    env,
    reject: false,
    forceKillAfterDelay: 15_000,
    all: true,
  });
  const started = await firstInfo(child.all, child, name);
  return {
    pid: child.pid!,
    started,
    ended: child.then(() => undefined),
    async kill(signal) {
      child.kill(signal);
      await child;
    },
  };
}

/** Keeps a service running as a supervisor does in production: when it ends, it is started again. */
export async function keepRunning(name: string, env: Readonly<Record<string, string>>): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let service = await startService(name, env);
  const supervise = async (): Promise<void> => {
    for (;;) {
      await service.ended;
      if (stop.signal.aborted) return;
      service = await startService(name, env);
    }
  };
  const supervising = supervise();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await service.kill('SIGTERM');
      await supervising;
    },
  };
}

/** The line of log with the service's address; goes on reading, so that the process is never blocked by a full pipe. */
async function firstInfo(output: Readable, ended: Promise<unknown>, name: string): Promise<Record<string, unknown>> {
  const seen: string[] = [];
  const found = Promise.withResolvers<Record<string, unknown>>();
  createInterface({ input: output }).on('line', (line) => {
    seen.push(line);
    const entry = line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {};
    if ('admin' in entry || 'address' in entry) found.resolve(entry);
  });
  void ended.then(() => found.reject(new Error(`${name} ended:\n${seen.join('\n')}`)));
  return await found.promise;
}

/** Runs the `haulwatch` command and returns the JSON of its RESULT line. */
export async function haulwatch(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const { stdout } = await execa(process.execPath, ['services/cli/src/main.ts', ...args], { cwd: root, env });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('RESULT ')) throw new Error(`no RESULT in:\n${stdout}`);
  return JSON.parse(last.slice('RESULT '.length)) as Record<string, unknown>;
}
