import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function policySchemaCommand(terminal: Terminal): Command {
  return new Command('schema')
    .summary('print the JSON Schema of policy files, for editors')
    .description(
      'Prints the JSON Schema (draft 7) of policy files. An editor that has it completes keys, shows what each number is for and marks mistakes.',
    )
    .addHelpText('after', '\nExample:\n  haulwatch policy schema > deploy/policies/policy.schema.json')
    .action(async () => {
      const { policyJsonSchema } = await import('@haulwatch/contract');
      terminal.print(JSON.stringify(policyJsonSchema(), null, 2));
    });
}
