import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export type Ended = { readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string };

export type StandaloneProcess = {
  readonly address: string;
  readonly ended: Promise<Ended>;
  kill(signal: 'SIGINT' | 'SIGKILL'): Promise<Ended>;
};

function run(args: readonly string[]) {
  return execa(process.execPath, ['services/standalone/src/main.ts', ...args], {
    cwd: root,
    reject: false,
    forceKillAfterDelay: 15_000,
  });
}

/** Runs `npm start` with these options to its end. */
export async function standaloneToEnd(args: readonly string[]): Promise<Ended> {
  const { exitCode, stdout, stderr } = await run(args);
  return { exitCode, stdout, stderr };
}

/** Starts it and waits for the address that it prints. It dies with the test. */
export async function startStandalone(args: readonly string[]): Promise<StandaloneProcess> {
  const child = run(args);
  const ended = child.then(({ exitCode, stdout, stderr }) => ({ exitCode, stdout, stderr }));
  const address = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = /^Haulwatch watches: (http:\S+)/.exec(line)?.[1];
    if (found !== undefined) address.resolve(found);
  });
  void ended.then(({ stderr }) => address.reject(new Error(`standalone ended:\n${stderr}`)));
  return {
    address: await address.promise,
    ended,
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

/** What the RESULT line says. */
export function resultOf(stdout: string): Record<string, unknown> {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('RESULT ')) throw new Error(`no RESULT in:\n${stdout}`);
  return JSON.parse(last.slice('RESULT '.length)) as Record<string, unknown>;
}
