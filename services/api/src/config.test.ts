import { readConfig } from '@haulwatch/service';
import { expect, test } from 'vitest';
import { Config } from './config.ts';

test.each(['127.0.0.1', '::1', 'localhost'])('HOST=%s is this machine alone', (HOST) => {
  expect(readConfig(Config, { HOST }).HOST).toBe(HOST);
});

test.each(['0.0.0.0', '::', '192.168.1.7', 'haulwatch.example'])('HOST=%s is refused, with the reason', (HOST) => {
  expect(() => readConfig(Config, { HOST })).toThrow(
    `HOST=${HOST}: the API has no sign-in yet, so it listens on this machine alone`,
  );
});

test('the defaults are the local servers and port 8080', () => {
  expect(readConfig(Config, {})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 8080,
    KAFKA_BROKERS: ['localhost:9092'],
    REDIS_URL: 'redis://localhost:6379',
  });
});
