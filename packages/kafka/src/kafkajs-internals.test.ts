import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { repairKafkajs } from './kafkajs-internals.ts';

const require = createRequire(import.meta.url);

type Connection = { connect(): Promise<unknown>; disconnect(): Promise<unknown> };
const ConnectionClass = require('kafkajs/src/network/connection.js') as new (options: object) => Connection;

/** Found where an ingest restored many partitions at once: sockets that nobody closed kept it from ending. */
test('requests that meet before a connection stands share one socket', async () => {
  repairKafkajs();
  let accepted = 0;
  const server = createServer(() => (accepted += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const connection = new ConnectionClass({
    host: '127.0.0.1',
    port,
    socketFactory: ({ onConnect }: { onConnect: () => void }) => connect({ host: '127.0.0.1', port }, onConnect),
    logger: { namespace: () => log, ...log },
    instrumentationEmitter: { emit() {} },
    connectionTimeout: 3_000,
    requestTimeout: 3_000,
  });
  await Promise.all(Array.from({ length: 32 }, () => connection.connect()));
  await connection.disconnect();
  server.close();
  // The server has gone when the last of its sockets has.
  await once(server, 'close');
  expect(accepted).toBe(1);
});

test('a member whose partitions are all paused looks again soon, not when a fetch would have been over', async () => {
  repairKafkajs();
  const { prototype } = require('kafkajs/src/consumer/consumerGroup.js') as {
    prototype: { fetch: (nodeId: string) => Promise<readonly unknown[]> };
  };
  const paused = { subscriptionState: { active: () => [{ topic: 'telemetry', partitions: [] }] }, maxWaitTime: 5_000 };
  const fromMs = performance.now();
  await expect(prototype.fetch.call(paused, '1')).resolves.toEqual([]);
  expect(performance.now() - fromMs).toBeLessThan(1_000);
});
