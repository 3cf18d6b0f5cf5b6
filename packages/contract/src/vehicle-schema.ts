import {
  permitsMax,
  vehicleClasses,
  vehicleIdLengthMax,
  type Permit,
  type Vehicle,
  type VehicleEntry,
} from '@haulwatch/domain';
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

const minute = z.int().min(0).max(1_440);

const permitSchema = z
  .strictObject({
    id: z.string().min(1).max(64),
    fromMs: z.int(),
    toMs: z.int(),
    routes: z.array(z.string().min(1).max(64)).max(32),
    hours: z
      .array(z.strictObject({ days: z.array(z.int().min(1).max(7)).min(1), fromMinute: minute, toMinute: minute }))
      .max(32)
      .exactOptional(),
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, { path: ['toMs'], error: 'must be after fromMs' })
  .meta({
    id: 'Permit',
    description: 'When, at what hours and by which routes (fence ids) a vehicle may transport; no routes: everywhere',
  }) satisfies z.ZodType<Permit>;

export const permitsSchema = z.array(permitSchema).max(permitsMax);

/** A vehicle as people register it: the registry gives the number. */
export const vehicleEntrySchema = z
  .strictObject({
    id: idSchema,
    class: z.enum(vehicleClasses),
    plate: textSchema.exactOptional(),
    company: textSchema.exactOptional(),
    district: textSchema.exactOptional(),
    aliases: z.array(idSchema).max(aliasesMax).exactOptional(),
    permits: permitsSchema.exactOptional(),
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
