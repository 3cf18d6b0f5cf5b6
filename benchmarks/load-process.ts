import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadOptions, LoadReport, LoadStep } from './load-plan.ts';

export type LoadProcess = {
  readonly pid: number;
  /** Its newest report. */
  readonly report: LoadReport;
  /** From a time on this rate holds. */
  at(step: LoadStep): void;
  /** Ends the load at a time and resolves when all of it is acknowledged or refused. */
  finish(atMs: number): Promise<LoadReport>;
};

/** Starts the generator and waits until its fleet stands ready. */
export async function startLoad(stack: AsyncDisposableStack, options: LoadOptions): Promise<LoadProcess> {
  const child = fork(join(import.meta.dirname, 'load-generator.ts'), [JSON.stringify(options)]);
  stack.defer(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const ready = Promise.withResolvers<LoadReport>();
  const drained = Promise.withResolvers<LoadReport>();
  let report: LoadReport | undefined;
  child.on('message', (message: LoadReport) => {
    report = message;
    if (message.kind === 'ready') ready.resolve(message);
    if (message.kind === 'drained') drained.resolve(message);
  });
  child.once('exit', (code) => {
    const ended = new Error(`the generator ended with ${code}`);
    ready.reject(ended);
    drained.reject(ended);
  });
  drained.promise.catch(() => undefined);
  await ready.promise;
  return {
    pid: child.pid!,
    get report() {
      return report!;
    },
    at: (step) => child.send(step),
    finish(atMs) {
      child.send({ fromMs: atMs, fixesPerS: -1 } satisfies LoadStep);
      return drained.promise;
    },
  };
}
