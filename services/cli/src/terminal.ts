/** Where a command speaks: results on standard output, everything else on standard error. */
export type Terminal = {
  /** Aborted by the first Ctrl-C (or SIGTERM); the second one ends the process at once. */
  readonly signal: AbortSignal;
  /** One line for the person, on standard error. */
  say(line: string): void;
  /** A line of output. */
  print(line: string): void;
};

/** The last line of standard output: what programs read. */
export function printResult(terminal: Terminal, result: Readonly<Record<string, unknown>>): void {
  terminal.print(`RESULT ${JSON.stringify(result)}`);
}

export function processTerminal(): Terminal {
  const stop = new AbortController();
  const onSignal = () => {
    // The handlers are gone after the first signal, so that the second has its usual effect.
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // `haulwatch … | head`: nobody listens any more, which is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    signal: stop.signal,
    say: (line) => void process.stderr.write(`${line}\n`),
    print: (line) => void process.stdout.write(`${line}\n`),
  };
}
