import type { Fix, VendorProfile } from '@haulwatch/domain';
import { parseFix, sensorLimits, terminalEventsMax, type FixReject } from '../fix-json.ts';
import { fixRanges } from '../fix-ranges.ts';
import type { Told } from '../json-object.ts';
import { alarmBit, alarmNames, isReservedAlarm } from './alarm-bits.ts';
import type { Item } from './item.ts';
import type { BrokenLocation, Location } from './location.ts';
import { rejectOf } from './refusal.ts';
import { statusBit } from './status-bits.ts';
import { vendorSensors } from './vendor-readings.ts';

/** What a location does not say itself. */
export type LocationContext = {
  readonly vehicleId: string;
  readonly receivedAtMs?: number | undefined;
  readonly driverId?: string | undefined;
  readonly isBlindZone: boolean;
  readonly profiles: readonly VendorProfile[];
};

/** A fix or why there is none, and what it was made of in the words of JSON v1. */
export type LocationFix = { readonly parsed: Fix | FixReject; readonly value: Readonly<Record<string, unknown>> };

/**
 * The fix of a location. Numbers that mean "none" are left out; a position that the terminal does not vouch for
 * (status bit 1), that is encrypted (bit 5) or lies at 0, 0 is not valid, and what else is told counts all the same.
 */
export function fixOfLocation(location: Location, context: LocationContext): LocationFix {
  const { statusFlags, lonDeg, latDeg, speedKph, headingDeg, altitudeM, fixedAtMs, items } = location;
  const isValid =
    (statusFlags & statusBit.positioned) !== 0 &&
    (statusFlags & statusBit.encrypted) === 0 &&
    !(lonDeg === 0 && latDeg === 0);
  const isOnEarth = Math.abs(lonDeg) <= 180 && Math.abs(latDeg) <= 90;
  const { alarmFlags, sensors } = alarmsOf(location, context.profiles);
  const events = items.flatMap((item) => (item.kind === 'known' ? (item.events ?? []) : []));
  const value: { [K in keyof Told<Fix>]: unknown } = {
    vehicleId: context.vehicleId,
    fixedAtMs,
    receivedAtMs: context.receivedAtMs,
    lonDeg: isValid || isOnEarth ? lonDeg : 0,
    latDeg: isValid || isOnEarth ? latDeg : 0,
    speedKph,
    headingDeg: headingDeg <= fixRanges.headingDeg.max ? headingDeg : undefined,
    altitudeM: altitudeM >= fixRanges.altitudeM.min ? altitudeM : undefined,
    accuracyM: undefined,
    valid: isValid ? undefined : false,
    mileageKm: mileageOf(items),
    alarmFlags,
    statusFlags,
    driverId: context.driverId,
    sensors: limited({ ...itemSensors(items), ...sensors, ...vendorSensors(context.profiles, location) }),
    terminalEvents: events.length === 0 ? undefined : events.slice(0, terminalEventsMax),
    blindZone: context.isBlindZone ? true : undefined,
  };
  return { parsed: parseFix(value), value };
}

/**
 * A location without a time counts for nothing; where somebody knows when it was received and its emergency button is
 * pressed, it is pressed then.
 */
export function fixOfBroken(broken: BrokenLocation, context: LocationContext): LocationFix {
  const { vehicleId, receivedAtMs, isBlindZone } = context;
  const { alarmFlags, statusFlags } = broken;
  const reject = rejectOf(broken);
  if (receivedAtMs === undefined || alarmFlags === undefined) return { parsed: reject, value: {} };
  const value = { vehicleId, fixedAtMs: receivedAtMs, receivedAtMs, alarmFlags, statusFlags, blindZone: isBlindZone };
  // Without coordinates it is refused in any case, with the button or without.
  const parsed = parseFix(value);
  return { parsed: 'salvage' in parsed ? { ...parsed, ...reject } : reject, value };
}

/**
 * The alarm word as rules read it, by the standard. Bits that the terminal's vendor uses for something else are taken out
 * of it, into the one of that meaning where there is one, and so are those that its edition reserves: 2011 has no collision
 * in bit 29. The raw word is a sensor then.
 */
function alarmsOf(
  { alarmFlags: raw, edition }: Location,
  profiles: readonly VendorProfile[],
): { readonly alarmFlags: number; readonly sensors: Readonly<Record<string, number | string>> } {
  const names = alarmNames(raw, edition, profiles);
  const others = new Set(profiles.flatMap(({ alarmBits = {} }) => Object.keys(alarmBits)));
  let flags = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    if (!others.has(String(bit)) && !isReservedAlarm(bit, edition)) flags |= raw & (1 << bit);
  }
  for (const name of names) {
    const bit = alarmBit(name, edition);
    if (bit !== undefined) flags |= 1 << bit;
  }
  const alarmFlags = flags >>> 0;
  const sensors = {
    ...(names.length > 0 && { alarmNames: fitted(names) }),
    ...(alarmFlags !== raw && { alarmFlagsRaw: raw }),
  };
  return { alarmFlags, sensors };
}

/** As many names as a sensor's text has room for. */
function fitted(names: readonly string[]): string {
  const text = names.join(',');
  return text.length <= sensorLimits.textLength ? text : text.slice(0, text.lastIndexOf(',', sensorLimits.textLength));
}

function mileageOf(items: readonly Item[]): number | undefined {
  const item = items.findLast((one) => one.kind === 'known' && one.name === 'mileageKm');
  const km = item?.kind === 'known' ? item.value : undefined;
  return typeof km === 'number' && km <= fixRanges.mileageKm.max ? km : undefined;
}

function itemSensors(items: readonly Item[]): Readonly<Record<string, number | string | boolean>> {
  return Object.assign({}, ...items.map((item) => (item.kind === 'known' ? item.sensors : undefined)));
}

function limited(sensors: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const entries = Object.entries(sensors);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.slice(0, sensorLimits.count));
}
