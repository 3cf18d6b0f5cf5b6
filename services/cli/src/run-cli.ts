import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line; gives the exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return reportError(error, terminal);
  }
}
