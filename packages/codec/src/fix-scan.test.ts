import {
  extraWords,
  FixBatch,
  vehicleElsewhere,
  vehicleUnknown,
  type Fix,
  type FixRow,
  type VehicleResolver,
} from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFixJson, fixToRow, parseFixText } from './fix-json.ts';
import { emptyScannedRow, scanFix } from './fix-scan.ts';
import { isReject } from './reject.ts';
import { decodeAnyFix, decodeRecord, rowsPerRecordMax } from './telemetry.ts';

const fixedAtMs = Date.UTC(2026, 10, 22, 6, 0, 0);
const producedAtMs = fixedAtMs + 900;
const plain: Fix = { vehicleId: 'truck-1', fixedAtMs, lonDeg: 121.47, latDeg: 31.23 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An id's last letter says whether its vehicle is here, elsewhere or unknown. */
const vehicles: VehicleResolver = {
  resolve: (id) => [vehicleElsewhere, vehicleUnknown, 5, 6, 7, 8][id.charCodeAt(id.length - 1) % 6]!,
  resolveNumber: () => vehicleUnknown,
};

const columns = (
  'vehicle fixedAtMs receivedAtMs lonE7 latE7 speedDkph headingCdeg accuracyDm ' +
  'alarmFlags statusFlags flags reject offset producedAtMs index extra'
).split(' ') as (keyof FixBatch)[];

function outcome(decode: typeof decodeAnyFix | typeof decodeRecord, value: Uint8Array): object {
  const batch = new FixBatch(rowsPerRecordMax);
  const decoded = decode({ value, offset: 77, timestampMs: producedAtMs }, vehicles, batch);
  const rows = columns.map((name) => [name, ...(batch[name] as Float64Array).subarray(0, batch.count)]);
  return { decoded, count: batch.count, rows, extras: batch.extras.words.subarray(0, batch.extras.count * extraWords) };
}

/** The quick way, if it is taken, must not be told from the other one. */
function checkSame(value: Uint8Array): void {
  expect(outcome(decodeRecord, value)).toStrictEqual(outcome(decodeAnyFix, value));
}

/** What the scanner makes of a text; undefined: not the usual form. */
function scanned(text: string): FixRow | undefined {
  const row = { ...emptyScannedRow(), vehicle: 3 };
  return scanFix(bytes(text), producedAtMs, row) === undefined ? undefined : row;
}

/** Steps of a lattice. The smallest would be written with an exponent (1e-7), which is not usual. */
const steps = (min: number, max: number, perUnit: number): fc.Arbitrary<number> =>
  fc
    .integer({ min: Math.ceil(min * perUnit), max: Math.floor(max * perUnit) })
    .map((n) => (Math.abs(n / perUnit) < 1e-6 ? 0 : n / perUnit));
const times = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) - 1 });
const dwords = fc.integer({ min: 0, max: 0xffff_ffff });
const plainId = fc.stringMatching(/^[ -!#-[\]-~]{1,64}$/).filter((id) => id.trim() !== '');

function fixes(ids: fc.Arbitrary<string>, number: typeof steps): fc.Arbitrary<Fix> {
  return fc.record(
    {
      vehicleId: ids,
      fixedAtMs: times,
      receivedAtMs: times,
      lonDeg: number(-180, 180, 1e7),
      latDeg: number(-90, 90, 1e7),
      speedKph: number(0, 6_553.4, 10),
      headingDeg: number(0, 360, 100),
      altitudeM: number(-32_767, 32_767, 10),
      accuracyM: number(0, 1e6, 10),
      valid: fc.boolean(),
      mileageKm: number(0, 429_496_729.4, 10),
      alarmFlags: dwords,
      statusFlags: dwords,
      driverId: ids,
      blindZone: fc.boolean(),
    },
    { requiredKeys: ['vehicleId', 'fixedAtMs', 'lonDeg', 'latDeg'], noNullPrototype: true },
  );
}
const usualFix = fixes(plainId, steps);
const oddFix = fixes(fc.oneof(plainId, fc.string({ unit: 'grapheme', maxLength: 70 })), (min, max) =>
  fc.oneof(fc.double({ min, max, noNaN: true }), fc.double()),
);

describe('the usual form', () => {
  test('of any fix is read by the scanner, to the same row as by way of objects', () => {
    fc.assert(
      fc.property(usualFix, (fix) => {
        const text = encodeFixJson(fix);
        expect(scanned(text)).toStrictEqual(fixToRow(fix, 3, producedAtMs));
        checkSame(bytes(text));
      }),
    );
  });

  test('the id that is handed out is the one in the text', () => {
    fc.assert(
      fc.property(usualFix, (fix) => {
        expect(scanFix(bytes(encodeFixJson(fix)), producedAtMs, emptyScannedRow())).toBe(fix.vehicleId);
      }),
    );
  });

  test('inside a larger buffer ends where the record ends', () => {
    const text = encodeFixJson({ ...plain, alarmFlags: 12 });
    const record = bytes(`##${text}${text}`).subarray(2, 2 + text.length);
    expect(scanFix(record, producedAtMs, emptyScannedRow())).toBe('truck-1');
    expect(scanFix(record.subarray(0, -1), producedAtMs, emptyScannedRow())).toBeUndefined();
  });

  test('nothing of a fix stays in the row of the next', () => {
    const row = { ...emptyScannedRow(), vehicle: 3 };
    const full: Fix = {
      ...plain,
      receivedAtMs: fixedAtMs + 1,
      speedKph: 60,
      headingDeg: 90,
      accuracyM: 4,
      alarmFlags: 1,
      driverId: 'd1',
    };
    scanFix(bytes(encodeFixJson({ ...full, valid: false, statusFlags: 2, blindZone: true })), producedAtMs, row);
    scanFix(bytes(encodeFixJson(plain)), producedAtMs, row);
    expect(row).toStrictEqual(fixToRow(plain, 3, producedAtMs));
  });
});

/** Degrees whose eighth decimal is a tie, and other texts of numbers whose last bit decides the row. */
const decimals = fc
  .tuple(fc.nat(180), fc.nat(9_999_999), fc.constantFrom('', '5', '49', '4999999', '50000001', '500000001'))
  .map(([whole, e7, more]) => `${whole}.${String(e7).padStart(7, '0')}${more}`);

test('numbers are those of JSON.parse, to the last bit', () => {
  let quick = 0;
  fc.assert(
    fc.property(decimals, fc.boolean(), (text, isNegative) => {
      const told = `${isNegative ? '-' : ''}${text}`;
      const json = `{"vehicleId":"a","fixedAtMs":${fixedAtMs},"lonDeg":${told},"latDeg":1,"headingDeg":${text}}`;
      const parsed = parseFixText(bytes(json));
      const row = scanned(json);
      if (row === undefined) return;
      quick += 1;
      expect(isReject(parsed)).toBe(false);
      expect(row).toStrictEqual(fixToRow(parsed as Fix, 3, producedAtMs));
    }),
    { numRuns: 2_000 },
  );
  expect(quick).toBeGreaterThan(1_000);
});

describe('what is not usual is left to the other way', () => {
  const tail = `,"fixedAtMs":${fixedAtMs},"lonDeg":121.47,"latDeg":31.23`;
  test.each<readonly [string, string]>([
    ['white space', `{"vehicleId": "a"${tail}}`],
    ['something after it', `{"vehicleId":"a"${tail}}\n`],
    ['two objects', `{"vehicleId":"a"${tail}}{}`],
    ['another order', `{"fixedAtMs":${fixedAtMs},"vehicleId":"a","lonDeg":121.47,"latDeg":31.23}`],
    ['an escape', `{"vehicleId":"\\u0061"${tail}}`],
    ['a Chinese id', `{"vehicleId":"沪A"${tail}}`],
    ['a control character', `{"vehicleId":"a\u0001"${tail}}`],
    ['a blank id', `{"vehicleId":"  "${tail}}`],
    ['no id', `{"vehicleId":""${tail}}`],
    ['an id of 65 characters', `{"vehicleId":"${'a'.repeat(65)}"${tail}}`],
    ['no end of the id', `{"vehicleId":"aaaa`],
    ['an unknown field', `{"vehicleId":"a"${tail},"v":1}`],
    ['a field twice', `{"vehicleId":"a"${tail},"latDeg":32}`],
    ['sensors', `{"vehicleId":"a"${tail},"sensors":{"load":3}}`],
    ['events', `{"vehicleId":"a"${tail},"terminalEvents":[{"code":25601,"level":2,"state":1}]}`],
    ['null', `{"vehicleId":"a"${tail},"speedKph":null}`],
    ['null as true or false', `{"vehicleId":"a"${tail},"valid":null}`],
    ['an array', `[{"vehicleId":"a"${tail}}]`],
    ['no latitude', `{"vehicleId":"a","fixedAtMs":${fixedAtMs},"lonDeg":121.47}`],
    ['no time', `{"vehicleId":"a","lonDeg":121.47,"latDeg":31.23}`],
    ...(
      '01 00.5 -01 1. .5 -.5 - + +1 1e2 1E2 1.5e1 1..5 1.5.5 - "1" true 6553.45 -1 NaN 0x1 1_0 ' +
      '12345678901234567 1.2345678901234567 9007199254740992 9007199254740993 1e999'
    )
      .split(' ')
      .map((number) => [`speedKph ${number}`, `{"vehicleId":"a"${tail},"speedKph":${number}}`] as const),
    ['half a flag', `{"vehicleId":"a"${tail},"alarmFlags":0.5}`],
  ])('%s', (_name, text) => {
    expect(scanned(text)).toBeUndefined();
    checkSame(bytes(text));
  });

  test.each(['0', '-0', '-0.0', '0.0', '1.0', '0.1', '360', '1.234567890123456', '359.9999999999999'])(
    'but a heading of %s is usual',
    (number) => {
      const text = `{"vehicleId":"a"${tail},"headingDeg":${number}}`;
      expect(scanned(text)).toStrictEqual(fixToRow({ ...plain, headingDeg: Number(number) }, 3, producedAtMs));
      checkSame(bytes(text));
    },
  );
});

const oddValue = fc.oneof(
  fc.constantFrom('-0', '00', '-', '1.', '.5', '1e5', 'null', 'true', '"1"', '9007199254740993', '1.0', '{}', '1e400'),
  fc.bigInt().map(String),
  decimals,
  fc.double().map(String),
);
type Edit = (fields: string[]) => string[];
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]): Edit => (fields) => {
    const [from, to] = [a % fields.length, b % fields.length];
    return fields.with(from, fields[to]!).with(to, fields[from]!);
  }),
  fc.tuple(fc.nat(20), fc.nat(20)).map(
    ([a, b]): Edit =>
      (fields) =>
        fields.toSpliced(b, 0, fields[a % fields.length]!),
  ),
  fc.nat(20).map(
    (a): Edit =>
      (fields) =>
        fields.toSpliced(a % fields.length, 1),
  ),
  fc.tuple(fc.nat(20), oddValue).map(([a, value]): Edit => (fields) => {
    const at = a % fields.length;
    return fields.with(at, `${fields[at]!.split(':')[0]}:${value}`);
  }),
);
const damage = fc.tuple(
  fc.nat(),
  fc.nat(2),
  fc.oneof(fc.nat(255), fc.constantFrom(...bytes('0123456789.-+eE",:{}\\ '))),
);

function damaged(text: string, places: readonly (readonly [number, number, number])[]): Uint8Array {
  const list = [...bytes(text)];
  // The first byte stays: it tells JSON from frames, and no byte but this one makes a record usual.
  for (const [place, kind, byte] of places) {
    list.splice(1 + (place % (list.length - 1)), kind === 0 ? 0 : 1, ...(kind === 2 ? [] : [byte]));
  }
  return Uint8Array.from(list);
}

test('whatever was done to a text, both ways answer the same', () => {
  fc.assert(
    fc.property(
      fc.oneof(usualFix, oddFix),
      fc.array(edit, { maxLength: 2 }),
      fc.array(damage, { maxLength: 2 }),
      (fix, edits, places) => {
        const told = Object.entries(fix).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
        const fields = edits.reduce((list, change) => (list.length === 0 ? list : change(list)), told);
        checkSame(damaged(`{${fields.join(',')}}`, places));
      },
    ),
    { numRuns: 5_000 },
  );
});
