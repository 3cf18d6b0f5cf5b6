import { execa, type ResultPromise } from 'execa';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A service as the process that it is in production. */
export type ServiceProcess = {
  readonly pid: number;
  /** What the service logged once it ran, by field. */
  readonly started: Readonly<Record<string, unknown>>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
};

/** Starts `services/<name>` and waits for the line of log that says it runs. It dies with the test. */
export async function startService(name: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const child = execa(process.execPath, [`services/${name}/src/main.ts`], {
    cwd: root,
    env,
    reject: false,
    forceKillAfterDelay: 15_000,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const started = await firstInfo(child, name);
  return {
    pid: child.pid!,
    started,
    async kill(signal) {
      child.kill(signal);
      await child;
    },
  };
}

async function firstInfo(child: ResultPromise, name: string): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  for await (const line of child.iterable({ from: 'all' as 'stdout' })) {
    lines.push(String(line));
    if (!String(line).startsWith('{')) continue;
    const entry = JSON.parse(String(line)) as Record<string, unknown>;
    if ('admin' in entry || 'address' in entry) return entry;
  }
  throw new Error(`${name} did not start:\n${lines.join('\n')}`);
}

/** Runs the `haulwatch` command and returns the JSON of its RESULT line. */
export async function haulwatch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
  const { stdout } = await execa(process.execPath, ['services/cli/src/main.ts', ...args], { cwd: root, env });
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('RESULT ')) throw new Error(`no RESULT in:\n${stdout}`);
  return JSON.parse(last.slice('RESULT '.length)) as Record<string, unknown>;
}
