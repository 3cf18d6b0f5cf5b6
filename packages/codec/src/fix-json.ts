import {
  alarmFlagSos,
  fixFlag,
  speedAbsent,
  toDkph,
  toE7,
  vehicleIdLengthMax,
  type Fix,
  type FixRow,
  type Reject,
  type TerminalEvent,
} from '@haulwatch/domain';
import { FieldReader, isPlainText } from './field-reader.ts';
import { extraOf } from './fix-extra.ts';
import { epochMsRange, fixRanges, terminalEventRanges } from './fix-ranges.ts';
import { isJsonObject, named, parseJsonObject, present, type Told } from './json-object.ts';
import { isReject, reject } from './reject.ts';

/** What is left of a refused fix whose emergency button must be heard all the same. */
export type Salvage = Pick<Fix, 'vehicleId' | 'fixedAtMs' | 'receivedAtMs' | 'blindZone'> & {
  readonly alarmFlags: number;
  readonly statusFlags: number;
};

/**
 * A refused fix whose vehicle, time and alarm flags are good and say that the emergency button is pressed: whatever
 * else is wrong with it, its coordinates first of all, must not silence the button.
 */
export type Salvaged = Reject & { readonly salvage: Salvage };
export type FixReject = Reject | Salvaged;

export function isSalvaged(refused: FixReject): refused is Salvaged {
  return 'salvage' in refused;
}

/** One JSON v1 record: a single object in UTF-8 with the fields of `Fix`. */
export function parseFixText(bytes: Uint8Array | null): Fix | FixReject {
  const parsed = parseJsonObject(bytes);
  return isReject(parsed) ? parsed : parseFix(parsed.object);
}

/**
 * Checks a value field by field. `null` is absent, unknown fields are ignored, the time is rounded to whole ms. Written
 * by hand because it stands on the way of every JSON fix (architecture: no zod on the hot path).
 */
export function parseFix(value: unknown): Fix | FixReject {
  if (!isJsonObject(value)) return reject('json-broken', `expected a JSON object, found ${named(value)}`);
  const cause = new FieldReader(value);
  const vehicleId = cause.text('vehicleId', vehicleIdLengthMax);
  const fixedAtMs = Math.round(cause.number('fixedAtMs', epochMsRange));
  const alarmFlags = cause.optionalNumber('alarmFlags', fixRanges.alarmFlags);
  if (cause.reject !== undefined) return cause.reject;

  const rest = new FieldReader(value);
  const lonDeg = rest.number('lonDeg', fixRanges.lonDeg);
  const latDeg = rest.number('latDeg', fixRanges.latDeg);
  const received = rest.optionalNumber('receivedAtMs', epochMsRange);
  const receivedAtMs = received === undefined ? undefined : Math.round(received);
  const statusFlags = rest.optionalNumber('statusFlags', fixRanges.statusFlags);
  const fix: Told<Fix> = {
    vehicleId,
    fixedAtMs,
    receivedAtMs,
    lonDeg,
    latDeg,
    speedKph: rest.optionalNumber('speedKph', fixRanges.speedKph),
    headingDeg: rest.optionalNumber('headingDeg', fixRanges.headingDeg),
    altitudeM: rest.optionalNumber('altitudeM', fixRanges.altitudeM),
    accuracyM: rest.optionalNumber('accuracyM', fixRanges.accuracyM),
    valid: rest.optionalBoolean('valid'),
    mileageKm: rest.optionalNumber('mileageKm', fixRanges.mileageKm),
    alarmFlags,
    statusFlags,
    driverId: rest.optionalText('driverId', driverIdLengthMax),
    sensors: readSensors(rest),
    terminalEvents: readTerminalEvents(rest),
    blindZone: rest.optionalBoolean('blindZone'),
  };
  if (rest.reject === undefined) return present<Fix>(fix);
  if (alarmFlags === undefined || (alarmFlags & alarmFlagSos) === 0) return rest.reject;
  const { blindZone } = fix;
  const salvage: Told<Salvage> = {
    vehicleId,
    fixedAtMs,
    receivedAtMs,
    blindZone,
    alarmFlags,
    statusFlags: statusFlags ?? 0,
  };
  return { ...rest.reject, salvage: present<Salvage>(salvage) };
}

/** A driver's licence has 18 characters, a driver card's number 20; room for ids of other systems. */
export const driverIdLengthMax = 64;

/** A terminal names some ten sensors; the limits keep one record from filling the memory of those after it. */
export const sensorLimits = { count: 64, nameLength: 64, textLength: 256 } as const;

export type SensorValue = number | string | boolean;

/** Whether a sensor's value is within the limits. */
export function isSensor(name: string, value: unknown): value is SensorValue {
  if (!isPlainText(name, sensorLimits.nameLength)) return false;
  if (typeof value === 'string') return value.length <= sensorLimits.textLength && value.isWellFormed();
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function readSensors(fields: FieldReader): Fix['sensors'] | undefined {
  const sensors = fields.optionalObject('sensors');
  if (sensors === undefined) return undefined;
  const told = Object.entries(sensors).filter(([, value]) => value !== null && value !== undefined);
  const good = told.filter((entry): entry is [string, SensorValue] => isSensor(...entry));
  const { count, nameLength, textLength } = sensorLimits;
  if (told.length > count) fields.refuse('field-range', 'sensors', `at most ${count} of them`);
  if (good.length < told.length) {
    const expected = `numbers, true or false, or texts up to ${textLength}, under names of 1 to ${nameLength} characters`;
    fields.refuse('field-type', 'sensors', expected);
  }
  return sensorsOf(good);
}

/** Sensors in the order of their names. `fromEntries` defines fields: a sensor named `__proto__` is one like others. */
export function sensorsOf(entries: readonly (readonly [string, SensorValue])[]): NonNullable<Fix['sensors']> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A report has one event a peripheral and some tyres; the limit keeps one record from filling the memory of those after it. */
export const terminalEventsMax = 32;

function readTerminalEvents(fields: FieldReader): readonly TerminalEvent[] | undefined {
  const list = fields.optionalList('terminalEvents');
  if (list === undefined) return undefined;
  if (list.length > terminalEventsMax) {
    fields.refuse('field-range', 'terminalEvents', `at most ${terminalEventsMax} of them`);
    return undefined;
  }
  return list.flatMap((one, place) => {
    if (!isJsonObject(one)) {
      fields.refuse('field-type', 'terminalEvents', 'objects');
      return [];
    }
    const event = new FieldReader(one, `terminalEvents[${place}].`);
    const code = event.number('code', terminalEventRanges.code);
    const level = event.oneOf('level', zeroToTwo);
    const state = event.oneOf('state', zeroToTwo);
    fields.reject ??= event.reject;
    return [{ code, level, state }];
  });
}

const zeroToTwo = [0, 1, 2] as const;

/** JSON v1 of a fix. The same fix always gives the same text. */
export function encodeFixJson(fix: Fix): string {
  const fields: Told<Fix> = {
    vehicleId: fix.vehicleId,
    fixedAtMs: fix.fixedAtMs,
    receivedAtMs: fix.receivedAtMs,
    lonDeg: fix.lonDeg,
    latDeg: fix.latDeg,
    speedKph: fix.speedKph,
    headingDeg: fix.headingDeg,
    altitudeM: fix.altitudeM,
    accuracyM: fix.accuracyM,
    valid: fix.valid,
    mileageKm: fix.mileageKm,
    alarmFlags: fix.alarmFlags,
    statusFlags: fix.statusFlags,
    driverId: fix.driverId,
    sensors: fix.sensors === undefined ? undefined : sensorsOf(Object.entries(fix.sensors)),
    terminalEvents: fix.terminalEvents?.map(({ code, level, state }) => ({ code, level, state })),
    blindZone: fix.blindZone,
  };
  return JSON.stringify(fields);
}

/** A fix in numbers, for a batch. `vehicle` is the resolver's answer; a fix without a receipt was received when it was produced. */
export function fixToRow(fix: Fix, vehicle: number, producedAtMs: number): FixRow {
  return {
    vehicle,
    fixedAtMs: fix.fixedAtMs,
    receivedAtMs: fix.receivedAtMs ?? producedAtMs,
    lonE7: toE7(fix.lonDeg),
    latE7: toE7(fix.latDeg),
    speedDkph: fix.speedKph === undefined ? speedAbsent : toDkph(fix.speedKph),
    headingDeg: fix.headingDeg ?? Number.NaN,
    accuracyM: fix.accuracyM ?? Number.NaN,
    alarmFlags: fix.alarmFlags ?? 0,
    statusFlags: fix.statusFlags ?? 0,
    flags: (fix.valid === false ? fixFlag.positionInvalid : 0) | (fix.blindZone === true ? fixFlag.blindZone : 0),
    extra: extraOf(fix),
  };
}

/** What was salvaged of a refused fix, in numbers: no position, no speed, the flags, and the reason. */
export function salvageToRow(refused: Salvaged, vehicle: number, producedAtMs: number): FixRow {
  const salvage = refused.salvage;
  return {
    vehicle,
    fixedAtMs: salvage.fixedAtMs,
    receivedAtMs: salvage.receivedAtMs ?? producedAtMs,
    lonE7: 0,
    latE7: 0,
    speedDkph: speedAbsent,
    headingDeg: Number.NaN,
    accuracyM: Number.NaN,
    alarmFlags: salvage.alarmFlags,
    statusFlags: salvage.statusFlags,
    flags: fixFlag.positionInvalid | (salvage.blindZone === true ? fixFlag.blindZone : 0),
    reject: refused.reason,
  };
}
