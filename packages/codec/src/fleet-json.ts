import {
  vehicleClasses,
  vehicleIdLengthMax,
  type Permit,
  type Reject,
  type ScheduleWindow,
  type Vehicle,
} from '@haulwatch/domain';
import { FieldReader, isPlainText, type NumberRange } from './field-reader.ts';
import { parseJsonObject, present, type Told } from './json-object.ts';
import { isReject } from './reject.ts';

/** One vehicle as a record of `fleet`. The same vehicle always gives the same bytes. */
export function encodeVehicle(vehicle: Vehicle): string {
  const fields: Told<Vehicle> = {
    id: vehicle.id,
    number: vehicle.number,
    class: vehicle.class,
    plate: vehicle.plate,
    company: vehicle.company,
    district: vehicle.district,
    aliases: vehicle.aliases,
    permits: vehicle.permits,
    retired: vehicle.retired,
  };
  return JSON.stringify(fields);
}

/** Reads a record of `fleet`; what is not a vehicle is a reject for the reader to tell and pass over. */
export function decodeVehicle(bytes: Uint8Array | null): Vehicle | Reject {
  const parsed = parseJsonObject(bytes);
  if (isReject(parsed)) return parsed;
  const read = new FieldReader(parsed.object);
  const fields: Told<Vehicle> = {
    id: read.text('id', vehicleIdLengthMax),
    number: read.number('number', vehicleNumber),
    class: read.oneOf('class', vehicleClasses),
    plate: read.optionalText('plate', textLengthMax),
    company: read.optionalText('company', textLengthMax),
    district: read.optionalText('district', textLengthMax),
    aliases: readAliases(read),
    permits: readPermits(read),
    retired: read.optionalBoolean('retired'),
  };
  return read.reject ?? present<Vehicle>(fields);
}

/** Numbers are u32 in frames and begin at 1. */
const vehicleNumber: NumberRange = {
  min: 1,
  max: 0xffff_ffff,
  whole: true,
  expected: 'a whole number from 1 to 4294967295',
};
/** Plates have 8 characters, names of companies some 30. */
const textLengthMax = 200;

/** Was checked when it was registered (`vehicleSchema`): here only its shape is, so that no later reader falls over it. */
function readPermits(read: FieldReader): readonly Permit[] | undefined {
  const list = read.optionalList('permits');
  if (list === undefined || list.every(isPermit)) return list;
  read.refuse('field-type', 'permits', 'an array of { id, fromMs, toMs, routes, hours? }');
  return undefined;
}

function isPermit(value: unknown): value is Permit {
  if (typeof value !== 'object' || value === null) return false;
  const { id, fromMs, toMs, routes, hours = [] } = value as Partial<Record<keyof Permit, unknown>>;
  const areTexts = Array.isArray(routes) && routes.every((route) => typeof route === 'string');
  return (
    typeof id === 'string' &&
    Number.isFinite(fromMs) &&
    Number.isFinite(toMs) &&
    areTexts &&
    Array.isArray(hours) &&
    hours.every(isWindow)
  );
}

function isWindow(value: unknown): value is ScheduleWindow {
  if (typeof value !== 'object' || value === null) return false;
  const { days, fromMinute, toMinute } = value as Partial<Record<keyof ScheduleWindow, unknown>>;
  const areDays = Array.isArray(days) && days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7);
  return areDays && Number.isInteger(fromMinute) && Number.isInteger(toMinute);
}

function readAliases(read: FieldReader): readonly string[] | undefined {
  const list = read.optionalList('aliases');
  const isAlias = (alias: unknown): alias is string =>
    typeof alias === 'string' && isPlainText(alias, vehicleIdLengthMax);
  if (list === undefined || list.every(isAlias)) return list;
  read.refuse('field-type', 'aliases', `an array of texts of 1 to ${vehicleIdLengthMax} characters`);
  return undefined;
}
