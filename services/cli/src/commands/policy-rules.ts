import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function policyRulesCommand(terminal: Terminal): Command {
  return new Command('rules')
    .summary('print every rule and what a policy makes of it, as Markdown')
    .description(
      'Prints a table of all rules: when each holds, who is told, which numbers a policy file gives it and where each number comes from.',
    )
    .argument('<file>', 'a policy, YAML or JSON')
    .addHelpText('after', '\nExample:\n  haulwatch policy rules deploy/policies/shanghai.yaml > RULES.md')
    .action(async (file: string) => {
      const [{ readPolicy }, { rulesTable }] = await Promise.all([
        import('../policy/policy-yaml.ts'),
        import('../policy/rules-table.ts'),
      ]);
      terminal.print(rulesTable(await readPolicy(file, 1)));
    });
}
