import { signalNames, signalStates, type VendorReading } from '@haulwatch/domain';
import { z } from 'zod';

/** A policy with more is a list of terminals, which the registry of a gateway keeps. */
const profilesMax = 100;
const readingsMax = 100;

const name = z.string().min(1).max(64);
const names = z.array(name).min(1);
const byte = z.int().min(0).max(255);
const width = z.literal([1, 2]);
const states: Readonly<Record<string, readonly string[]>> = signalStates;

/** The number as a key of a file: without zeros before it, so that it stands once. */
const numberKey = z.string().regex(/^(0|[1-9]\d{0,9})$/, 'expected a whole number');
const bitKey = z.string().regex(/^([12]?\d|3[01])$/, 'expected the number of a bit, 0 to 31');

const readingShape = {
  from: z.union([byte, z.literal('status')], 'expected the id of an item, 0 to 255, or "status"'),
  sub: z.strictObject({ id: z.int().min(0).max(65_535), idBytes: width, lengthBytes: width }).exactOptional(),
  at: byte.exactOptional().describe('The byte where the number begins; absent: 0'),
  bytes: z.int().min(1).max(4).exactOptional().describe('How many bytes, big-endian; absent: all that follow'),
  bit: z.int().min(0).max(31).exactOptional().describe('The lowest of its bits; absent: the whole number'),
  bits: z.int().min(1).max(32).exactOptional().describe('How many bits; absent: 1'),
  signal: z.enum(signalNames).exactOptional().describe('It tells the state of this signal'),
  states: z.record(numberKey, z.string()).exactOptional().describe('The state by the number that stands for it'),
  sensor: name.exactOptional().describe('It measures, and the sensor has this name'),
  sign: z.enum(['two', 'top-bit']).exactOptional(),
  scale: z.number().exactOptional(),
  plus: z.number().exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
};

type Written = z.output<z.ZodObject<typeof readingShape>>;

/** A problem of one reading: the key it lies under, and what to do. */
type Wrong = readonly [path: readonly (string | number)[], message: string];

function wrongOf(written: Written): Wrong[] {
  const { signal, sensor, from, sub, bit, bits = 1, bytes = 4, min = -Infinity, max = Infinity } = written;
  const wrong: Wrong[] = [];
  if ((signal === undefined) === (sensor === undefined)) wrong.push([[], 'needs a signal or a sensor, one of them']);
  if (from === 'status' && sub !== undefined) wrong.push([['sub'], 'the status word is no list']);
  if (bit === undefined && written.bits !== undefined) wrong.push([['bits'], 'needs bit, the lowest of them']);
  if (bit !== undefined && bit + bits > bytes * 8) wrong.push([['bit'], `ends beyond the ${bytes * 8} bits there are`]);
  if (min > max) wrong.push([['min'], 'must not be above max']);
  return [...wrong, ...(signal === undefined ? sensorWrong(written) : signalWrong(written, signal))];
}

function sensorWrong({ states: told }: Written): Wrong[] {
  return told === undefined ? [] : [[['states'], 'only a signal has states']];
}

function signalWrong(written: Written, signal: string): Wrong[] {
  const known = states[signal]!;
  const numbers = (['sign', 'scale', 'plus', 'min', 'max'] as const).filter((key) => written[key] !== undefined);
  const wrong = numbers.map((key): Wrong => [[key], 'only a sensor has it']);
  const told = Object.entries(written.states ?? {});
  if (told.length === 0) return [...wrong, [['states'], `is missing: say which numbers are ${known.join(', ')}`]];
  for (const [number, state] of told) {
    if (!known.includes(state)) wrong.push([['states', number], `the signal ${signal} is one of ${known.join(', ')}`]);
  }
  return wrong;
}

const readingSchema = z
  .strictObject(readingShape)
  .transform((written, context) => {
    for (const [path, message] of context.issues.length > 0 ? [] : wrongOf(written)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
    return written as VendorReading;
  })
  .meta({ id: 'VendorReading', description: 'A number that a terminal sends, and what it is' });

const profileSchema = z
  .strictObject({
    name,
    terminals: z
      .strictObject({
        phones: names.exactOptional(),
        makers: names.exactOptional(),
        models: names.exactOptional(),
      })
      .refine((given) => Object.keys(given).length > 0, 'names no terminal: leave it out for all of them')
      .exactOptional(),
    alarmBits: z.record(bitKey, name).exactOptional().describe('Alarm bits that mean something else than in JT/T 808'),
    readings: z.array(readingSchema).min(1).max(readingsMax).exactOptional(),
  })
  .refine(({ alarmBits, readings }) => alarmBits !== undefined || readings !== undefined, {
    error: 'the profile does nothing: give it alarmBits or readings',
  });

/** What terminals say otherwise than the standard, or beyond it. */
export const vendorsSchema = z
  .array(profileSchema)
  .max(profilesMax)
  .describe("Vendors' own items and alarm bits; absent: those that the standard decoder knows");
