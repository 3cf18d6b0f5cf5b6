import { vehicleClasses, vehicleIdLengthMax, type Vehicle, type VehicleEntry } from '@haulwatch/domain';
import { z } from 'zod';

/** Ids are compared byte by byte; one that differs only in a blank at its end is a trap, so none is taken. */
const idSchema = z
  .string()
  .min(1)
  .max(vehicleIdLengthMax)
  .refine((id) => id === id.trim(), { error: 'begins or ends with a blank' })
  .refine((id) => id.isWellFormed(), { error: 'has half a character in it' });

const textSchema = z
  .string()
  .max(200)
  .refine((text) => text.trim() !== '', { error: 'is blank' })
  .refine((text) => text.isWellFormed(), { error: 'has half a character in it' });

/** A vehicle has a few ids: a terminal or two, Traccar's, the company's own. */
const aliasesMax = 16;

/** A vehicle as people register it: the registry gives the number. */
export const vehicleEntrySchema = z
  .strictObject({
    id: idSchema,
    class: z.enum(vehicleClasses),
    plate: textSchema.exactOptional(),
    company: textSchema.exactOptional(),
    district: textSchema.exactOptional(),
    aliases: z.array(idSchema).max(aliasesMax).exactOptional(),
    retired: z.boolean().exactOptional(),
  })
  .meta({
    id: 'VehicleEntry',
    description: 'A vehicle to be registered',
  }) satisfies z.ZodType<VehicleEntry>;

/** A vehicle as the topic `fleet` holds it under its id. */
export const vehicleSchema: z.ZodType<Vehicle> = z
  .object({
    ...vehicleEntrySchema.shape,
    number: z.int().min(1).max(4_294_967_295).describe('Names the vehicle in frame v1; never used again'),
  })
  .meta({ id: 'Vehicle', description: 'A vehicle of the registry' });
