import { z } from 'zod';
import { kafkaAccessFields } from './kafka-access.ts';
import { logLevels } from './logger.ts';

/**
 * The variables that several services share, each said once. A service's config is a `z.object` of the groups that it
 * needs and its own.
 */
export const configFields = {
  LOG_LEVEL: z.enum(logLevels).default('info').describe('how much is logged'),
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((broker) => broker.trim()))
    .refine((brokers) => brokers.every((broker) => /^[^\s:]+:\d+$|^\[[0-9a-fA-F:]+\]:\d+$/.test(broker)), {
      error: 'expected host:port, several separated by commas',
    })
    .default(['localhost:9092'])
    .describe('brokers of Apache Kafka as host:port, separated by commas'),
  ...kafkaAccessFields,
  TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,64}$/, 'expected letters, digits, dots, underscores and hyphens')
    .default('')
    .describe('stands before every topic, so that several Haulwatches can share one Kafka'),
};

const port = z.coerce.number().int().min(0).max(65_535);

export const adminFields = {
  ADMIN_HOST: z.string().default('127.0.0.1').describe('the address that /healthz, /readyz and /metrics listen on'),
  // No fixed default: several services run on one machine.
  ADMIN_PORT: port.default(0).describe('the port of /healthz, /readyz and /metrics; 0 picks a free one and logs it'),
};

export const redisFields = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .default('redis://localhost:6379')
    .describe('redis://user:password@host:port/database, rediss:// for TLS'),
  REDIS_PREFIX: z.string().max(64).default('haulwatch:').describe('stands before every key'),
};

export const databaseFields = {
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .default('postgres://localhost:5432/haulwatch')
    .describe('postgres://user:password@host:port/database'),
};
