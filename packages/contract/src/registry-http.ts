import { z } from 'zod';
import { vehicleEntrySchema } from './vehicle-schema.ts';

export const vehiclesBodySchema = z.array(vehicleEntrySchema);

/** Vehicles of one request: 10,000 of 300 bytes are 3 MB; a larger fleet comes in several requests. */
export const vehiclesPerRequestMax = 10_000;

/** 200: the vehicles stand in the registry; every fix from now on finds them. */
export const vehiclesAnswerSchema = z
  .object({
    registered: z.int().describe('New or changed'),
    unchanged: z.int(),
    vehicles: z.int().describe('How many the registry holds now, retired ones included'),
  })
  .meta({ id: 'VehiclesAnswer' });

export const policyAnswerSchema = z
  .object({
    version: z.int(),
    name: z.string(),
    published: z.boolean().describe('False: the active policy says the same already, nothing was published'),
  })
  .meta({ id: 'PolicyAnswer' });

export type VehiclesAnswer = z.output<typeof vehiclesAnswerSchema>;
export type PolicyAnswer = z.output<typeof policyAnswerSchema>;
