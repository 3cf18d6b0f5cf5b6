import { Command } from 'commander';
import { addBrokerOptions, type BrokerOptions } from '../broker-options.ts';
import { readTarget } from '../target-option.ts';
import { printResult, type Terminal } from '../terminal.ts';

type Flags = BrokerOptions & { readonly to: string; readonly dryRun: boolean };

export function fleetImportCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .summary('register the vehicles of a CSV file')
    .description(
      'Registers the vehicles of a CSV file, new ones and changed ones. Every mistake is printed with its line and column, and if there is any, nothing is written. Repeating it changes nothing.',
    )
    .argument('<file>', 'CSV with a header line')
    .option('--to <target>', 'kafka or http://host:port', 'kafka')
    .option('--dry-run', 'say what would be written, and write nothing', false)
    .addHelpText('after', help)
    .action(async (file: string, flags: Flags) => {
      const target = readTarget(flags.to, ['kafka', 'http']);
      const { importToApi, importToLog } = await import('../fleet/import-fleet.ts');
      const { dryRun } = flags;
      const result =
        target.kind === 'http'
          ? await importToApi(file, { url: target.url, dryRun, signal: terminal.signal })
          : await importToLog(file, { broker: flags, dryRun });
      const { rows, new: added, changed, unchanged } = result;
      const counts = added === null ? `${result.registered ?? '?'} new or changed` : `${added} new, ${changed} changed`;
      terminal.say(
        `${rows} vehicles: ${counts}, ${unchanged ?? '?'} unchanged${dryRun ? '; a dry run, nothing was written' : ''}`,
      );
      printResult(terminal, { ...result, dryRun });
    });
  return addBrokerOptions(command);
}

const help = `
Columns: id, class (coach, hazmat, earthwork, mixer or heavy), and where known plate, company, district,
aliases (other ids, separated by ; or |), permits, retired (true or false). In this order or another.
Permits are JSON: [{"id":"P-1","from":"2026-01-01T00:00+08:00","to":"2027-01-01T00:00+08:00","routes":["route-a"],
"hours":[{"days":["mon","tue"],"from":"21:00","to":"05:00"}]}]. Routes are fence ids of the policy with uses: [route],
none: everywhere. Hours are as in a policy's schedules: "every-day" or days, local times; none: at all hours.

Examples:
  haulwatch fleet import fleet.csv --brokers 127.0.0.1:9092 --dry-run
  haulwatch fleet import fleet.csv --to http://127.0.0.1:8080`;
