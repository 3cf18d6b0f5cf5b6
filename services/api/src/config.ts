import { fileURLToPath } from 'node:url';
import { configFields, databaseFields, redisFields } from '@haulwatch/service';
import { z } from 'zod';
import { apiLimits } from './api-ports.ts';

/** Addresses that only this machine reaches. */
const loopbackAddresses = ['127.0.0.1', '::1', 'localhost'];

const loopbackOnly =
  'the API has no sign-in yet, so it listens on this machine alone: leave HOST at 127.0.0.1 until there is one';

const perMinute = z.coerce.number().int().min(1).max(10_000_000);

export const Config = z.object({
  ...configFields,
  ...redisFields,
  ...databaseFields,
  HOST: z
    .string()
    .default('127.0.0.1')
    .refine((host) => loopbackAddresses.includes(host), { error: loopbackOnly })
    .describe('127.0.0.1, ::1 or localhost'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('the port; 0 picks a free one'),
  PUBLIC_DIR: z
    .string()
    .default(fileURLToPath(new URL('../../console/public', import.meta.url)))
    .describe('the folder of the live page'),
  REQUESTS_PER_MINUTE: perMinute.default(apiLimits.requestsPerMinute).describe('of one client, fixes aside'),
  FIX_REQUESTS_PER_MINUTE: perMinute.default(apiLimits.fixRequestsPerMinute).describe('POST /v1/fixes of one client'),
});
