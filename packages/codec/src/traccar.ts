import { vehicleIdLengthMax, type Fix, type Reject } from '@haulwatch/domain';
import { FieldReader, isPlainText, type NumberRange } from './field-reader.ts';
import {
  driverIdLengthMax,
  isSensor,
  parseFix,
  sensorLimits,
  sensorsOf,
  type FixReject,
  type SensorValue,
} from './fix-json.ts';
import { epochMsRange, fixRanges } from './fix-ranges.ts';
import { isJsonObject, named, parseJsonObject, type JsonObject, type Told } from './json-object.ts';
import { isReject, reject } from './reject.ts';
import { alarmFlagsOfTraccar } from './traccar-alarms.ts';

/** A record of Traccar's event topic: its events are Traccar's own conclusions, the positions come by themselves. */
export type NotAPosition = 'not-a-position';

/** One record of Traccar's Kafka forwarder as it lies on its topic: JSON in UTF-8, no headers, no schema. */
export function parseTraccarText(bytes: Uint8Array | null): Fix | FixReject | NotAPosition {
  const parsed = parseJsonObject(bytes);
  return isReject(parsed) ? parsed : parseTraccarPosition(parsed.object);
}

/**
 * Turns Traccar's `{ position, device }` into a fix. Source: the classes Position, Device and PositionForwarderKafka of
 * Traccar 6, and records of a running 6.14.
 *
 * - The vehicle is `device.uniqueId`, the terminal's number; `device.id` and the record's key are rows of a database.
 * - Speed is in knots and odometer in metres; accuracy 0.0 means that the terminal told none.
 * - A measurement outside its range is left out instead of costing the fix: Traccar reads some vendors' items wrongly
 *   (odometers of 3.6 million kilometres), and a speed that is left out is derived from displacement.
 * - A driver's card comes with the last fix repeated, its time included. `outdated` is not in the JSON: the engine's
 *   check for duplicates finds it.
 */
export function parseTraccarPosition(value: unknown): Fix | FixReject | NotAPosition {
  if (!isJsonObject(value)) return reject('json-broken', `expected a JSON object, found ${named(value)}`);
  if (value['event'] !== undefined) return 'not-a-position';
  const record = new FieldReader(value);
  const position = record.object('position');
  const device = new FieldReader(record.object('device'), 'device.');
  const fields = new FieldReader(position, 'position.');
  const vehicleId = device.text('uniqueId', vehicleIdLengthMax);
  const fixedAtMs = readTime(fields, position, 'fixTime');
  const attributes = isJsonObject(position['attributes']) ? position['attributes'] : {};
  const broken = record.reject ?? device.reject ?? fields.reject;
  if (broken !== undefined) return broken;
  const coordinates = coordinatesReject(position);
  const parsed = parseFix(fixFields({ vehicleId, fixedAtMs, position, attributes }));
  // The coordinates are all that can still be wrong; the reject should name them as Traccar does.
  return isReject(parsed) && coordinates !== undefined ? { ...parsed, ...coordinates } : parsed;
}

type Parts = {
  readonly vehicleId: string;
  readonly fixedAtMs: number;
  readonly position: JsonObject;
  readonly attributes: JsonObject;
};

function fixFields({ vehicleId, fixedAtMs, position, attributes }: Parts): { [K in keyof Told<Fix>]: unknown } {
  const knots = position['speed'];
  const odometerM = attributes['odometer'];
  const accuracyM = within(fixRanges.accuracyM, position['accuracy']);
  const driverId = attributes['driverUniqueId'];
  return {
    vehicleId,
    fixedAtMs,
    receivedAtMs: within(epochMsRange, parseTime(position['serverTime'])),
    lonDeg: position['longitude'],
    latDeg: position['latitude'],
    speedKph: within(
      fixRanges.speedKph,
      typeof knots === 'number' ? Math.round(knots * kphPerKnot * 10) / 10 : undefined,
    ),
    headingDeg: within(fixRanges.headingDeg, position['course']),
    altitudeM: within(fixRanges.altitudeM, position['altitude']),
    accuracyM: accuracyM === 0 ? undefined : accuracyM,
    valid: typeof position['valid'] === 'boolean' ? position['valid'] : undefined,
    mileageKm: within(
      fixRanges.mileageKm,
      typeof odometerM === 'number' ? Math.round(odometerM / 100) / 10 : undefined,
    ),
    alarmFlags: alarmFlagsOfTraccar(attributes['alarm']),
    statusFlags: statusFlags(attributes['ignition'], position['valid']),
    driverId: typeof driverId === 'string' && isPlainText(driverId, driverIdLengthMax) ? driverId : undefined,
    sensors: sensors(attributes),
    // Traccar hands ADAS and DSM on as bare numbers among the attributes: they stay sensors.
    terminalEvents: undefined,
    blindZone: attributes['archive'] === true ? true : undefined,
  };
}

/** Exact: an international nautical mile has 1,852 m. */
const kphPerKnot = 1.852;

function within(range: NumberRange, value: unknown): number | undefined {
  return typeof value === 'number' && value >= range.min && value <= range.max ? value : undefined;
}

/**
 * The status word as far as it can be told again: bit 0 is the ignition (ACC), bit 1 that there was a fix. Traccar keeps
 * no other bit, and a record without the ignition (a driver's card) has no status of its own.
 */
function statusFlags(ignition: unknown, valid: unknown): number | undefined {
  if (typeof ignition !== 'boolean') return undefined;
  return (ignition ? 0x01 : 0) | (valid === true ? 0x02 : 0);
}

/** Attributes that are fields of the fix. The alarm's words stay among the sensors: not each of them has a bit. */
const takenAttributes: ReadonlySet<string> = new Set(['archive', 'driverUniqueId', 'ignition', 'odometer']);

/** The other scalar attributes, as many as the limits of a fix allow, in the order in which Traccar wrote them. */
function sensors(attributes: JsonObject): Fix['sensors'] | undefined {
  const kept: [string, SensorValue][] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (kept.length === sensorLimits.count) break;
    if (!takenAttributes.has(name) && isSensor(name, value)) kept.push([name, value]);
  }
  return kept.length === 0 ? undefined : sensorsOf(kept);
}

function coordinatesReject(position: JsonObject): Reject | undefined {
  const fields = new FieldReader(position, 'position.');
  fields.number('longitude', fixRanges.lonDeg);
  fields.number('latitude', fixRanges.latDeg);
  return fields.reject;
}

function readTime(fields: FieldReader, position: JsonObject, name: string): number {
  const time = parseTime(position[name]);
  if (time === undefined) fields.refuse(position[name] ? 'field-type' : 'field-missing', name, expectedTime);
  else if (within(epochMsRange, time) === undefined) fields.refuse('field-range', name, epochMsRange.expected);
  return time ?? Number.NaN;
}

const expectedTime = 'a time like 2026-11-22T05:55:03.000+00:00';

/** Older Traccars write the zone without a colon (+0000). A time without a zone means nothing and is not taken. */
const isoWithZone = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:Z|([+-]\d\d):?(\d\d))$/;

function parseTime(text: unknown): number | undefined {
  const parts = typeof text === 'string' ? isoWithZone.exec(text) : null;
  if (parts === null) return undefined;
  const [, local, hours, minutes] = parts;
  const time = Date.parse(`${local}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  return Number.isNaN(time) ? undefined : time;
}
