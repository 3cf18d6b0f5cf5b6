import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';
import { processTerminal } from './terminal.ts';

const terminal = processTerminal();
try {
  await createProgram(terminal).parseAsync();
} catch (error) {
  process.exitCode = reportError(error, terminal);
}
