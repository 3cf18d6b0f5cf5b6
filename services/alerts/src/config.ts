import { adminFields, configFields, redisFields } from '@haulwatch/service';
import { z } from 'zod';

export const Config = z.object({ ...configFields, ...adminFields, ...redisFields });
