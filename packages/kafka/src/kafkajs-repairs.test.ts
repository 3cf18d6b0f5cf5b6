import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { repairKafkajs } from './kafkajs-repairs.ts';

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

test('an answer that arrives whole is told as kafkajs tells it, and one that does not is left to it', () => {
  repairKafkajs();
  const { prototype } = require('kafkajs/src/network/connection.js') as {
    prototype: { processData: (data: Buffer) => void };
  };
  const answer = Buffer.from([0, 0, 0, 7, 0, 0, 0, 42, 1, 2, 3]);
  const told = (...pieces: readonly Buffer[]): unknown[] => {
    const fulfilled: unknown[] = [];
    const requestQueue = { fulfillRequest: (it: unknown) => fulfilled.push(it) };
    const connection = { authHandlers: null, chunks: [], bytesBuffered: 0, bytesNeeded: 4, requestQueue };
    for (const piece of pieces) prototype.processData.call(connection, piece);
    return fulfilled;
  };
  const one = { size: 7, correlationId: 42, payload: Buffer.from([1, 2, 3]) };
  expect(told(answer)).toEqual([one]);
  expect(told(answer.subarray(0, 9), answer.subarray(9))).toEqual([one]);
  // What looks whole in the middle of another answer is a part of that.
  const outer = Buffer.concat([Buffer.from([0, 0, 0, 15, 0, 0, 0, 43]), answer]);
  expect(told(outer.subarray(0, 8), outer.subarray(8))).toEqual([{ size: 15, correlationId: 43, payload: answer }]);
});
