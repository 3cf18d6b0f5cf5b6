/**
 * Something that is expected to go wrong now and then: a file that is not there, a server that does not answer. The
 * message is one line and says what to do; `code` keeps it apart from bugs, which are told with their stack.
 */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly code: string = 'cli';
  /** Of the process: 1, it did not work. */
  readonly exitCode: number = 1;
}

/** The command was given what it cannot work with: exit code 2, as commander's own complaints have. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';
  override readonly code = 'usage';
  override readonly exitCode = 2;
}

/** 128 + SIGINT, what a shell says of a program that Ctrl-C has ended. */
const interruptedExitCode = 130;

/** The person pressed Ctrl-C: everything was put down cleanly, but the work is not done. */
export class Interrupted extends CliError {
  override readonly name = 'Interrupted';
  override readonly code = 'interrupted';
  override readonly exitCode = interruptedExitCode;
}
