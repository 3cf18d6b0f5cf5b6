import { logLevel, type LogEntry } from 'kafkajs';
import { expect, test } from 'vitest';
import { kafkajsLogCreator } from './kafka-logger.ts';

function said(lines: readonly [level: logLevel, message: string, error?: string | undefined][]): string[] {
  const levels: string[] = [];
  const write = kafkajsLogCreator((level) => levels.push(level))(logLevel.INFO);
  for (const [level, message, error] of lines) {
    const entry: LogEntry = {
      namespace: 'Connection',
      level,
      label: '',
      log: { timestamp: '', message, ...(error === undefined ? {} : { error }) },
    };
    write(entry);
  }
  return levels;
}

test.each<[logLevel, string, string | undefined, string]>([
  [logLevel.ERROR, 'Connection error: connect ECONNREFUSED', undefined, 'warn'],
  [logLevel.ERROR, 'Offset out of range, resetting to default offset', undefined, 'warn'],
  [logLevel.WARN, 'Could not create topics', 'not controller', 'warn'],
  [logLevel.INFO, 'Consumer has joined the group', undefined, 'debug'],
  [logLevel.ERROR, 'Response GroupCoordinator(key: 10, version: 2)', 'The group coordinator is not available', 'debug'],
  [logLevel.ERROR, 'Crash: KafkaJSGroupCoordinatorNotFound: Failed to find group coordinator', undefined, 'debug'],
  [logLevel.ERROR, 'Restarting the consumer in 300ms', undefined, 'debug'],
  [logLevel.WARN, 'The group is rebalancing, re-joining', undefined, 'debug'],
  [logLevel.WARN, 'Limiting retries for the idempotent producer may invalidate EoS guarantees', undefined, 'debug'],
])('of kafkajs at level %i: %s', (level, message, error, ours) => {
  expect(said([[level, message, error]])).toEqual([ours]);
});

test('what it repeats is said once, ports and numbers aside', () => {
  const refused = (port: number): [logLevel, string] => [
    logLevel.ERROR,
    `Connection error: connect ECONNREFUSED 127.0.0.1:${port}`,
  ];
  expect(said([refused(9092), refused(9092), refused(9093), [logLevel.ERROR, 'Connection timeout']])).toEqual([
    'warn',
    'debug',
    'debug',
    'warn',
  ]);
});
