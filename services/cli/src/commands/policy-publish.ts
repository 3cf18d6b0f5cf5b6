import { Command } from 'commander';
import { addBrokerOptions, type BrokerOptions } from '../broker-options.ts';
import { readTarget } from '../target-option.ts';
import { printResult, type Terminal } from '../terminal.ts';

type Flags = BrokerOptions & { readonly to: string };

export function policyPublishCommand(terminal: Terminal): Command {
  const command = new Command('publish')
    .summary('put a policy in force')
    .description(
      'Publishes a policy file as the next version; it is in force at once. Nothing is published if there is any mistake in it, or if the policy in force says the same.',
    )
    .argument('<file>', 'a policy, YAML or JSON')
    .option('--to <target>', 'kafka or http://host:port', 'kafka')
    .addHelpText(
      'after',
      '\nExamples:\n  haulwatch policy publish deploy/policies/shanghai.yaml --brokers 127.0.0.1:9092\n  haulwatch policy publish trial.yaml --to http://127.0.0.1:8080',
    )
    .action(async (file: string, flags: Flags) => {
      const target = readTarget(flags.to, ['kafka', 'http']);
      const { publishToApi, publishToLog } = await import('../policy/publish-policy.ts');
      const { version, name, published } =
        target.kind === 'http'
          ? await publishToApi(file, target.url, terminal.signal)
          : await publishToLog(file, flags);
      terminal.say(
        published
          ? `published ${JSON.stringify(name)} as version ${version}`
          : `version ${version}, ${JSON.stringify(name)}, is in force and says the same: nothing was published`,
      );
      printResult(terminal, { version, name, published });
    });
  return addBrokerOptions(command);
}
