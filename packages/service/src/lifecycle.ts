import { constants } from 'node:os';
import type { Logger } from './logger.ts';

export type ServiceContext = {
  readonly log: Logger;
  /** Aborted by the first SIGINT or SIGTERM: hand it to whatever waits. */
  readonly signal: AbortSignal;
  /** What is put here is ended in reverse order, also when the start fails half-way. */
  readonly stack: AsyncDisposableStack;
};

/**
 * What runs. `until` ends the service: resolved, it has done its work; rejected, it has died and the process must be
 * started anew. Absent: it runs until a signal comes.
 */
export type Running = { readonly until?: Promise<unknown> };

/** Teardown may take this long (a snapshot, a last commit), then the process ends all the same: Kubernetes kills after 30 s. */
const closeWithinMs = 10_000;

/** When all is torn down nothing is left to wait for but what some library forgot, a socket after a broker's restart. */
const lingerMs = 500;

/**
 * Runs a service until a signal, its own end or its death, tears it down and leaves the exit code: 0, or 1 with a line on
 * standard error that says what to do. A second signal ends the process at once.
 */
export async function runService(log: Logger, start: (context: ServiceContext) => Promise<Running>): Promise<void> {
  const stop = new AbortController();
  const onFatal = (error: unknown) => {
    reportFatal(error);
    stop.abort();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    log.info({ signal }, 'stopping; a second signal ends at once');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onFatal);
  const stopped = Promise.withResolvers<void>();
  stop.signal.addEventListener('abort', () => {
    // Unref'ed: where everything was torn down well, nothing waits for it.
    setTimeout(forceExit, closeWithinMs).unref();
    stopped.resolve();
  });
  try {
    await using stack = new AsyncDisposableStack();
    try {
      const { until } = await start({ log, signal: stop.signal, stack });
      await Promise.race(until === undefined ? [stopped.promise] : [stopped.promise, until]);
    } catch (error) {
      // A start that gives up because it was told to stop has not failed.
      if (!stop.signal.aborted || !isAbort(error)) reportFatal(error);
    } finally {
      // Before the teardown, so that its time is bounded whatever brought it about.
      stop.abort();
    }
  } catch (error) {
    reportFatal(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.off('uncaughtException', onFatal);
  }
  log.info('stopped');
  // Unref'ed: it fires only where something was left open that would keep a dead service from being started anew.
  setTimeout(() => {
    log.warn({ left: process.getActiveResourcesInfo() }, 'something was left open; the process ends all the same');
    process.exit();
  }, lingerMs).unref();
}

/**
 * Tells why the service cannot go on, and sets the exit code. A broken environment (errors with a code: the broker is
 * away, the port is taken) is told in one line that says what to do; a bug is told with its stack.
 */
export function reportFatal(error: unknown): void {
  process.exitCode = 1;
  const known = error instanceof Error && 'code' in error;
  const text = known ? lineOf(error) : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`haulwatch: ${text}\n`);
}

function lineOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && !error.message.includes(cause.message)
    ? `${error.message} (${lineOf(cause)})`
    : error.message;
}

function forceExit(): void {
  process.stderr.write(`haulwatch: did not end within ${closeWithinMs / 1_000} s, ends now without waiting\n`);
  process.exit(1);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
