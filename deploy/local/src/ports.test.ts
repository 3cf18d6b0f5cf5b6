import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { kafkaIsReady } from './kafka-probe.ts';
import { freePorts, loopback } from './ports.ts';

/** Where systems take ports for outgoing connections from, Linux first of all. */
const ephemeralFrom = 32_768;

async function echo(port: number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(port, loopback);
  await once(server, 'listening');
  return server;
}

test('free ports are all different, can be listened on, and are none that a connection is given', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(ephemeralFrom);
  const servers = await Promise.all(ports.map(echo));
  for (const server of servers) server.close();
});

test('who answers with what he was told is no broker of Kafka', async () => {
  const [port = 0] = await freePorts(1);
  const server = await echo(port);
  expect(await kafkaIsReady(`${loopback}:${port}`, 1)).toBe(false);
  server.close();
});
