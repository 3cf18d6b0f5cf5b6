import { topicsWithPrefix, type TopicNames } from '@haulwatch/domain';
import type { Log } from '@haulwatch/ports';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from './cli-error.ts';

/** What a command is told about Kafka. */
export type BrokerOptions = { readonly brokers?: readonly string[]; readonly topicPrefix: string };

/** Adds the options, with the same environment variables as the services read. */
export function addBrokerOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--brokers <host:port,…>', 'Kafka brokers, one or more').env('KAFKA_BROKERS').argParser(readBrokers),
    )
    .addOption(
      new Option('--topic-prefix <text>', 'what stands before every topic, where Haulwatches share a broker')
        .env('TOPIC_PREFIX')
        .default(''),
    );
}

/** Opens the log on Kafka. kafkajs is loaded only here: most commands need none of it. */
export async function openLog({ brokers, topicPrefix }: BrokerOptions, replicationFactor?: number): Promise<OpenLog> {
  if (brokers === undefined) {
    throw new UsageError('where is Kafka? Say --brokers host:port, or set KAFKA_BROKERS (`npm run servers -- up kafka` starts one)');
  }
  const { openKafkaLog } = await import('@haulwatch/kafka');
  const log = await openKafkaLog({
    brokers,
    clientId: 'haulwatch-cli',
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
  });
  return { log, topics: topicsWithPrefix(topicPrefix), [Symbol.asyncDispose]: () => log.close() };
}

export type OpenLog = AsyncDisposable & { readonly log: Log; readonly topics: TopicNames };

function readBrokers(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  const bad = brokers.find((broker) => !/^[^\s:]+:\d+$|^\[[^\]]+\]:\d+$/.test(broker));
  if (bad !== undefined) throw new InvalidArgumentError(`${JSON.stringify(bad)} is not host:port.`);
  return brokers;
}
