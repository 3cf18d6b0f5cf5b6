import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { homePartition, parseFixText } from '@haulwatch/codec';
import { alarmAfter, topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { openRedisStore } from '@haulwatch/redis';
import { createLogger, readConfig, topicSpecs } from '@haulwatch/service';
import { describeWithServers, sampleStep } from '@haulwatch/testkit';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildApi } from '../src/app.ts';
import { Config } from '../src/config.ts';
import { openPorts } from '../src/open-ports.ts';

const partitions = 4;

/** The API as main.ts makes it, on Kafka, Redis and PostgreSQL. */
describeWithServers('the API on real servers', ['kafka', 'redis', 'postgres'], ({ kafka, redis, postgres }) => {
  const stack = new AsyncDisposableStack();
  const logger = createLogger('test', 'silent');
  let app: FastifyInstance;
  let address: string;

  beforeAll(async () => {
    const config = readConfig(Config, {
      KAFKA_BROKERS: kafka.bootstrapServers.join(','),
      TOPIC_PREFIX: kafka.topicPrefix,
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.keyPrefix,
      DATABASE_URL: await postgres.createDatabase(),
    });
    const log = await openKafkaLog({ brokers: config.KAFKA_BROKERS, clientId: 'test' });
    await log.ensureTopics(topicSpecs(topicsWithPrefix(config.TOPIC_PREFIX), partitions));
    await log.close();
    app = stack.adopt(await buildApi(await openPorts(config, logger, stack)), (open) => open.close());
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => stack.disposeAsync());

  test('it is ready, and an empty pipeline is told as such', async () => {
    expect((await app.inject('/readyz')).json()).toEqual({
      status: 'ready',
      parts: { log: 'ok', live: 'ok', history: 'ok' },
    });
    expect((await app.inject('/v1/status')).json()).toMatchObject({
      ingest: { lagRecords: 0, partitions: Array.from({ length: partitions }, () => ({ committed: 0, end: 0 })) },
      alarmLog: { end: 0, livePosition: -1, historyPosition: -1 },
    });
    expect((await app.inject('/v1/alarms')).json()).toEqual({ alarms: [] });
  });

  test('it starts without Redis and PostgreSQL, says so, and has them when they come', async () => {
    const [redisPort, postgresPort] = [await freePort(), await freePort()];
    await using own = new AsyncDisposableStack();
    const behind = (url: string, port: number): string => {
      const moved = new URL(url);
      moved.port = String(port);
      return moved.href;
    };
    const databaseUrl = await postgres.createDatabase();
    const config = readConfig(Config, {
      KAFKA_BROKERS: kafka.bootstrapServers.join(','),
      TOPIC_PREFIX: kafka.topicPrefix,
      REDIS_URL: behind(redis.url, redisPort),
      REDIS_PREFIX: redis.keyPrefix,
      DATABASE_URL: behind(databaseUrl, postgresPort),
    });
    const api = own.adopt(await buildApi(await openPorts(config, logger, own)), (open) => open.close());
    const ready = async (): Promise<unknown> => (await api.inject('/readyz')).json();
    expect(await ready()).toMatchObject({
      status: 'not-ready',
      parts: {
        log: 'ok',
        live: expect.stringContaining('cannot be reached'),
        history: expect.stringContaining('cannot be reached'),
      },
    });
    own.use(await forward(redisPort, redis.url));
    own.use(await forward(postgresPort, databaseUrl));
    await expect.poll(ready, { timeout: 20_000 }).toMatchObject({ status: 'ready' });
  });

  test('vehicles and a policy are published and in force when it answers', async () => {
    const vehicles = Array.from({ length: 2_500 }, (_, n) => ({
      id: `truck-${n}`,
      class: 'heavy',
      aliases: [`phone-${n}`],
    }));
    const registered = await app.inject({ method: 'PUT', url: '/v1/vehicles', payload: vehicles });
    expect(registered.json()).toEqual({ registered: 2_500, unchanged: 0, vehicles: 2_500 });
    expect((await app.inject('/v1/vehicles/phone-2499')).json().vehicle).toMatchObject({
      id: 'truck-2499',
      number: 2_500,
    });
    const file: unknown = parse(
      readFileSync(new URL('../../../deploy/policies/shanghai.yaml', import.meta.url), 'utf8'),
    );
    const published = await app.inject({ method: 'POST', url: '/v1/policies', payload: file as object });
    expect(published.json()).toEqual({ version: 1, name: 'Shanghai', published: true });
    expect((await app.inject('/v1/policies/active')).json()).toMatchObject({ version: 1 });
  });

  test('fixes stand in Kafka at home, the unreadable ones in the dead letters', async () => {
    const fix = { fixedAtMs: Date.now(), lonDeg: 121.47, latDeg: 31.23 };
    const fixes = Array.from({ length: 2_000 }, (_, n) => ({ ...fix, vehicleId: `phone-${n % 100}` }));
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/fixes',
      payload: [...fixes, { ...fix, vehicleId: 7 }],
    });
    expect(answer.json()).toMatchObject({ accepted: 2_000, rejected: [{ index: 2_000, reason: 'field-type' }] });
    const log = stack.adopt(await openKafkaLog({ brokers: kafka.bootstrapServers, clientId: 'test' }), (open) =>
      open.close(),
    );
    const topics = topicsWithPrefix(kafka.topicPrefix);
    const ends = await log.endOffsets(topics.telemetry);
    expect(ends.reduce((a, b) => a + b)).toBe(2_000);
    const partition = homePartition('truck-7', partitions);
    const [record] = await log.read(topics.telemetry, partition, 0, 1);
    const first = parseFixText(record?.value ?? null);
    expect('vehicleId' in first && homePartition(first.vehicleId, partitions)).toBe(partition);
    const [letter] = await log.read(topics.deadLetters, 0, 0, 1);
    expect(letter?.headers).toMatchObject({ source: 'http', reason: 'field-type' });
  });

  test('an alarm in Redis comes over the event stream', async () => {
    const abort = new AbortController();
    const response = await fetch(`${address}/v1/events`, { signal: abort.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (part: string) => {
      while (!text.includes(part)) text += (await reader.read()).value ?? '';
    };
    await until('event: heartbeat');
    const alarm = alarmAfter(sampleStep({ vehicleId: 'truck-1' }));
    const live = stack.adopt(await openRedisStore({ url: redis.url, prefix: redis.keyPrefix }), (open) => open.close());
    const event = { op: 'event', position: 0, index: 0, type: 'raised', data: JSON.stringify(alarm) } as const;
    await live.apply({ after: -1, upTo: 0, writes: [{ op: 'put-alarm', position: 0, alarm }, event] });
    await until(`event: raised\ndata: ${JSON.stringify(alarm)}\n\n`);
    expect(text).toContain('id: 1-0\nevent: raised');
    abort.abort();
    expect((await app.inject('/v1/vehicles/phone-1')).json().openAlarms).toEqual([alarm]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Lets a server answer on another port of this machine, as one that has just been started. */
async function forward(port: number, url: string): Promise<AsyncDisposable> {
  const { hostname, port: target } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(Number(target), hostname);
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => open.delete(socket));
      socket.pipe(other);
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
