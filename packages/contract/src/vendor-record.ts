import { signalNames, type VendorMapping } from '@haulwatch/domain';
import { z } from 'zod';

const source = {
  from: z.union([z.number(), z.literal('status')]),
  sub: z.object({ id: z.number(), idBytes: z.literal([1, 2]), lengthBytes: z.literal([1, 2]) }).exactOptional(),
  at: z.number().exactOptional(),
  bytes: z.number().exactOptional(),
  bit: z.number().exactOptional(),
  bits: z.number().exactOptional(),
};

const textByNumber = z.record(z.string(), z.string());
const names = z.array(z.string()).exactOptional();

/** The vendor mapping of a published policy, loose as the rest of it. */
export const vendorMappingSchema: z.ZodType<VendorMapping> = z.array(
  z.object({
    name: z.string(),
    terminals: z.object({ phones: names, makers: names, models: names }).exactOptional(),
    alarmBits: textByNumber.exactOptional(),
    readings: z
      .array(
        z.union([
          z.object({ ...source, signal: z.enum(signalNames), states: textByNumber }),
          z.object({
            ...source,
            sensor: z.string(),
            sign: z.enum(['two', 'top-bit']).exactOptional(),
            scale: z.number().exactOptional(),
            plus: z.number().exactOptional(),
            min: z.number().exactOptional(),
            max: z.number().exactOptional(),
          }),
        ]),
      )
      .exactOptional(),
  }),
);
