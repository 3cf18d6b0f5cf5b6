import { topicsWithPrefix, type TopicNames } from '@haulwatch/domain';
import type { Log } from '@haulwatch/ports';
import { Option, type Command } from 'commander';
import { UsageError } from './cli-error.ts';
import { configuredSecurity } from './config.ts';

/** What a command is told about Kafka. */
export type BrokerOptions = { readonly brokers?: string; readonly topicPrefix: string };

/** Adds the options, with the same environment variables as the services read. */
export function addBrokerOptions(command: Command): Command {
  return command
    .addOption(new Option('--brokers <host:port,…>', 'Kafka brokers, one or more').env('KAFKA_BROKERS'))
    .addOption(
      new Option('--topic-prefix <text>', 'what stands before every topic, where Haulwatches share a broker')
        .env('TOPIC_PREFIX')
        .default(''),
    );
}

/** Opens the log on Kafka. kafkajs is loaded only here: most commands need none of it. */
export async function openLog({ brokers, topicPrefix }: BrokerOptions, replicationFactor?: number): Promise<OpenLog> {
  const { openKafkaLog } = await import('@haulwatch/kafka');
  const log = await openKafkaLog({
    brokers: readBrokers(brokers),
    security: configuredSecurity(),
    clientId: 'haulwatch-cli',
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
  });
  return { log, topics: topicsWithPrefix(topicPrefix), [Symbol.asyncDispose]: () => log.close() };
}

export type OpenLog = AsyncDisposable & { readonly log: Log; readonly topics: TopicNames };

/** Read only by a command that goes to Kafka: an environment that is wrong for it is nobody else's affair. */
export function readBrokers(text: string | undefined): readonly string[] {
  // An empty variable counts as not set, as `docker run -e NAME=` and shell scripts leave it.
  if (text === undefined || text === '') {
    throw new UsageError(
      'where is Kafka? Say --brokers host:port, or set KAFKA_BROKERS (`npm run servers -- up kafka` starts one)',
    );
  }
  const brokers = text.split(',').map((broker) => broker.trim());
  const bad = brokers.find((broker) => !/^(?:[^\s:]+|\[[^\]]+\]):\d+$/.test(broker));
  if (bad !== undefined) throw new UsageError(`--brokers: ${JSON.stringify(bad)} is not host:port`);
  return brokers;
}
