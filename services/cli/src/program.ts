import { Command } from 'commander';
import { fleetImportCommand } from './commands/fleet-import.ts';
import { policyCheckCommand } from './commands/policy-check.ts';
import { policyDiffCommand } from './commands/policy-diff.ts';
import { policyExplainCommand } from './commands/policy-explain.ts';
import { policyPublishCommand } from './commands/policy-publish.ts';
import { policyRulesCommand } from './commands/policy-rules.ts';
import { policySchemaCommand } from './commands/policy-schema.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { replayCommand } from './commands/replay.ts';
import { topicsCreateCommand } from './commands/topics-create.ts';
import type { Terminal } from './terminal.ts';

/** The whole command line. What a command needs is loaded when it runs, so that help is there at once. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('haulwatch')
    .description('Watches dangerous trucks: plays telemetry, fills the registry, puts policies in force.')
    .addCommand(replayCommand(terminal))
    .addCommand(group('fleet', 'the registry of vehicles', [fleetImportCommand(terminal)]))
    .addCommand(
      group('policy', 'rules, limits and fences', [
        policyCheckCommand(terminal),
        policyDiffCommand(terminal),
        policyExplainCommand(terminal),
        policyPublishCommand(terminal),
        policyRulesCommand(terminal),
        policySchemaCommand(terminal),
      ]),
    )
    .addCommand(group('topics', 'the topics on Kafka', [topicsCreateCommand(terminal)]))
    .addCommand(rebuildCommand(terminal))
    .addHelpText('after', help);
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => terminal.print(text.replace(/\n$/, '')),
        writeErr: (text) => terminal.say(text.replace(/\n$/, '')),
        getOutHelpWidth: () => helpColumns,
        getErrHelpWidth: () => helpColumns,
      })
      .helpOption('-h, --help', 'show help')
      .helpCommand(false)
      .showHelpAfterError('(--help says more)');
  }
  return program;
}

/** The same on every terminal: the examples and tables below it have this width too. */
const helpColumns = 120;

const help = `
Exit code: 0 done, 1 it did not work, 2 wrong usage, 130 stopped by Ctrl-C.

Examples:
  haulwatch replay yesterday.csv --class heavy --out alarms.jsonl    try the rules, no server needed
  haulwatch policy diff now.yaml trial.yaml --input yesterday.csv    which alarms another policy would raise
  haulwatch topics create --brokers 127.0.0.1:9092
  haulwatch policy publish deploy/policies/shanghai.yaml --brokers 127.0.0.1:9092
  haulwatch replay --help`;

function group(name: string, description: string, commands: readonly Command[]): Command {
  const command = new Command(name).description(description);
  for (const one of commands) command.addCommand(one);
  return command;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((one) => everyCommand(one))];
}
