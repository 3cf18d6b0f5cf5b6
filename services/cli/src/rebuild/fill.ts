import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.ts';
import type { Terminal } from '../terminal.ts';

/** What is filled from the alarm log by its own service. */
export type Projection = {
  /** "Redis", for messages. */
  readonly name: string;
  /** The service that fills it. */
  readonly service: string;
  readonly clear: () => Promise<void>;
  readonly position: () => Promise<number>;
  /** The offset that the next record of the alarm log will get. */
  readonly end: () => Promise<number>;
};

export type Filled = {
  /** Records of the alarm log that it was filled from. */
  readonly records: number;
  readonly seconds: number;
};

const lookEveryMs = 250;

/**
 * Empties a projection and waits until its service has filled it up to where the log ended: that one sees that its projection
 * has lost everything, starts anew and begins at the beginning. What comes meanwhile comes through the log like all else.
 *
 * @throws CliError where nobody fills it.
 */
export async function rebuild(
  { name, service, clear, position, end }: Projection,
  terminal: Terminal,
  patienceMs: number,
): Promise<Filled> {
  const beganAtMs = performance.now();
  const wanted = await end();
  await clear();
  terminal.say(`${name} is emptied; ${service} fills it from ${wanted} records of the alarm log`);
  let reached = -1;
  let movedAtMs = performance.now();
  for (;;) {
    terminal.signal.throwIfAborted();
    const at = await position();
    if (at + 1 >= wanted) break;
    const nowMs = performance.now();
    if (at > reached) [reached, movedAtMs] = [at, nowMs];
    if (nowMs - movedAtMs > patienceMs) {
      throw new CliError(
        `${name} stands at ${at + 1} of ${wanted} records for ${Math.round(patienceMs / 1_000)} s: is ${service} running? It goes on by itself as soon as ${service} starts; nothing is lost, the alarm log has it all`,
      );
    }
    await sleep(lookEveryMs, undefined, { signal: terminal.signal });
  }
  return { records: wanted, seconds: Math.round(performance.now() - beganAtMs) / 1_000 };
}
