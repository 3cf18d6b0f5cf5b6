import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Tells why a command ended and gives its exit code. What is expected to happen (a wrong option, a file that is not
 * there, a server that is away) is told in one line that says what to do; a bug with its stack.
 */
export function reportError(error: unknown, terminal: Pick<Terminal, 'say' | 'signal'>): number {
  if (error instanceof CommanderError) {
    // commander has said it already; it ends with 0 after --help, and with 1 where it was called wrongly.
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof CliError) {
    terminal.say(`haulwatch: ${error.message}`);
    return error.exitCode;
  }
  if (terminal.signal.aborted) {
    terminal.say('haulwatch: interrupted');
    return 130;
  }
  terminal.say(`haulwatch: ${textOf(error)}`);
  return 1;
}

/** Errors with a code are the environment's: the log's, the file system's, the network's. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.stack ?? error.message;
  return error.code === 'topic-missing' ? `${error.message} \`haulwatch topics create\` does.` : error.message;
}
