import { bitNames } from './alarm-bits.ts';
import type { Edition } from './header.ts';

/** Bits of the status DWORD (状态位) that decoding needs. */
export const statusBit = { positioned: 0x02, south: 0x04, west: 0x08, encrypted: 0x20 } as const;

/** Names of the bits of JT/T 808-2013, table 25. Bits 8-9 are the load and have a name together. */
const names2013 = [
  'accOn',
  'positioned',
  'south',
  'west',
  'outOfService',
  'coordinatesEncrypted',
  '',
  '',
  '',
  '',
  'fuelCut',
  'circuitCut',
  'doorsLocked',
  'frontDoorOpen',
  'middleDoorOpen',
  'rearDoorOpen',
  'driverDoorOpen',
  'customDoorOpen',
  'gps',
  'beidou',
  'glonass',
  'galileo',
] as const;

const names: Readonly<Record<Edition, readonly string[]>> = {
  // 2011 ends with the lock of the doors.
  2011: names2013.slice(0, 13),
  2013: names2013,
  2019: [...names2013.slice(0, 6), 'forwardCollisionWarning', 'laneDepartureWarning', ...names2013.slice(8), 'driving'],
};

const loadMask = 0x300;
const loads = ['', 'loadHalf', 'loadReserved', 'loadFull'];

/** What the set bits say, lowest first; a reserved one keeps its number for a name. */
export function statusNames(statusFlags: number, edition: Edition): string[] {
  if (edition === 2011) return bitNames(statusFlags, names[2011]);
  const load = loads[(statusFlags & loadMask) >>> 8]!;
  const rest = bitNames(statusFlags & ~loadMask, names[edition]);
  return load === '' ? rest : [...rest, load];
}
