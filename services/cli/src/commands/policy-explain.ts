import { Command } from 'commander';
import type { PlaceFlags } from '../policy/explain-subject.ts';
import type { Terminal } from '../terminal.ts';

type Flags = PlaceFlags & { readonly policy?: string; readonly fleet?: string; readonly json: boolean };

export function policyExplainCommand(terminal: Terminal): Command {
  return new Command('explain')
    .summary('say which rules apply to a vehicle or class, with thresholds and sources')
    .description(
      'Prints every rule of a policy file for a class or a vehicle of it: when it holds, its thresholds and their sources, who is told. With a place it prints what applies there and then, and why the rest does not. No server is needed.',
    )
    .argument('<vehicle>', 'coach, hazmat, earthwork, mixer, heavy, or with --fleet the id of a vehicle')
    .option('--policy <file>', 'a policy, YAML or JSON (default: deploy/policies/shanghai.yaml)')
    .option('--fleet <file>', 'a fleet file, as `fleet import` takes it, to look the vehicle up in')
    .option('--lon <deg>', 'longitude, WGS-84: maps of Chinese services (GCJ-02) lie some 500 m off')
    .option('--lat <deg>', 'latitude')
    .option('--at <time>', "when it is there; without an offset in the policy's time zone (default: now)")
    .option('--json', 'for programs: one JSON object', false)
    .addHelpText('after', help)
    .action(async (name: string, flags: Flags) => {
      const [{ defaultPolicyPath, readPolicy }, { findVehicle, readPlace }, { explainPolicy }, { explanationLines }] =
        await Promise.all([
          import('../policy/policy-yaml.ts'),
          import('../policy/explain-subject.ts'),
          import('../policy/explain.ts'),
          import('../policy/explain-text.ts'),
        ]);
      const policy = await readPolicy(flags.policy ?? defaultPolicyPath, 1);
      const entries = flags.fleet === undefined ? undefined : await readEntries(flags.fleet);
      const { class: vehicleClass, entry } = findVehicle(name, entries, policy);
      const asked = readPlace(flags, policy.timeZone, Date.now());
      if (asked !== undefined && flags.at === undefined) terminal.say('no --at: the place is told as it is now');
      const told = explainPolicy(policy, vehicleClass, asked, entry && (entry.permits ?? []));
      if (flags.json) {
        terminal.print(JSON.stringify({ ...(entry !== undefined && { vehicle: entry }), ...told }, null, 2));
        return;
      }
      const names = entry === undefined ? [] : [entry.id, entry.plate, entry.company];
      const vehicle = names.filter((part) => part !== undefined).join(', ');
      for (const line of explanationLines(told, vehicle)) terminal.print(line);
    });
}

async function readEntries(path: string) {
  const { readFleetFile } = await import('../fleet/fleet-csv.ts');
  return (await readFleetFile(path)).entries;
}

const help = `
Without --lon and --lat: all that the policy says to the class, each case with its conditions. At a place a rule by the
terminal's reports (adas, dsm, tpms, bsd, terminal-manner, terminal-fault) shows each case that a report could meet there:
the last that fits the report wins.

Examples:
  haulwatch policy explain hazmat
  haulwatch policy explain truck-7 --fleet fleet.csv --policy trial.yaml --lon 121.46 --lat 30.805 --at 2026-03-01T02:30
  haulwatch policy explain coach --policy trial.yaml --json`;
