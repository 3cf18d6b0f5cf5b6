import { peripherals, type TerminalEvent } from '@haulwatch/domain';
import { timeText } from './bcd-time.ts';
import { ByteReader } from './byte-reader.ts';
import type { ItemReader, Json } from './item.ts';

/**
 * Items of the active-safety peripherals: T/JSATL 12-2017 (苏标), and T/GDRTA 002-2020 (粤标), whose alarm ids are 24
 * bytes longer; the length tells which. 0x70 is in neither: open servers name Sichuan's standard (DB51, 川标),
 * whose text could not be had, and its layout is theirs.
 */
export const peripheralItems: Readonly<Record<number, ItemReader>> = {
  [peripherals.adas]: { name: 'adas', read: (bytes) => readAlarm(bytes, peripherals.adas, adasPart, 12) },
  [peripherals.dsm]: { name: 'dsm', read: (bytes) => readAlarm(bytes, peripherals.dsm, dsmPart, 12) },
  [peripherals.tpms]: { name: 'tpms', read: readTpms },
  [peripherals.bsd]: { name: 'bsd', read: (bytes) => readAlarm(bytes, peripherals.bsd, noPart, 6) },
  [peripherals.manner]: {
    name: 'drivingManner',
    read: (bytes) => readAlarm(bytes, peripherals.manner, mannerPart, 12),
  },
};

/** Speed BYTE, altitude WORD, latitude and longitude DWORD, time BCD[6], vehicle status WORD. */
const placeBytes = 19;
const identBytes = { subiao: 16, yuebiao: 40 } as const;

type Part = (reader: ByteReader) => Readonly<Record<string, Json>>;
type Read = { readonly value: Json; readonly events: readonly TerminalEvent[] } | undefined;

/** Alarm id, state, type; what the peripheral has of its own up to `placeAt`; the place; the ident to the end. */
function readAlarm(bytes: Uint8Array, peripheral: number, ownPart: Part, placeAt: number): Read {
  const identLength = bytes.length - placeAt - placeBytes;
  if (identLength < 0) return undefined;
  const reader = new ByteReader(bytes);
  const alarmId = reader.u32();
  const state = reader.u8();
  const type = reader.u8();
  const own = ownPart(reader);
  reader.at = placeAt;
  const value = { alarmId, state, type, ...own, ...readPlace(reader), ...readIdent(reader, identLength) };
  const event = { code: (peripheral << 8) | type, level: oneOrTwo(own['level']), state: oneOrTwo(state) };
  // No table has a type 0: a terminal that sends it has nothing to say.
  return { value, events: type === 0 ? [] : [event] };
}

function oneOrTwo(value: unknown): 0 | 1 | 2 {
  return value === 1 || value === 2 ? value : 0;
}

function adasPart(reader: ByteReader): Readonly<Record<string, Json>> {
  return {
    level: reader.u8(),
    frontSpeedKph: reader.u8(),
    distanceDs: reader.u8(),
    deviation: reader.u8(),
    signType: reader.u8(),
    signData: reader.u8(),
  };
}

function dsmPart(reader: ByteReader): Readonly<Record<string, Json>> {
  return { level: reader.u8(), fatigueDegree: reader.u8() };
}

function mannerPart(reader: ByteReader): Readonly<Record<string, Json>> {
  return { thresholdS: reader.u16(), threshold1: reader.u16(), threshold2: reader.u16() };
}

function noPart(): Readonly<Record<string, Json>> {
  return {};
}

function readPlace(reader: ByteReader): Readonly<Record<string, Json>> {
  const speedKph = reader.u8();
  const altitudeM = (reader.u16() << 16) >> 16;
  const latDeg = reader.u32() / 1e6;
  const lonDeg = reader.u32() / 1e6;
  const fixedAtMs = reader.time();
  const time = fixedAtMs === undefined ? null : timeText(fixedAtMs);
  return { speedKph, altitudeM, latDeg, lonDeg, time, vehicleStatusFlags: reader.u16() };
}

/**
 * 报警标识号: what an evidence server is told of, to have the alarm's photos and videos sent. One of another length is some
 * vendor's: the alarm before it is whole all the same.
 */
function readIdent(reader: ByteReader, length: number): Readonly<Record<string, Json>> {
  if (length !== identBytes.subiao && length !== identBytes.yuebiao) return {};
  const terminalId = reader.text(length === identBytes.subiao ? 7 : 30);
  const identifiedAtMs = reader.time();
  const identTime = identifiedAtMs === undefined ? null : timeText(identifiedAtMs);
  return { terminalId, identTime, sequence: reader.u8(), attachments: reader.u8() };
}

const tyreTypes = 8;

/**
 * 0x66: one event for each type of alarm that any tyre has, since a fix tells what is wrong and not how often. The table
 * prints the count at offset 39 and the list at 40; ident[16] at 24 makes them 40 and 41. The entry's position is a
 * BYTE in 苏标, whose printed offsets leave two bytes for it, and BYTE[2] in 粤标: terminals send entries of 9 or 10.
 */
function readTpms(bytes: Uint8Array): Read {
  for (const identLength of [identBytes.subiao, identBytes.yuebiao]) {
    const listAt = 5 + placeBytes + identLength + 1;
    const count = bytes[listAt - 1];
    if (count === undefined) continue;
    const entryBytes = count === 0 ? 0 : (bytes.length - listAt) / count;
    const fits = count === 0 ? bytes.length === listAt : entryBytes === 9 || entryBytes === 10;
    if (!fits) continue;
    const reader = new ByteReader(bytes);
    const alarmId = reader.u32();
    const state = reader.u8();
    const place = { ...readPlace(reader), ...readIdent(reader, identLength) };
    reader.at = listAt;
    const tyres = Array.from({ length: count }, () => readTyre(reader, entryBytes));
    return { value: { alarmId, state, ...place, tyres }, events: tyreEvents(tyres, state) };
  }
  return undefined;
}

type Tyre = {
  readonly position: number;
  readonly alarms: number;
  readonly pressureKpa: number;
  readonly temperatureC: number;
  readonly batteryPercent: number;
};

function readTyre(reader: ByteReader, entryBytes: number): Tyre {
  return {
    position: entryBytes === 9 ? reader.u8() : tyrePosition(reader.u16()),
    alarms: reader.u16(),
    pressureKpa: reader.u16(),
    temperatureC: (reader.u16() << 16) >> 16,
    batteryPercent: reader.u16(),
  };
}

/** Tyres are counted from the left front one, 0. No vehicle has 256: a number in the first of the two bytes is told there. */
function tyrePosition(word: number): number {
  return (word & 0xff) === 0 ? word >>> 8 : word;
}

function tyreEvents(tyres: readonly Tyre[], state: number): TerminalEvent[] {
  const alarms = tyres.reduce((all, tyre) => all | tyre.alarms, 0);
  const bits = Array.from({ length: tyreTypes }, (_, bit) => bit).filter((bit) => ((alarms >>> bit) & 1) === 1);
  return bits.map((bit) => ({ code: (peripherals.tpms << 8) | (bit + 1), level: 0, state: oneOrTwo(state) }));
}
