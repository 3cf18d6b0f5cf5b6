import { Command, InvalidArgumentError } from 'commander';
import { addBrokerOptions, openLog, type BrokerOptions } from '../broker-options.ts';
import { printResult, type Terminal } from '../terminal.ts';

type Flags = BrokerOptions & { readonly partitions: number; readonly replicationFactor?: number };

export function topicsCreateCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('create the topics that Haulwatch works with')
    .description(
      'Creates the topics that are missing on a Kafka, with their partitions and retention. Those that exist are left as they are.',
    )
    .option(
      '--partitions <n>',
      'partitions of telemetry: ingest scales by them, and they cannot be changed later',
      whole,
      32,
    )
    .option('--replication-factor <n>', "copies of each record; by default the broker's own setting", whole)
    .addHelpText('after', '\nExample:\n  haulwatch topics create --brokers 127.0.0.1:9092 --partitions 32')
    .action(async (flags: Flags) => {
      const { createTopics } = await import('../topics/create-topics.ts');
      await using open = await openLog(flags, flags.replicationFactor);
      const topics = await createTopics(open.log, open.topics, flags.partitions);
      for (const { name, partitions, wanted } of topics) {
        const note = partitions === wanted ? '' : ` (it exists and stays so; ${wanted} were wanted)`;
        terminal.say(`${name}: ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}${note}`);
      }
      printResult(terminal, { topics: Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions])) });
    });
  return addBrokerOptions(command);
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value;
  throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
}
