import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function policyCheckCommand(terminal: Terminal): Command {
  return new Command('check')
    .summary('say what is wrong with a policy file, without any server')
    .description(
      'Reads a policy file and prints each mistake as FILE:line:column: path: what is wrong. Exit code 0: there is none.',
    )
    .argument('<file>', 'a policy, YAML or JSON')
    .addHelpText('after', '\nExample:\n  haulwatch policy check deploy/policies/shanghai.yaml')
    .action(async (file: string) => {
      const { readPolicy } = await import('../policy/policy-yaml.ts');
      const { name, fences } = await readPolicy(file, 1);
      terminal.print(`${file}: no mistakes; the policy ${JSON.stringify(name)} with ${fences.length} fences`);
    });
}
