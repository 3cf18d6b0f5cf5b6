import { fixFlag, speedAbsent, type Fix, type RejectReason } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFixJson, fixToRow, isSalvaged, parseFix, parseFixText, salvageToRow } from './fix-json.ts';
import { isReject } from './reject.ts';

const fixedAtMs = Date.UTC(2026, 10, 22, 6, 0, 0);
const event = { code: 25_601, level: 2, state: 1 } as const;
const plain: Fix = { vehicleId: 'truck-1', fixedAtMs, lonDeg: 121.47, latDeg: 31.23 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((n) => (n === 0 ? 0 : n));
const times = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) - 1 });
const text = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: max }).filter((s) => s.trim() !== '' && s.length <= max);
const sensorName = fc.oneof(text(64), fc.constantFrom('__proto__', 'constructor', '7', 'reason'));
const sensorValue = fc.oneof(number(-1e300, 1e300), fc.boolean(), fc.string({ unit: 'grapheme', maxLength: 60 }));

const zeroToTwo = fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 2);
const terminalEvent = fc.record(
  { code: fc.nat(0xffff), level: zeroToTwo, state: zeroToTwo },
  { noNullPrototype: true },
);

const anyFix: fc.Arbitrary<Fix> = fc.record(
  {
    vehicleId: text(64),
    fixedAtMs: times,
    receivedAtMs: times,
    lonDeg: number(-180, 180),
    latDeg: number(-90, 90),
    speedKph: number(0, 6_553.4),
    headingDeg: number(0, 360),
    altitudeM: number(-32_767, 32_767),
    accuracyM: number(0, 1e6),
    valid: fc.boolean(),
    mileageKm: number(0, 429_496_729.4),
    alarmFlags: fc.integer({ min: 0, max: 0xffff_ffff }),
    statusFlags: fc.integer({ min: 0, max: 0xffff_ffff }),
    driverId: text(64),
    sensors: fc.array(fc.tuple(sensorName, sensorValue), { maxLength: 8 }).map((list) => Object.fromEntries(list)),
    terminalEvents: fc.array(terminalEvent, { maxLength: 32 }),
    blindZone: fc.boolean(),
  },
  { requiredKeys: ['vehicleId', 'fixedAtMs', 'lonDeg', 'latDeg'], noNullPrototype: true },
);

describe('round trip', () => {
  test('any fix', () => {
    fc.assert(
      fc.property(anyFix, (fix) => {
        expect(parseFixText(bytes(encodeFixJson(fix)))).toStrictEqual(fix);
      }),
    );
  });

  test('the text does not depend on the order of the fields', () => {
    fc.assert(
      fc.property(anyFix, (fix) => {
        const shuffled = Object.fromEntries(Object.entries(fix).toReversed()) as Fix;
        const sensors = fix.sensors && Object.fromEntries(Object.entries(fix.sensors).toReversed());
        expect(encodeFixJson(sensors === undefined ? shuffled : { ...shuffled, sensors })).toBe(encodeFixJson(fix));
      }),
    );
  });

  test('the order of the fields is fixed', () => {
    const encoded = encodeFixJson({
      ...plain,
      speedKph: 61.5,
      sensors: { b: 1, a: true },
      blindZone: true,
      terminalEvents: [{ state: 1, level: 2, code: 25_601 }],
    });
    expect(encoded).toBe(
      `{"vehicleId":"truck-1","fixedAtMs":${fixedAtMs},"lonDeg":121.47,"latDeg":31.23,"speedKph":61.5,` +
        '"sensors":{"a":true,"b":1},"terminalEvents":[{"code":25601,"level":2,"state":1}],"blindZone":true}',
    );
  });
});

describe('what is let pass', () => {
  test.each<[string, unknown, Partial<Fix>]>([
    [
      'null is absent',
      { ...plain, speedKph: null, sensors: null, valid: null, driverId: null, terminalEvents: null },
      {},
    ],
    [
      'an unknown field of a terminal event',
      { ...plain, terminalEvents: [{ code: 1, level: 0, state: 0, vendor: 'x' }] },
      { terminalEvents: [{ code: 1, level: 0, state: 0 }] },
    ],
    ['unknown fields are ignored', { ...plain, reason: 'none', v: 9 }, {}],
    [
      'a fraction of a millisecond is rounded',
      { ...plain, fixedAtMs: fixedAtMs + 0.4, receivedAtMs: fixedAtMs + 8.5 },
      { receivedAtMs: fixedAtMs + 9 },
    ],
    ['a sensor without a value', { ...plain, sensors: { load: 3.5, fuel: null } }, { sensors: { load: 3.5 } }],
    [
      'the ends of the ranges',
      { ...plain, lonDeg: -180, latDeg: 90, headingDeg: 360 },
      { lonDeg: -180, latDeg: 90, headingDeg: 360 },
    ],
  ])('%s', (_name, value, over) => {
    expect(parseFix(value)).toStrictEqual({ ...plain, ...over });
  });

  test('a byte order mark and white space around the object', () => {
    expect(parseFixText(bytes(`\uFEFF \r\n${encodeFixJson(plain)}\n`))).toStrictEqual(plain);
  });
});

describe('what is refused', () => {
  const without = (name: keyof Fix): unknown => ({ ...plain, [name]: undefined });
  test.each<[RejectReason, string, unknown]>([
    ['field-missing', 'vehicleId', without('vehicleId')],
    ['field-missing', 'fixedAtMs', without('fixedAtMs')],
    ['field-missing', 'lonDeg', without('lonDeg')],
    ['field-missing', 'latDeg', { ...plain, latDeg: null }],
    ['field-type', 'vehicleId', { ...plain, vehicleId: 17 }],
    ['field-type', 'fixedAtMs', { ...plain, fixedAtMs: '2026-11-22T06:00:00Z' }],
    ['field-type', 'lonDeg', { ...plain, lonDeg: '121.47' }],
    ['field-type', 'latDeg', { ...plain, latDeg: Number.NaN }],
    ['field-type', 'latDeg', { ...plain, latDeg: [31] }],
    ['field-type', 'speedKph', { ...plain, speedKph: Number.POSITIVE_INFINITY }],
    ['field-type', 'valid', { ...plain, valid: 'true' }],
    ['field-type', 'blindZone', { ...plain, blindZone: 1 }],
    ['field-type', 'driverId', { ...plain, driverId: 5 }],
    ['field-type', 'terminalEvents', { ...plain, terminalEvents: {} }],
    ['field-type', 'terminalEvents', { ...plain, terminalEvents: [25_601] }],
    ['field-type', 'terminalEvents[0].code', { ...plain, terminalEvents: [{ code: '6401', level: 0, state: 0 }] }],
    ['field-missing', 'terminalEvents[0].state', { ...plain, terminalEvents: [{ code: 1, level: 0 }] }],
    ['field-range', 'terminalEvents[1].code', { ...plain, terminalEvents: [event, { ...event, code: 65_536 }] }],
    ['field-range', 'terminalEvents[0].level', { ...plain, terminalEvents: [{ ...event, level: 3 }] }],
    ['field-range', 'terminalEvents', { ...plain, terminalEvents: Array.from({ length: 33 }, () => event) }],
    ['field-type', 'sensors', { ...plain, sensors: [1] }],
    ['field-type', 'sensors', { ...plain, sensors: { axles: [1, 2] } }],
    ['field-type', 'sensors', { ...plain, sensors: { '': 1 } }],
    ['field-type', 'sensors', { ...plain, sensors: { note: 'x'.repeat(257) } }],
    [
      'field-range',
      'sensors',
      { ...plain, sensors: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`s${i}`, i])) },
    ],
    ['field-range', 'vehicleId', { ...plain, vehicleId: '' }],
    ['field-range', 'vehicleId', { ...plain, vehicleId: ' \t' }],
    ['field-range', 'vehicleId', { ...plain, vehicleId: 'x'.repeat(65) }],
    ['field-range', 'vehicleId', { ...plain, vehicleId: 'truck-\uD800' }],
    ['field-range', 'fixedAtMs', { ...plain, fixedAtMs: fixedAtMs / 1_000 }],
    ['field-range', 'fixedAtMs', { ...plain, fixedAtMs: Date.UTC(2100, 0, 1) }],
    ['field-range', 'receivedAtMs', { ...plain, receivedAtMs: -1 }],
    ['field-range', 'speedKph', { ...plain, speedKph: -0.1 }],
    ['field-range', 'speedKph', { ...plain, speedKph: 6_553.5 }],
    ['field-range', 'headingDeg', { ...plain, headingDeg: 361 }],
    ['field-range', 'altitudeM', { ...plain, altitudeM: 32_768 }],
    ['field-range', 'accuracyM', { ...plain, accuracyM: -1 }],
    ['field-range', 'mileageKm', { ...plain, mileageKm: -1 }],
    ['field-range', 'alarmFlags', { ...plain, alarmFlags: -1 }],
    ['field-range', 'alarmFlags', { ...plain, alarmFlags: 2 ** 32 }],
    ['field-range', 'statusFlags', { ...plain, statusFlags: 1.5 }],
    ['coordinates-out-of-range', 'lonDeg', { ...plain, lonDeg: 180.0000001 }],
    ['coordinates-out-of-range', 'latDeg', { ...plain, latDeg: -91 }],
  ])('%s: %s', (reason, name, value) => {
    const refused = parseFix(value);
    expect(refused).toMatchObject({ reason, detail: expect.stringContaining(`field ${name}: expected`) });
    expect(refused).not.toHaveProperty('salvage');
  });

  test.each<[string, RejectReason, Uint8Array | null]>([
    ['no value', 'empty-record', null],
    ['no bytes', 'empty-record', bytes('')],
    ['white space', 'empty-record', bytes(' \n')],
    ['a byte order mark alone', 'empty-record', bytes('\uFEFF')],
    ['half an object', 'json-broken', bytes('{"vehicleId":"truck-1"')],
    ['NaN as a word', 'json-broken', bytes('{"lonDeg":NaN}')],
    ['two objects', 'json-broken', bytes('{}{}')],
    ['an array', 'json-broken', bytes('[{}]')],
    ['a number', 'json-broken', bytes('17')],
    ['null', 'json-broken', bytes('null')],
    ['not UTF-8', 'json-broken', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['an empty object', 'field-missing', bytes('{}')],
  ])('%s is %s', (_name, reason, value) => {
    expect(parseFixText(value)).toMatchObject({ reason });
  });

  test('the detail says what was expected and what was found', () => {
    expect(parseFix({ ...plain, latDeg: 'thirty-one' })).toEqual({
      reason: 'field-type',
      detail: 'field latDeg: expected degrees from -90 to 90, found "thirty-one"',
    });
  });

  test('any JSON, and any bytes, give a fix or a reject and never an exception', () => {
    const anyField = fc.dictionary(fc.constantFrom(...Object.keys(plain), 'sensors', 'alarmFlags'), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyField), fc.uint8Array(), (value, noise) => {
        expect(typeof parseFix(value)).toBe('object');
        expect(typeof parseFixText(bytes(JSON.stringify(value)))).toBe('object');
        expect(isReject(parseFixText(noise))).toBe(true);
      }),
    );
  });
});

describe('an emergency button in a fix that is refused', () => {
  const pressed = { ...plain, alarmFlags: 0b101, statusFlags: 3, receivedAtMs: fixedAtMs + 700 };
  const salvage = { vehicleId: 'truck-1', fixedAtMs, receivedAtMs: fixedAtMs + 700, alarmFlags: 0b101, statusFlags: 3 };

  test.each<[string, RejectReason, unknown, object]>([
    ['latitude out of range', 'coordinates-out-of-range', { ...pressed, latDeg: 91 }, salvage],
    ['no longitude', 'field-missing', { ...pressed, lonDeg: undefined }, salvage],
    ['latitude NaN', 'field-type', { ...pressed, latDeg: Number.NaN }, salvage],
    ['a speed as text', 'field-type', { ...pressed, speedKph: 'fast' }, salvage],
    [
      'a blind zone and no latitude',
      'field-missing',
      { ...pressed, blindZone: true, latDeg: null },
      { ...salvage, blindZone: true },
    ],
    ['a broken status', 'field-range', { ...pressed, statusFlags: -1 }, { ...salvage, statusFlags: 0 }],
  ])('%s: the button is salvaged', (_name, reason, value, expected) => {
    const refused = parseFix(value);
    if (!isReject(refused) || !isSalvaged(refused)) throw new Error('not salvaged');
    expect(refused.reason).toBe(reason);
    expect(refused.salvage).toStrictEqual(expected);
    const row = salvageToRow(refused, 5, fixedAtMs + 900);
    expect(row).toMatchObject({
      vehicle: 5,
      fixedAtMs,
      receivedAtMs: fixedAtMs + 700,
      alarmFlags: 0b101,
      reject: reason,
    });
    const late = refused.salvage.blindZone === true ? fixFlag.blindZone : 0;
    expect(row).toMatchObject({ flags: fixFlag.positionInvalid | late, speedDkph: speedAbsent });
  });

  test.each<[string, unknown]>([
    ['not pressed', { ...pressed, alarmFlags: 0b100, latDeg: 91 }],
    ['no vehicle', { ...pressed, vehicleId: undefined, latDeg: 91 }],
    ['no time', { ...pressed, fixedAtMs: 0, latDeg: 91 }],
    ['flags that cannot be read', { ...pressed, alarmFlags: '1', latDeg: 91 }],
  ])('%s: nothing can be salvaged', (_name, value) => {
    expect(parseFix(value)).not.toHaveProperty('salvage');
  });
});

describe('a fix in numbers', () => {
  test('with everything', () => {
    const fix: Fix = {
      ...plain,
      receivedAtMs: fixedAtMs + 1,
      speedKph: 60.26,
      headingDeg: 90,
      accuracyM: 4,
      valid: false,
      alarmFlags: 1,
      statusFlags: 2,
      blindZone: true,
    };
    expect(fixToRow(fix, 3, 99)).toEqual({
      vehicle: 3,
      fixedAtMs,
      receivedAtMs: fixedAtMs + 1,
      lonE7: 1_214_700_000,
      latE7: 312_300_000,
      speedDkph: 603,
      headingDeg: 90,
      accuracyM: 4,
      alarmFlags: 1,
      statusFlags: 2,
      flags: fixFlag.positionInvalid | fixFlag.blindZone,
    });
  });

  test('with the least: received when it was produced', () => {
    expect(fixToRow(plain, -1, fixedAtMs + 20)).toMatchObject({
      vehicle: -1,
      receivedAtMs: fixedAtMs + 20,
      speedDkph: speedAbsent,
      headingDeg: Number.NaN,
      accuracyM: Number.NaN,
      alarmFlags: 0,
      statusFlags: 0,
      flags: 0,
    });
  });
});
