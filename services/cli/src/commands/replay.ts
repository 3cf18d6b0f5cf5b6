import { vehicleClasses } from '@haulwatch/domain';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addBrokerOptions } from '../broker-options.ts';
import { addInputOptions } from '../replay/input-options.ts';
import { partitionsDefault, planReplay, type ReplayFlags } from '../replay/replay-plan.ts';
import type { Terminal } from '../terminal.ts';

export function replayCommand(terminal: Terminal): Command {
  const command = new Command('replay')
    .summary('play a file of telemetry into Kafka, a running Haulwatch, or an engine of its own')
    .description(
      "Plays a file of telemetry, plain or .gz, into the engines: by default into engines of its own, without any server, to try a policy on yesterday's data.",
    )
    .argument('<file>', 'the file, or - for standard input');
  addInputOptions(command)
    .option('--to <target>', 'kafka, engine or http://host:port (default: engine)')
    .option('--policy <file>', 'engine: the rules (default: deploy/policies/shanghai.yaml)')
    .addOption(
      new Option(
        '--class <name>',
        'engine: what vehicles are that nobody registered (default: as the policy says)',
      ).choices(vehicleClasses),
    )
    .option('--fleet <file>', 'engine: a fleet file, for the classes and numbers of vehicles')
    .option(
      '--partitions <n>',
      `engine: as many as the topic telemetry has (default: ${partitionsDefault})`,
      readPartitions,
    )
    .option('--out <file>', 'engine: write every step of every alarm to this file, one JSON object a line')
    .option('--decoded <file>', 'jt808hex: write what every frame says to this file, one JSON object a line')
    .option('--speed <factor>', 'max, realtime, or how many times as fast as it happened (default: max)')
    .option('--raw-traccar', "kafka: put Traccar's records on Traccar's topic as they are")
    .option('--no-wait', 'kafka and http: do not wait to see what becomes of the rows')
    .addHelpText('after', help)
    .action(async (file: string, flags: ReplayFlags) => {
      const plan = planReplay(file, flags);
      const { runReplay } = await import('../replay/run-replay.ts');
      await runReplay(plan, terminal);
    });
  return addBrokerOptions(command);
}

const help = `
Formats:
  csv      a header line and a fix a line                            .csv .tsv
  jsonl    a fix a line, JSON v1                                     .jsonl .ndjson
  frames   frames v1, each after its length (u32, little-endian)     .frames
  jt808hex frames of JT/T 808 (2011, 2013, 2019) in hex, one a line, or in the column that --columns frame=NAME names
  traccar  a record of Traccar's Kafka forwarder a line, bare or as {"key", "value"} of a topic dump

Columns: FIELD=column, FIELD:UNIT=column, FIELD='always this', FIELD= (not read), separated by commas.
  vehicleId fixedAt lon lat are needed; speed heading accuracy altitude mileage valid blindZone alarmFlags statusFlags
  driverId receivedAt are not. Units: speed kph, mps, knots, mph; fixedAt and receivedAt local, epoch-s, epoch-ms.
  jt808hex: frame is needed; vehicleId (else the terminal's number without leading zeros) and receivedAt are not.
  Times: 2008-12-11 04:42:14+00, 2026-01-26T15:57:02.5Z, or seconds or ms since 1970.

A fix without a receipt of its own counts as received when it was fixed, on every target: else today's clock would call
all of yesterday late. With --to kafka and --to http the rows must be the only ones that come in, or use --no-wait.

Examples:
  haulwatch replay buses.csv --columns vehicleId=vehicle_id,fixedAt=timestamp --time-zone Europe/London --class coach
  haulwatch replay tracks.csv.gz --policy trial.yaml --class heavy --out alarms.jsonl
  haulwatch replay day.frames --to kafka --brokers 127.0.0.1:9092 --speed 10
  haulwatch replay frames.tsv --format jt808hex --columns frame=hex --decoded messages.jsonl
  zcat day.jsonl.gz | haulwatch replay - --format jsonl --to http://127.0.0.1:8080

The last line of output is RESULT {"rows","fixes","rejects","late","duplicates","vehicles","alarmsRaised",
"alarmsByRule","suppressed","seconds",…} with rows = fixes + duplicates + rejects; the suppressed are counted in alarmsRaised too,
by what kept them from people: prohibited-zone, flapping, storm, flood. For jt808hex a row is a position or a frame that is refused, and there is more:
frames = decoded (positions, drivers' cards) + otherMessages + unknownMessage + badChecksum + parts + the sum of refused.`;

function readPartitions(text: string): number {
  const partitions = Number(text);
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= 10_000) return partitions;
  throw new InvalidArgumentError('Expected a whole number from 1 to 10000.');
}
