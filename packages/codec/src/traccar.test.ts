import type { Fix, RejectReason } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { encodeFixJson, parseFixText } from './fix-json.ts';
import { isReject } from './reject.ts';
import { alarmFlagsOfTraccar } from './traccar-alarms.ts';
import { parseTraccarPosition, parseTraccarText } from './traccar.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A record in the shape of Traccar 6's position topic, written by hand. */
const record = (position: object = {}, attributes: object = {}): Record<string, object> => ({
  position: {
    id: 0,
    attributes: { ignition: true, odometer: 84_210_350, sat: 11, motion: true, ...attributes },
    deviceId: 12,
    protocol: 'jt808',
    serverTime: '2026-03-04T10:20:31.250+00:00',
    deviceTime: '2026-03-04T10:20:30.000+00:00',
    fixTime: '2026-03-04T10:20:30.000+00:00',
    valid: true,
    latitude: 31.05,
    longitude: 121.75,
    altitude: 6.0,
    speed: 26.99785,
    course: 275.0,
    address: null,
    accuracy: 0.0,
    network: null,
    geofenceIds: null,
    ...position,
  },
  device: { id: 12, attributes: {}, name: '沪D00001', uniqueId: '13700000012', status: 'online', disabled: false },
});

const fixedAtMs = Date.UTC(2026, 2, 4, 10, 20, 30);
const expected: Fix = {
  vehicleId: '13700000012',
  fixedAtMs,
  receivedAtMs: fixedAtMs + 1_250,
  lonDeg: 121.75,
  latDeg: 31.05,
  speedKph: 50,
  headingDeg: 275,
  altitudeM: 6,
  valid: true,
  mileageKm: 84_210.4,
  statusFlags: 0b11,
  sensors: { motion: true, sat: 11 },
};
const { statusFlags: _status, mileageKm: _mileage, ...bare } = expected;

describe('positions', () => {
  test.each<[string, object, Fix]>([
    ['moving', record(), expected],
    [
      'no fix, last coordinates repeated',
      record({ valid: false, speed: 0 }),
      { ...expected, valid: false, speedKph: 0, statusFlags: 0b01 },
    ],
    ['ignition off', record({}, { ignition: false }), { ...expected, statusFlags: 0b10 }],
    [
      'emergency button',
      record({}, { alarm: 'sos' }),
      { ...expected, alarmFlags: 1, sensors: { alarm: 'sos', motion: true, sat: 11 } },
    ],
    ['re-reported from a blind zone', record({}, { archive: true }), { ...expected, blindZone: true }],
    ['a driver', record({}, { driverUniqueId: 'D-7' }), { ...expected, driverId: 'D-7' }],
    [
      'a driver card: the last fix again, without an ignition',
      { ...record(), position: { ...record()['position'], attributes: { cardCode: '4711', motion: true } } },
      { ...bare, sensors: { cardCode: '4711', motion: true } },
    ],
    ['an accuracy', record({ accuracy: 12.5 }), { ...expected, accuracyM: 12.5 }],
    ['south and west', record({ latitude: -33.4, longitude: -70.6 }), { ...expected, latDeg: -33.4, lonDeg: -70.6 }],
    ['knots are rounded to 0.1 km/h', record({ speed: 32.397420000000004 }), { ...expected, speedKph: 60 }],
    ['a zone without a colon', record({ fixTime: '2026-03-04T18:20:30+0800' }), expected],
    [
      'attributes that no sensor holds',
      record({}, { list: [1], deep: { a: 1 }, none: null, long: 'x'.repeat(300) }),
      expected,
    ],
  ])('%s', (_name, value, fix) => {
    expect(parseTraccarPosition(value)).toStrictEqual(fix);
    expect(parseTraccarText(bytes(JSON.stringify(value)))).toStrictEqual(fix);
    expect(parseFixText(bytes(encodeFixJson(fix)))).toStrictEqual(fix);
  });

  test.each<[string, object, object, keyof Fix]>([
    ['an odometer of 3.6 million km and more', {}, { odometer: 3_599_181_060_000_000 }, 'mileageKm'],
    ['a negative speed', { speed: -1 }, {}, 'speedKph'],
    ['a speed that is not a number', { speed: 'NaN' }, {}, 'speedKph'],
    ['a course of 400', { course: 400 }, {}, 'headingDeg'],
    ['an altitude of 1e9', { altitude: 1e9 }, {}, 'altitudeM'],
    ['no server time', { serverTime: null }, {}, 'receivedAtMs'],
  ])('%s is left out, the fix is not', (_name, position, attributes, field) => {
    const { [field]: _left, ...rest } = expected;
    expect(parseTraccarPosition(record(position, attributes))).toStrictEqual(rest);
  });

  test('at most 64 sensors', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`io${i}`, i]));
    const fix = parseTraccarPosition(record({}, many)) as Fix;
    expect(Object.keys(fix.sensors!)).toHaveLength(64);
    expect(parseFixText(bytes(encodeFixJson(fix)))).toStrictEqual(fix);
  });
});

describe('what is no position', () => {
  test.each<[string, object]>([
    ['an event with its position', { ...record(), event: { id: 3, type: 'alarm' } }],
    ['an event without', { event: { id: 1, type: 'deviceOnline' }, device: record()['device']! }],
  ])('%s', (_name, value) => {
    expect(parseTraccarPosition(value)).toBe('not-a-position');
  });

  test.each<[string, RejectReason, string, unknown]>([
    ['no position', 'field-missing', 'position', { device: record()['device'] }],
    ['no device', 'field-missing', 'device', { position: record()['position'] }],
    ['no uniqueId', 'field-missing', 'device.uniqueId', { ...record(), device: { id: 12 } }],
    ['no time', 'field-missing', 'position.fixTime', record({ fixTime: null })],
    ['a time without a zone', 'field-type', 'position.fixTime', record({ fixTime: '2026-03-04T10:20:30' })],
    ['a time that is a number', 'field-type', 'position.fixTime', record({ fixTime: fixedAtMs })],
    ['a time of 1999', 'field-range', 'position.fixTime', record({ fixTime: '1999-12-31T23:59:59.000+00:00' })],
    ['latitude 91', 'coordinates-out-of-range', 'position.latitude', record({ latitude: 91 })],
    ['longitude as text', 'field-type', 'position.longitude', record({ longitude: '121' })],
    ['an array', 'json-broken', 'an array', [record()]],
  ])('%s', (_name, reason, detail, value) => {
    expect(parseTraccarPosition(value)).toStrictEqual({ reason, detail: expect.stringContaining(detail) });
  });

  test('an emergency button is salvaged from a position off the earth', () => {
    expect(parseTraccarPosition(record({ latitude: 91 }, { alarm: 'sos' }))).toMatchObject({
      reason: 'coordinates-out-of-range',
      detail: expect.stringContaining('position.latitude'),
      salvage: { vehicleId: '13700000012', fixedAtMs, alarmFlags: 1, statusFlags: 3 },
    });
  });

  test.each([null, '', '{"position":', 'null'])('%j is a reject', (text) => {
    const parsed = parseTraccarText(text === null ? null : bytes(text));
    expect(typeof parsed === 'object' && isReject(parsed)).toBe(true);
  });
});

test.each<[unknown, number | undefined]>([
  [undefined, undefined],
  [7, undefined],
  ['sos', 0x1],
  ['overspeed,fatigueDriving', 0x6],
  ['fault, gpsAntennaCut', 0x30],
  ['lowBattery,powerCut', 0x180],
  ['geofenceExit', 0x10_0000],
  ['movement,accident', 0x3000_0000],
  ['vibration,tampering,general,__proto__', 0],
])('the alarm word of %j', (alarm, flags) => {
  expect(alarmFlagsOfTraccar(alarm)).toBe(flags);
});
