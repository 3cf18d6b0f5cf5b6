import { adminFields, configFields, databaseFields } from '@haulwatch/service';
import { z } from 'zod';

export const Config = z.object({ ...configFields, ...adminFields, ...databaseFields });
