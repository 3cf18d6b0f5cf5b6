import { isPlausibleTime } from '../time-range.ts';
import { ByteReader } from './byte-reader.ts';
import type { Edition } from './header.ts';
import type { Item } from './item.ts';
import { readItems } from './items.ts';
import { refusal, type Refusal } from './refusal.ts';
import { statusBit } from './status-bits.ts';

/** A location report (位置信息汇报), the body of 0x0200 and a part of others, as it was sent. */
export type Location = {
  readonly edition: Edition;
  readonly alarmFlags: number;
  readonly statusFlags: number;
  /** Signed by the hemispheres of the status word; perhaps off the earth. */
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly altitudeM: number;
  /** Undefined: 0xFFFF, which is how terminals say that they have none. */
  readonly speedKph: number | undefined;
  /** The standard has 0 to 359. */
  readonly headingDeg: number;
  readonly fixedAtMs: number;
  readonly items: readonly Item[];
};

/** A location that is not taken. Where its time is what is wrong, its flags may still tell of the emergency button. */
export type BrokenLocation = Refusal & { readonly alarmFlags?: number; readonly statusFlags?: number };

/** Bytes before the additional items. */
export const locationBytesMin = 28;

/** The editions of 2013 and 2019 print offset 21 for the time: 22, as in 2011, is where the fields before it end. */
export function readLocation(
  body: Uint8Array,
  edition: Edition,
  vendorItems?: ReadonlySet<number>,
): Location | BrokenLocation {
  if (body.length < locationBytesMin) {
    return refusal('body-too-short', `${body.length} bytes; a location has at least ${locationBytesMin}`);
  }
  const reader = new ByteReader(body);
  const alarmFlags = reader.u32();
  const statusFlags = reader.u32();
  const latDeg = signed(reader.u32() / 1e6, statusFlags, statusBit.south);
  const lonDeg = signed(reader.u32() / 1e6, statusFlags, statusBit.west);
  // Printed as unsigned, but no road is 32 km up, and some are below the sea.
  const altitudeM = (reader.u16() << 16) >> 16;
  const speed = reader.u16();
  const headingDeg = reader.u16();
  const timeDigits = new ByteReader(body.subarray(reader.at)).digits(6);
  const fixedAtMs = reader.time();
  // A clock that was never set says 00-00-00, or the first of January 2000, which in GMT+8 is still 1999.
  if (fixedAtMs === undefined || !isPlausibleTime(fixedAtMs)) {
    return { ...refusal('time-invalid', `${timeDigits} is no time (YYMMDDhhmmss)`), alarmFlags, statusFlags };
  }
  const speedKph = speed === 0xffff ? undefined : speed / 10;
  const items = readItems(body.subarray(locationBytesMin), edition, vendorItems);
  return { edition, alarmFlags, statusFlags, lonDeg, latDeg, altitudeM, speedKph, headingDeg, fixedAtMs, items };
}

function signed(degrees: number, statusFlags: number, bit: number): number {
  // Not -0, which JSON does not have.
  return (statusFlags & bit) === 0 || degrees === 0 ? degrees : -degrees;
}
