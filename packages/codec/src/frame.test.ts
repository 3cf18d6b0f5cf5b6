import {
  accuracyAbsent,
  headingAbsent,
  FixBatch,
  fixFlag,
  fromE7,
  rejectReason,
  speedAbsent,
  vehicleElsewhere,
  vehicleUnknown,
  type RejectReason,
  type VehicleResolver,
} from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameCrc } from './frame-check.ts';
import { encodeFrame, FrameEncoder, type FrameRow } from './frame-encoder.ts';
import { readFrameRows } from './frame-rows.ts';
import { decodeFrame, frameVehicleNumber, splitFrame, type DecodedFrame } from './frame.ts';
import { isReject } from './reject.ts';

const receivedAtMs = Date.UTC(2026, 10, 22, 6, 0, 0);
const source = { offset: 42, producedAtMs: receivedAtMs + 5 };

/** Vehicles 1 to 899 live here under number + 10,000; 900 to 998 elsewhere; nobody knows the others. */
const vehicles: VehicleResolver = {
  resolve: () => vehicleUnknown,
  resolveNumber: (number) => (number < 900 ? number + 10_000 : number < 999 ? vehicleElsewhere : vehicleUnknown),
};

const row = (over: Partial<FrameRow> = {}): FrameRow => ({
  vehicleNumber: 7,
  fixedAtMs: receivedAtMs - 1_500,
  lonDeg: 121.4737021,
  latDeg: 31.2303904,
  ...over,
});

/** Numbers of the wire's lattice, so that a round trip is exact. */
const steps = (min: number, max: number, perUnit: number): fc.Arbitrary<number> =>
  fc.integer({ min, max }).map((n) => (n === 0 ? 0 : n / perUnit));

const anyRow: fc.Arbitrary<FrameRow> = fc.record(
  {
    vehicleNumber: fc.integer({ min: 1, max: 998 }),
    fixedAtMs: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).map((delta) => receivedAtMs + delta),
    lonDeg: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }).map(fromE7),
    latDeg: fc.integer({ min: -900_000_000, max: 900_000_000 }).map(fromE7),
    speedKph: steps(0, speedAbsent - 1, 10),
    headingDeg: steps(0, 36_000, 100),
    altitudeM: fc.integer({ min: -32_767, max: 32_767 }),
    accuracyM: steps(0, 0xfffe, 10),
    valid: fc.constant(false),
    mileageKm: steps(0, 0xffff_fffe, 10),
    alarmFlags: fc.integer({ min: 0, max: 0xffff_ffff }),
    statusFlags: fc.integer({ min: 0, max: 0xffff_ffff }),
    blindZone: fc.constant(true),
  },
  { requiredKeys: ['vehicleNumber', 'fixedAtMs', 'lonDeg', 'latDeg', 'alarmFlags', 'statusFlags'] },
);
const anyRows = fc.array(anyRow, { minLength: 1, maxLength: 20 });

function decode(bytes: Uint8Array, batch = new FixBatch(1_000)): { batch: FixBatch; decoded: DecodedFrame } {
  const decoded = decodeFrame(bytes, source, vehicles, batch);
  if (isReject(decoded)) throw new Error(`refused: ${decoded.reason}: ${decoded.detail}`);
  return { batch, decoded };
}

/** The frame with some bytes changed and a right checksum: what a careless producer writes, not what damage does. */
function resealed(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  change(view);
  view.setUint32(20, frameCrc(copy), true);
  return copy;
}

function refusal(bytes: Uint8Array): RejectReason | 'taken' | 'rows pushed' {
  const batch = new FixBatch(1_000);
  const decoded = decodeFrame(bytes, source, vehicles, batch);
  if (!isReject(decoded)) return 'taken';
  return batch.count === 0 ? decoded.reason : 'rows pushed';
}

describe('round trip', () => {
  test('every field of every row', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(readFrameRows(encodeFrame(rows, receivedAtMs))).toEqual({ receivedAtMs, rows });
      }),
    );
  });

  test('the batch holds what was encoded, also where the frame lies inside a larger buffer', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(9), (rows, gap) => {
        const frame = encodeFrame(rows, receivedAtMs);
        const buffer = new Uint8Array(frame.length + 2 * gap).fill(0xaa);
        buffer.set(frame, gap);
        const { batch, decoded } = decode(buffer.subarray(gap, gap + frame.length));
        const here = rows.map((sent, index) => ({ ...sent, index })).filter((sent) => sent.vehicleNumber < 900);
        expect(decoded.rowsPushed).toBe(here.length);
        for (const [i, sent] of here.entries()) {
          expect(batch.vehicle[i]).toBe(sent.vehicleNumber + 10_000);
          expect(batch.fixedAtMs[i]).toBe(sent.fixedAtMs);
          expect(batch.receivedAtMs[i]).toBe(receivedAtMs);
          expect(batch.lonE7[i]).toBe(Math.round(sent.lonDeg * 1e7));
          expect(batch.latE7[i]).toBe(Math.round(sent.latDeg * 1e7));
          expect(batch.speedDkph[i]).toBe(sent.speedKph === undefined ? speedAbsent : Math.round(sent.speedKph * 10));
          expect(batch.headingCdeg[i]).toBe(
            sent.headingDeg === undefined ? headingAbsent : Math.round(sent.headingDeg * 100),
          );
          expect(batch.accuracyDm[i]).toBe(
            sent.accuracyM === undefined ? accuracyAbsent : Math.round(sent.accuracyM * 10),
          );
          expect(batch.alarmFlags[i]).toBe(sent.alarmFlags);
          expect(batch.statusFlags[i]).toBe(sent.statusFlags);
          expect(batch.flags[i]).toBe(
            (sent.valid === false ? fixFlag.positionInvalid : 0) | (sent.blindZone ? fixFlag.blindZone : 0),
          );
          expect(batch.reject[i]).toBe(0);
          expect([batch.offset[i], batch.producedAtMs[i], batch.index[i]]).toEqual([
            42,
            source.producedAtMs,
            sent.index,
          ]);
        }
      }),
    );
  });

  test('a frame from a blind zone marks all its rows', () => {
    const { batch } = decode(encodeFrame([row(), row({ valid: false })], receivedAtMs, 1));
    expect([...batch.flags.subarray(0, 2)]).toEqual([fixFlag.blindZone, fixFlag.blindZone | fixFlag.positionInvalid]);
  });

  test('a thousand rows are one frame of 40,024 bytes', () => {
    const frame = encodeFrame(
      Array.from({ length: 1_000 }, () => row()),
      receivedAtMs,
    );
    expect(frame.length).toBe(40_024);
    expect(decode(frame).decoded).toEqual({
      kind: 'frame',
      count: 1_000,
      receivedAtMs,
      rowsPushed: 1_000,
      elsewhereRows: [],
    });
  });

  test('a frame without rows says what time it is', () => {
    const frame = encodeFrame([], receivedAtMs);
    expect(frame.length).toBe(24);
    expect(decode(frame).decoded).toEqual({ kind: 'frame', count: 0, receivedAtMs, rowsPushed: 0, elsewhereRows: [] });
  });

  test('rows go behind those that the batch holds', () => {
    const batch = new FixBatch(3);
    decode(encodeFrame([row({ vehicleNumber: 1 })], receivedAtMs), batch);
    decode(encodeFrame([row({ vehicleNumber: 2 }), row({ vehicleNumber: 3 })], receivedAtMs), batch);
    expect([...batch.vehicle]).toEqual([10_001, 10_002, 10_003]);
    expect([...batch.index]).toEqual([0, 0, 1]);
  });

  test("a batch without room is the caller's mistake, and stays as it was", () => {
    const batch = new FixBatch(1);
    expect(() => decode(encodeFrame([row(), row()], receivedAtMs), batch)).toThrow(RangeError);
    expect(batch.count).toBe(0);
  });
});

describe('damage', () => {
  const small = encodeFrame(
    [row({ speedKph: 81.2 }), row({ vehicleNumber: 905 }), row({ alarmFlags: 1 })],
    receivedAtMs,
  );

  test('every truncation is refused', () => {
    const reasons = Array.from(small, (_, length) => refusal(small.subarray(0, length)));
    expect(new Set(reasons)).toEqual(new Set(['frame-truncated']));
  });

  test('every single flipped bit is refused', () => {
    const reasons: string[] = [];
    for (let bit = 0; bit < small.length * 8; bit += 1) {
      const flipped = small.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      reasons.push(refusal(flipped));
    }
    expect(new Set(reasons)).toEqual(
      new Set(['unknown-magic', 'unsupported-version', 'frame-malformed', 'frame-truncated', 'frame-crc-mismatch']),
    );
    expect(reasons.filter((reason) => reason === 'frame-crc-mismatch')).toHaveLength((small.length - 7) * 8);
  });

  test('larger frames: any flipped bit, any cut, any tail', () => {
    const rows = fc.array(anyRow, { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 50 }), (told, a, b, tail) => {
        const frame = encodeFrame(told, receivedAtMs);
        const flipped = frame.slice();
        flipped[a % frame.length]! ^= 1 << (b & 7);
        expect(refusal(flipped)).not.toMatch(/taken|rows pushed/);
        expect(refusal(frame.subarray(0, b % frame.length))).toBe('frame-truncated');
        expect(refusal(Uint8Array.of(...frame, ...tail))).toBe('frame-malformed');
      }),
    );
  });

  test('bytes of any kind are refused and never thrown at', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const likeFrame = bytes.map((rest) => Uint8Array.of(0x46, 0x57, 1, 0, 1, 0, 40, 0, ...rest));
    fc.assert(
      fc.property(fc.oneof(bytes, likeFrame), (noise) => {
        expect(refusal(noise)).not.toMatch(/taken|rows pushed/);
      }),
    );
  });
});

describe('frames that are whole and wrong', () => {
  const good = encodeFrame([row(), row()], receivedAtMs);
  test.each<[string, (view: DataView) => void, RejectReason]>([
    ['magic', (view) => view.setUint8(1, 0x58), 'unknown-magic'],
    ['version 2', (view) => view.setUint8(2, 2), 'unsupported-version'],
    ['unknown flags', (view) => view.setUint8(3, 0x02), 'frame-malformed'],
    ['fewer rows than there are', (view) => view.setUint16(4, 0, true), 'frame-malformed'],
    ['1,001 rows', (view) => view.setUint16(4, 1_001, true), 'frame-malformed'],
    ['a row too many', (view) => view.setUint16(4, 3, true), 'frame-truncated'],
    ['a row too few', (view) => view.setUint16(4, 1, true), 'frame-malformed'],
    ['rows of 48 bytes', (view) => view.setUint16(6, 48, true), 'frame-malformed'],
    ['receivedAt NaN', (view) => view.setFloat64(8, Number.NaN, true), 'frame-malformed'],
    ['receivedAt Infinity', (view) => view.setFloat64(8, Number.POSITIVE_INFINITY, true), 'frame-malformed'],
    ['receivedAt in seconds', (view) => view.setFloat64(8, receivedAtMs / 1_000, true), 'frame-malformed'],
    ['receivedAt with a fraction', (view) => view.setFloat64(8, receivedAtMs + 0.5, true), 'frame-malformed'],
    ['reserved not 0', (view) => view.setUint32(16, 1, true), 'frame-malformed'],
  ])('%s', (_name, change, reason) => {
    expect(refusal(resealed(good, change))).toBe(reason);
  });
});

describe('rows that cannot be taken stand in the batch with their reason', () => {
  const sos = row({ alarmFlags: 1 });
  test.each<[string, FrameRow, (view: DataView) => void, RejectReason, number]>([
    ['latitude 91', { ...sos, latDeg: 91 }, () => {}, 'coordinates-out-of-range', 10_007],
    ['longitude -180.0000001', { ...sos, lonDeg: -180.0000001 }, () => {}, 'coordinates-out-of-range', 10_007],
    ['an unknown vehicle', { ...sos, vehicleNumber: 5_000 }, () => {}, 'vehicle-unknown', vehicleUnknown],
    ['vehicle number 0', sos, (view) => view.setUint32(24, 0, true), 'row-broken', vehicleUnknown],
    ['a heading of 400 degrees', sos, (view) => view.setUint16(24 + 18, 40_000, true), 'row-broken', 10_007],
    ['an unknown flag', sos, (view) => view.setUint16(24 + 36, 0x04, true), 'row-broken', 10_007],
    ['reserved not 0', sos, (view) => view.setUint16(24 + 38, 1, true), 'row-broken', 10_007],
  ])('%s', (_name, sent, change, reason, vehicle) => {
    const { batch, decoded } = decode(resealed(encodeFrame([sent, row()], receivedAtMs), change));
    expect(decoded.rowsPushed).toBe(2);
    expect(rejectReason(batch.reject[0]!)).toBe(reason);
    expect(batch.vehicle[0]).toBe(vehicle);
    expect(batch.alarmFlags[0]).toBe(1);
    expect(batch.flags[0]! & fixFlag.positionInvalid).toBe(fixFlag.positionInvalid);
    expect(batch.reject[1]).toBe(0);
  });

  test('the ends of the ranges are on the earth', () => {
    const ends = [row({ lonDeg: 180, latDeg: 90 }), row({ lonDeg: -180, latDeg: -90, headingDeg: 360 })];
    expect([...decode(encodeFrame(ends, receivedAtMs)).batch.reject.subarray(0, 2)]).toEqual([0, 0]);
  });
});

describe('rows at home elsewhere', () => {
  test('pushed rows and rows elsewhere are all rows, and a split frame brings the latter home unchanged', () => {
    fc.assert(
      fc.property(anyRows, fc.constantFrom(0, 1), (rows, flags) => {
        const frame = encodeFrame(rows, receivedAtMs, flags);
        const { batch, decoded } = decode(frame);
        expect(decoded.count).toBe(rows.length);
        expect(decoded.rowsPushed).toBe(batch.count);
        expect(decoded.rowsPushed + decoded.elsewhereRows.length).toBe(rows.length);
        const places = [...batch.index.subarray(0, batch.count), ...decoded.elsewhereRows].toSorted((a, b) => a - b);
        expect(places).toEqual(rows.map((_, i) => i));
        if (decoded.elsewhereRows.length === 0) return;
        const away = decoded.elsewhereRows.map((i) => rows[i]!);
        expect(decoded.elsewhereRows.map((i) => frameVehicleNumber(frame, i))).toEqual(
          away.map((r) => r.vehicleNumber),
        );
        expect(splitFrame(frame, decoded.elsewhereRows)).toEqual(encodeFrame(away, receivedAtMs, flags));
      }),
    );
  });

  test.each([[[]], [[2]], [[-1]], [[0.5]], [[0, 1, 1]]])('rows %j cannot be cut out of a frame of two', (rows) => {
    expect(() => splitFrame(encodeFrame([row(), row()], receivedAtMs), rows)).toThrow(RangeError);
  });
});

describe('the encoder', () => {
  test.each<[string, Partial<FrameRow>]>([
    ['fixedAtMs', { fixedAtMs: receivedAtMs - 25 * 86_400_000 }],
    ['fixedAtMs', { fixedAtMs: Number.NaN }],
    ['vehicleNumber', { vehicleNumber: 0 }],
    ['vehicleNumber', { vehicleNumber: 2 ** 32 }],
    ['lonDeg', { lonDeg: 300 }],
    ['latDeg', { latDeg: Number.NaN }],
    ['speedKph', { speedKph: -1 }],
    ['speedKph', { speedKph: 6_553.5 }],
    ['speedKph', { speedKph: Number.NaN }],
    ['headingDeg', { headingDeg: 360.1 }],
    ['altitudeM', { altitudeM: 40_000 }],
    ['accuracyM', { accuracyM: -1 }],
    ['accuracyM', { accuracyM: Number.NaN }],
    ['mileageKm', { mileageKm: 429_496_729.5 }],
    ['alarmFlags', { alarmFlags: -1 }],
    ['statusFlags', { statusFlags: 0.5 }],
  ])('refuses a row whose %s does not fit: %j', (name, over) => {
    expect(() => encodeFrame([row(over)], receivedAtMs)).toThrow(new RegExp(name));
  });

  test.each([Number.NaN, 1e9, receivedAtMs + 0.5])('refuses to begin at %s', (at) => {
    expect(() => encodeFrame([row()], at)).toThrow(RangeError);
  });

  test('refuses a row too many, and rows and an end before the beginning', () => {
    const encoder = new FrameEncoder();
    expect(() => encoder.add(1, row())).toThrow(/begin/);
    expect(() => encoder.finish()).toThrow(/begin/);
    encoder.begin(receivedAtMs);
    for (let i = 0; i < 1_000; i += 1) encoder.add(1, row());
    expect(encoder.full).toBe(true);
    expect(() => encoder.add(1, row())).toThrow(/1000 rows/);
  });

  test('a refused row leaves the frame as it was, and nothing of a frame stays in the next', () => {
    const encoder = new FrameEncoder();
    encoder.begin(receivedAtMs, 1);
    encoder.add(3, row({ vehicleNumber: 3, speedKph: 50, valid: false }));
    expect(() => encoder.add(4, row({ altitudeM: 1e6 }))).toThrow(RangeError);
    expect(encoder.count).toBe(1);
    const first = encoder.finish();
    encoder.begin(receivedAtMs + 1);
    encoder.add(7, row());
    expect(encoder.finish()).toEqual(encodeFrame([row()], receivedAtMs + 1));
    expect(first).toEqual(encodeFrame([row({ vehicleNumber: 3, speedKph: 50, valid: false })], receivedAtMs, 1));
  });

  test('an accuracy beyond the field is the worst that it can say', () => {
    const read = readFrameRows(encodeFrame([row({ accuracyM: 20_000 })], receivedAtMs));
    expect(read).toMatchObject({ rows: [{ accuracyM: 6_553.4 }] });
  });
});
