import { adminFields, configFields, redisFields } from '@haulwatch/service';
import { z } from 'zod';

export const Config = z.object({
  ...configFields,
  ...adminFields,
  ...redisFields,
  CHECKPOINT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(300_000)
    .default(10_000)
    .describe('between two checkpoints of a busy partition: the input that a restart plays again'),
  SESSION_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(6_000)
    .max(60_000)
    .default(6_000)
    .describe('a worker that is silent for so long has lost its partitions'),
});
