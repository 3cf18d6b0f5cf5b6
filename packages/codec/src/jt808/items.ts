import { cargoTemperature } from '@haulwatch/domain';
import { bitNames } from './alarm-bits.ts';
import { ByteReader } from './byte-reader.ts';
import { atLeast, ofLength, type Item, type ItemContent, type ItemReader, type Json } from './item.ts';
import { peripheralItems } from './peripheral-items.ts';
import type { Edition } from './header.ts';

/** Additional items by id: JT/T 808-2013 table 27 and 2019 table 28, JT/T 1078-2016 table 13 for the video ones. */
const readers: Readonly<Record<number, ItemReader>> = {
  // Mileage is a field of the fix, not one of its sensors.
  0x01: ofLength('mileageKm', 4, (bytes) => ({ value: new ByteReader(bytes).u32() / 10 })),
  0x02: scalar('fuelL', 2, 10),
  0x03: scalar('recorderSpeedKph', 2, 10),
  0x04: scalar('manualAlarmId', 2),
  0x05: ofLength('tyrePressures', 30, (bytes) => ({ value: Array.from(bytes, (one) => (one === 0xff ? null : one)) })),
  0x06: ofLength('compartmentTemperatureC', 2, readTemperature),
  0x11: atLeast('overspeedArea', 1, readOverspeedArea),
  0x12: atLeast('areaCrossing', 6, readAreaCrossing),
  0x13: atLeast('segmentTime', 7, readSegmentTime),
  0x14: flagWord('videoAlarms', 4, [
    'signalLost',
    'signalOccluded',
    'storageFault',
    'otherVideoFault',
    'overcrowded',
    'abnormalDriving',
    'recordingFull',
  ]),
  0x15: flagWord('videoSignalLost', 4, channels('channel', 32)),
  0x16: flagWord('videoOccluded', 4, channels('channel', 32)),
  0x17: flagWord('storageFaults', 2, [...channels('main', 12), ...channels('disasterProof', 4)]),
  // Its table prints length 2 and then tells of three bytes; terminals send both.
  0x18: atLeast('abnormalDriving', 2, readAbnormalDriving),
  0x25: flagWord('extendedSignals', 4, [
    'lowBeam',
    'highBeam',
    'rightIndicator',
    'leftIndicator',
    'brake',
    'reverse',
    'fogLamp',
    'markerLamp',
    'horn',
    'airConditioner',
    'neutral',
    'retarder',
    'abs',
    'heater',
    'clutch',
  ]),
  0x2a: flagWord('io', 2, ['deepSleep', 'sleep']),
  0x2b: ofLength('analog', 4, readAnalog),
  0x30: scalar('signalStrength', 1),
  0x31: scalar('satellites', 1),
  ...peripheralItems,
  0xe0: ofLength('customLength', [1, 2, 4], (bytes) => ({ value: bytes.reduce((sum, byte) => sum * 256 + byte, 0) })),
};

/** T/GDRTA 002-2020, which builds on 2019: other vendors have other things there, the card number of the SIM above all. */
const readers2019: Readonly<Record<number, ItemReader>> = {
  0xf1: flagWord('installFaults', 4, []),
  0xf2: flagWord('algorithmFaults', 4, []),
};

/**
 * The items at the end of a location. What cannot be read is kept raw: it costs nothing but itself. `vendorItems`: ids of
 * those that the terminal's vendor mapping reads.
 */
export function readItems(list: Uint8Array, edition: Edition, vendorItems: ReadonlySet<number> = new Set()): Item[] {
  const items: Item[] = [];
  const end = filledFrom(list);
  for (let at = 0; at < end;) {
    const id = list[at]!;
    const from = at + 2;
    const length = list[at + 1];
    const bytes = list.subarray(from, from + (length ?? 0));
    at = from + (length ?? 0);
    const isCut = length === undefined || bytes.length < length;
    items.push(isCut ? { kind: 'raw', id, bytes, problem: 'truncated' } : readItem(id, bytes, edition, vendorItems));
  }
  return items;
}

/** Where nothing but zeros follows: some terminals fill their frames up with them. No item has the id 0. */
function filledFrom(list: Uint8Array): number {
  let end = list.length;
  while (end > 0 && list[end - 1] === 0) end -= 1;
  return end;
}

function readItem(id: number, bytes: Uint8Array, edition: Edition, vendorItems: ReadonlySet<number>): Item {
  const reader = readers[id] ?? (edition === 2019 ? readers2019[id] : undefined);
  const content = reader?.read(bytes);
  if (reader !== undefined && content !== undefined) return { kind: 'known', id, name: reader.name, bytes, ...content };
  if (vendorItems.has(id)) return { kind: 'vendor', id, bytes };
  return { kind: 'raw', id, bytes, problem: reader === undefined ? 'unknown' : 'length' };
}

function scalar(name: string, length: 1 | 2, perUnit = 1): ItemReader {
  return ofLength(name, length, (bytes) => {
    const reader = new ByteReader(bytes);
    const value = (length === 1 ? reader.u8() : reader.u16()) / perUnit;
    return { value, sensors: { [name]: value } };
  });
}

/** A word of bits: their names, and the raw word as the sensor `<name>Flags`. */
function flagWord(name: string, length: 2 | 4, names: readonly string[]): ItemReader {
  return ofLength(name, length, (bytes) => {
    const reader = new ByteReader(bytes);
    const flags = length === 2 ? reader.u16() : reader.u32();
    return { value: bitNames(flags, names), sensors: { [`${name}Flags`]: flags } };
  });
}

function channels(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, bit) => `${name}${bit + 1}`);
}

/** Of what 15 bits can say, no cargo is hotter: beyond it the word is two's complement, or the terminal has no probe. */
const degreesMax = 1_000;

/** 2019: the top bit is the sign, the rest the degrees. It is the truck body's own, so it is the cargo's. */
function readTemperature(bytes: Uint8Array): ItemContent {
  const word = new ByteReader(bytes).u16();
  const degrees = word & 0x7fff;
  const told = word > 0x7fff && degrees > 0 ? -degrees : degrees;
  const value = Math.abs(told) <= degreesMax ? told : (word << 16) >> 16;
  if (word === 0xffff || Math.abs(value) > degreesMax) return { value: null };
  return { value, sensors: { [cargoTemperature]: value } };
}

const areaKinds = ['none', 'circle', 'rectangle', 'polygon', 'segment'];
const crossedKinds = ['none', 'circle', 'rectangle', 'polygon', 'route'];

function readOverspeedArea(bytes: Uint8Array): { value: Json; sensors: Record<string, number | string> } {
  const reader = new ByteReader(bytes);
  const kind = kindName(areaKinds, reader.u8());
  if (bytes.length < 5) return { value: { kind }, sensors: { overspeedAreaKind: kind } };
  const id = reader.u32();
  return { value: { kind, id }, sensors: { overspeedAreaKind: kind, overspeedAreaId: id } };
}

function readAreaCrossing(bytes: Uint8Array): { value: Json; sensors: Record<string, number | string> } {
  const reader = new ByteReader(bytes);
  const kind = kindName(crossedKinds, reader.u8());
  const id = reader.u32();
  const direction = kindName(['in', 'out'], reader.u8());
  const sensors = { areaCrossingKind: kind, areaCrossingId: id, areaCrossingDirection: direction };
  return { value: { kind, id, direction }, sensors };
}

/** A value that the standard does not name keeps its number. */
function kindName(names: readonly string[], value: number): string {
  return names[value] ?? String(value);
}

/** 2011 prints WORD for the result, which its own length of 7 has no room for: a BYTE, as in the later editions. */
function readSegmentTime(bytes: Uint8Array): { value: Json; sensors: Record<string, number | string> } {
  const reader = new ByteReader(bytes);
  const segmentId = reader.u32();
  const seconds = reader.u16();
  const result = kindName(['tooShort', 'tooLong'], reader.u8());
  return {
    value: { segmentId, seconds, result },
    sensors: { segmentId, segmentTimeS: seconds, segmentTimeResult: result },
  };
}

function readAbnormalDriving(bytes: Uint8Array): { value: Json; sensors: Record<string, number> } {
  const reader = new ByteReader(bytes);
  const flags = reader.u16();
  const behaviours = bitNames(flags, ['fatigue', 'phone', 'smoking']);
  if (bytes.length < 3) return { value: { behaviours }, sensors: { abnormalDrivingFlags: flags } };
  const fatigueDegree = reader.u8();
  return { value: { behaviours, fatigueDegree }, sensors: { abnormalDrivingFlags: flags, fatigueDegree } };
}

function readAnalog(bytes: Uint8Array): { value: Json; sensors: Record<string, number> } {
  const reader = new ByteReader(bytes);
  const analog1 = reader.u16();
  const analog0 = reader.u16();
  return { value: { analog0, analog1 }, sensors: { analog0, analog1 } };
}
