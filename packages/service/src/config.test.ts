import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('The port to listen on'),
  REDIS_URL: z.url().describe('redis://host:port'),
  BROKERS: z.string().transform((text) => text.split(',')),
});

test('variables become values; an empty one counts as not set; others are left alone', () => {
  const env = { PORT: '', REDIS_URL: 'redis://localhost:6379', BROKERS: 'a:1,b:2', HOME: '/root' };
  expect(readConfig(schema, env)).toEqual({ PORT: 8080, REDIS_URL: 'redis://localhost:6379', BROKERS: ['a:1', 'b:2'] });
});

test('every bad variable is told at once, with its help; what may be secret is not repeated', () => {
  const read = () => readConfig(schema, { PORT: 'http', REDIS_URL: 'my password' });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(
    [
      'these environment variables must be set otherwise:',
      '  PORT=http: expected number, received NaN. The port to listen on',
      '  REDIS_URL=…: Invalid URL. redis://host:port',
      '  BROKERS: is missing: expected string',
    ].join('\n'),
  );
});
