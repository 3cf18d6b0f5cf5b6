import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a worker's probe has seen since it last told; times are Unix ms with fractions. */
export type RestartProbe = {
  readonly atMs: number;
  readonly rssMb: number;
  /** The event loop's longest delay. */
  readonly stallMs: number;
  /** How long in all its thread was ready and had no core: other processes' work. */
  readonly waitedMs: number;
  /** The longest pause of the garbage collector. */
  readonly gcMs: number;
  /** How long each copy of a partition's state held the loop, and how much CPU time of it was its own. */
  readonly captures: [tookMs: number, cpuMs: number][];
  /** Partition, when a run of records was through the engine, when the newest of them was produced. */
  readonly taken: [partition: number, atMs: number, producedAtMs: number][];
  /** Partition, when its restoring began and ended, how many vehicles it has. */
  readonly restored: [partition: number, fromMs: number, toMs: number, vehicles: number][];
};

export type ProbedWorker = {
  readonly name: string;
  /** All that its probe has told. */
  readonly told: readonly RestartProbe[];
  /** Resolves when it says that it runs. */
  readonly runs: Promise<void>;
  /** Resolves when it has gone. */
  readonly gone: Promise<void>;
  signal(signal: NodeJS.Signals): void;
};

/** Starts ingest, the deployed entry with a probe in it, as a process that ends with the stack; does not wait for it. */
export function startProbed(
  stack: AsyncDisposableStack,
  name: string,
  env: Readonly<Record<string, string>>,
): ProbedWorker {
  const root = join(import.meta.dirname, '..');
  const tether = new URL('chaos-tether.ts', import.meta.url).href;
  const probe = new URL('restart-probe.ts', import.meta.url).href;
  const child = fork(join(root, 'services/ingest/src/main.ts'), {
    cwd: root,
    env: { ...process.env, ...env },
    execArgv: ['--import', tether, '--import', probe],
    silent: true,
  });
  const told: RestartProbe[] = [];
  const said: string[] = [];
  const running = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < 1_000) said.push(line);
      if (line.includes('"admin":"')) running.resolve();
    });
  child.on('message', (message: RestartProbe) => told.push(message));
  child.once('exit', () => {
    running.reject(new Error(`${name} ended:\n${said.join('\n')}`));
    gone.resolve();
  });
  running.promise.catch(() => undefined);
  stack.defer(async () => {
    child.kill('SIGKILL');
    await gone.promise;
  });
  const signal = (which: NodeJS.Signals): void => void child.kill(which);
  return { name, told, runs: running.promise, gone: gone.promise, signal };
}
