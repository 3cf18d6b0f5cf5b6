import { Option, type Command } from 'commander';
import { replayFormats } from './replay-plan.ts';

/** What a file of telemetry is and how it is read: the same words for every command that reads one. */
export function addInputOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <name>', 'what the file is; by default its name tells').choices(replayFormats))
    .option(
      '--columns <list>',
      'CSV, jt808hex: which column is which field, and its unit; CSV by default by their usual names',
    )
    .option('--delimiter <char>', 'columns: what divides the columns, or the word tab; by default the header tells')
    .option('--time-zone <name>', 'columns: where times without an offset were written (default: UTC)');
}
