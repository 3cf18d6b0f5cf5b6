import {
  FixBatch,
  fixFlag,
  rejectReason,
  vehicleElsewhere,
  vehicleUnknown,
  type RejectReason,
  type VehicleResolver,
} from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame } from './frame-encoder.ts';
import { isReject } from './reject.ts';
import { decodeRecord, recordBytesMax, rowsPerRecordMax } from './telemetry.ts';

const fixedAtMs = Date.UTC(2026, 10, 22, 6, 0, 0);
const vehicles: VehicleResolver = {
  resolve: (id) => ({ here: 4, away: vehicleElsewhere })[id] ?? vehicleUnknown,
  resolveNumber: (number) => ({ 1: 4, 2: vehicleElsewhere })[number] ?? vehicleUnknown,
};
const json = (over: object = {}): string =>
  JSON.stringify({ vehicleId: 'here', fixedAtMs, lonDeg: 121.47, latDeg: 31.23, ...over });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const frame = (...numbers: number[]): Uint8Array =>
  encodeFrame(
    numbers.map((vehicleNumber) => ({ vehicleNumber, fixedAtMs, lonDeg: 121.47, latDeg: 31.23 })),
    fixedAtMs + 50,
  );

function decode(value: Uint8Array | null, batch = new FixBatch(rowsPerRecordMax)) {
  return { batch, decoded: decodeRecord({ value, offset: 77, timestampMs: fixedAtMs + 60 }, vehicles, batch) };
}

describe('the first byte tells', () => {
  test.each<[string, Uint8Array | null, RejectReason]>([
    ['no value', null, 'empty-record'],
    ['no bytes', new Uint8Array(0), 'empty-record'],
    ['5 MB', new Uint8Array(5_000_000).fill(0x20), 'record-too-large'],
    ['a byte more than the limit', new Uint8Array(recordBytesMax + 1), 'record-too-large'],
    ['zeroes', new Uint8Array(8), 'unknown-magic'],
    ['Avro', Uint8Array.of(0x4f, 0x62, 0x6a, 0x01), 'unknown-magic'],
    ['a word', bytes('hello'), 'unknown-magic'],
    ['F and something else', bytes('FIX'), 'unknown-magic'],
    ['FW alone', bytes('FW'), 'frame-truncated'],
    ['white space', bytes(' \n'), 'empty-record'],
    ['an array of fixes', bytes(`[${json()}]`), 'json-broken'],
    ['broken JSON', bytes('{"vehicleId":'), 'json-broken'],
    ['JSON without a time', bytes(json({ fixedAtMs: undefined })), 'field-missing'],
  ])('%s', (_name, value, reason) => {
    const { batch, decoded } = decode(value);
    expect(decoded).toMatchObject({ reason });
    expect(batch.count).toBe(0);
  });

  test('an array is refused in words', () => {
    expect(decode(bytes('[]')).decoded).toMatchObject({ detail: 'expected one JSON object a record, found an array' });
  });

  test.each([
    ['JSON', bytes(json())],
    ['JSON after white space', bytes(` \n${json()}`)],
    ['JSON after a byte order mark', bytes(`\uFEFF${json()}`)],
    ['a frame', frame(1)],
  ])('%s is taken', (_name, value) => {
    const { batch, decoded } = decode(value);
    expect(decoded).toMatchObject({ rowsPushed: 1 });
    expect([
      batch.count,
      batch.vehicle[0],
      batch.offset[0],
      batch.producedAtMs[0],
      batch.index[0],
      batch.reject[0],
    ]).toEqual([1, 4, 77, fixedAtMs + 60, 0, 0]);
  });
});

describe('a JSON fix', () => {
  test('of a vehicle at home elsewhere is sent on whole', () => {
    const { batch, decoded } = decode(bytes(json({ vehicleId: 'away' })));
    expect(decoded).toEqual({ kind: 'fix', vehicleId: 'away', rowsPushed: 0, elsewhere: true });
    expect(batch.count).toBe(0);
  });

  test('of an unknown vehicle is a row with its reason', () => {
    const { batch, decoded } = decode(bytes(json({ vehicleId: 'stranger' })));
    expect(decoded).toMatchObject({ vehicleId: 'stranger', rowsPushed: 1, because: { reason: 'vehicle-unknown' } });
    expect([batch.vehicle[0], rejectReason(batch.reject[0]!)]).toEqual([vehicleUnknown, 'vehicle-unknown']);
  });

  test.each<[string, object, RejectReason]>([
    ['coordinates out of range', { latDeg: 91 }, 'coordinates-out-of-range'],
    ['no coordinates', { lonDeg: undefined, latDeg: undefined }, 'field-missing'],
  ])('with the emergency button and %s is a row with its reason', (_name, over, reason) => {
    const { batch, decoded } = decode(bytes(json({ alarmFlags: 1, ...over })));
    expect(decoded).toMatchObject({ kind: 'fix', rowsPushed: 1, elsewhere: false, because: { reason } });
    expect(rejectReason(batch.reject[0]!)).toBe(reason);
    expect([batch.vehicle[0], batch.alarmFlags[0], batch.flags[0]]).toEqual([4, 1, fixFlag.positionInvalid]);
  });

  test('with the emergency button, no position and a home elsewhere is sent on too', () => {
    const { batch, decoded } = decode(bytes(json({ vehicleId: 'away', alarmFlags: 1, latDeg: null })));
    expect(decoded).toMatchObject({ rowsPushed: 0, elsewhere: true });
    expect(batch.count).toBe(0);
  });
});

test('rows are conserved: each fix is a row or is named as elsewhere', () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(numbers, (sent) => {
      const { batch, decoded } = decode(frame(...sent));
      if (isReject(decoded) || decoded.kind !== 'frame') throw new Error('not a frame');
      expect(decoded.rowsPushed).toBe(batch.count);
      expect(decoded.rowsPushed + decoded.elsewhereRows.length).toBe(sent.length);
      expect(decoded.elsewhereRows).toEqual(sent.flatMap((number, i) => (number === 2 ? [i] : [])));
    }),
  );
});

test('whatever bytes come, the answer is a value, and a reject pushed no row', () => {
  const noise = fc.uint8Array({ maxLength: 300 });
  const first = fc.constantFrom(...bytes('{F[ '), 0xef);
  const likely = fc.tuple(first, noise).map(([byte, rest]) => Uint8Array.of(byte, ...rest));
  fc.assert(
    fc.property(fc.oneof(noise, likely), (value) => {
      const { batch, decoded } = decode(value);
      expect(isReject(decoded)).toBe(true);
      expect(batch.count).toBe(0);
    }),
  );
});
