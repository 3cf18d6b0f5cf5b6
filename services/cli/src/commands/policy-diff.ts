import { vehicleClasses } from '@haulwatch/domain';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addInputOptions } from '../replay/input-options.ts';
import { planReplay, type ReplayFlags } from '../replay/replay-plan.ts';
import type { Terminal } from '../terminal.ts';

/** The options as commander hands them out. */
type DiffFlags = Pick<ReplayFlags, 'format' | 'columns' | 'delimiter' | 'timeZone' | 'class' | 'fleet'> & {
  readonly input: string;
  readonly limit: number;
  readonly json?: true;
  readonly exitCode?: true;
};

export function policyDiffCommand(terminal: Terminal): Command {
  const command = new Command('diff')
    .summary('say which alarms appear, vanish or change under another policy, without any server')
    .description(
      'Plays a file of telemetry through engines of its own under policy A and under policy B, and prints which alarms appear, vanish or change under B.',
    )
    .argument('<A>', 'a policy, YAML or JSON: the one that is')
    .argument('<B>', 'the one that might be')
    .requiredOption('--input <file>', 'the telemetry, plain or .gz, or - for standard input');
  return addInputOptions(command)
    .addOption(
      new Option('--class <name>', 'what vehicles are that nobody registered (default: as each policy says)').choices(
        vehicleClasses,
      ),
    )
    .option('--fleet <file>', 'a fleet file, for the classes and numbers of vehicles')
    .option('--limit <n>', 'how many alarms of each kind are shown', readLimit, 20)
    .option('--json', 'print all of it as one JSON document, and nothing else')
    .option('--exit-code', 'end with 1 where the alarms differ')
    .addHelpText('after', help)
    .action(async (pathA: string, pathB: string, flags: DiffFlags) => {
      const { input: path, limit, json, exitCode, ...reading } = flags;
      const input = planReplay(path, { ...reading, to: 'engine', topicPrefix: '', wait: true });
      const { diffPolicies } = await import('../policy/diff-policies.ts');
      const plan = { pathA, pathB, input, limit, json: json === true, exitCode: exitCode === true };
      await diffPolicies(plan, terminal);
    });
}

const help = `
Two alarms are the same when vehicle, rule, fence or kind and lane (live or late) are equal and they overlap in time. One
changes when its level, tier, peak, limit, duration (it began or ended at another time) or its suppression does.

Formats and columns are those of \`haulwatch replay --help\`.

Examples:
  haulwatch policy diff deploy/policies/shanghai.yaml trial.yaml --input yesterday.csv --class heavy
  haulwatch policy diff now.yaml trial.yaml --input day.jsonl.gz --fleet fleet.csv --json > diff.json
  zcat day.jsonl.gz | haulwatch policy diff now.yaml trial.yaml --input - --format jsonl --exit-code

The last line of output is RESULT {"alarmsA","alarmsB","appeared","vanished","changed","byRule"}; with --json there is no
such line, the same numbers are in "counts".`;

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 0) return limit;
  throw new InvalidArgumentError('Expected a whole number from 0.');
}
