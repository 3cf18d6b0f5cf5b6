import { signalStates, type VendorMapping, type VendorProfile, type VendorReading } from '@haulwatch/domain';
import type { Registration } from './registration.ts';
import type { Location } from './location.ts';

type Sensors = Record<string, number | string | boolean>;

/** The profiles that are for a terminal. `phone` without the zeros that fill it up. */
export function profilesOf(
  mapping: VendorMapping,
  phone: string,
  registration: Pick<Registration, 'maker' | 'model'> | undefined,
): VendorMapping {
  return mapping.filter(({ terminals: { phones, makers, models } = {} }) => {
    const fits = (names: readonly string[] | undefined, name: string | undefined): boolean =>
      names === undefined || (name !== undefined && names.includes(name));
    return fits(phones, phone) && fits(makers, registration?.maker) && fits(models, registration?.model);
  });
}

/** The ids of the items that profiles read. */
export function itemsReadBy(profiles: readonly VendorProfile[]): ReadonlySet<number> {
  const sources = profiles.flatMap(({ readings = [] }) => readings.map(({ from }) => from));
  return new Set(sources.filter((from) => from !== 'status'));
}

/** What a location says by its vendor's own rules, as sensors. */
export function vendorSensors(profiles: readonly VendorProfile[], location: Location): Sensors {
  const sensors: Sensors = {};
  for (const { readings = [] } of profiles) {
    for (const reading of readings) {
      const bytes = bytesOf(reading, location);
      const number = bytes === undefined ? undefined : numberIn(bytes, reading);
      if (number === undefined) continue;
      const value = 'signal' in reading ? stateOf(reading, number) : measured(reading, number, bytes!.length * 8);
      if (value !== undefined) sensors['signal' in reading ? reading.signal : reading.sensor] = value;
    }
  }
  return sensors;
}

function bytesOf({ from, sub, at = 0, bytes }: VendorReading, location: Location): Uint8Array | undefined {
  const whole = from === 'status' ? dword(location.statusFlags) : itemBytes(from, location);
  const list = sub === undefined || whole === undefined ? whole : subItem(whole, sub);
  if (list === undefined) return undefined;
  const found = list.subarray(at, bytes === undefined ? list.length : at + bytes);
  return found.length === 0 || found.length > 4 || found.length < (bytes ?? 1) ? undefined : found;
}

function itemBytes(id: number, { items }: Location): Uint8Array | undefined {
  return items.findLast((one) => one.id === id && !(one.kind === 'raw' && one.problem === 'truncated'))?.bytes;
}

function subItem(
  list: Uint8Array,
  { id, idBytes, lengthBytes }: NonNullable<VendorReading['sub']>,
): Uint8Array | undefined {
  for (let at = 0; at + idBytes + lengthBytes <= list.length;) {
    const from = at + idBytes + lengthBytes;
    const to = from + wordOf(list.subarray(at + idBytes, from));
    if (wordOf(list.subarray(at, at + idBytes)) === id) return to <= list.length ? list.subarray(from, to) : undefined;
    at = to;
  }
  return undefined;
}

function numberIn(bytes: Uint8Array, { bit, bits = 1 }: VendorReading): number {
  const word = wordOf(bytes);
  return bit === undefined ? word : Math.floor(word / 2 ** bit) % 2 ** bits;
}

function stateOf({ signal, states }: SignalReading, number: number): string | undefined {
  const state = states[number];
  return (signalStates[signal] as readonly string[]).find((known) => known === state);
}

type SignalReading = Extract<VendorReading, { readonly states: unknown }>;
type Measured = Extract<VendorReading, { readonly sensor: string }>;

function measured(
  { sign, scale = 1, plus = 0, min = -Infinity, max = Infinity, bit, bits = 1 }: Measured,
  number: number,
  width: number,
): number | undefined {
  const signBit = 2 ** ((bit === undefined ? width : bits) - 1);
  const isNegative = sign !== undefined && number >= signBit;
  const whole = !isNegative ? number : sign === 'two' ? number - 2 * signBit : signBit - number;
  // Fifteen digits: what multiplication by a tenth leaves behind them is noise.
  const value = Number((whole * scale + plus).toPrecision(15));
  return value >= min && value <= max ? value : undefined;
}

function wordOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function dword(flags: number): Uint8Array {
  return Uint8Array.of(flags >>> 24, flags >>> 16, flags >>> 8, flags);
}
