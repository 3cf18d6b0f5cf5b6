import { fixFlag, speedAbsent, toDkph, toE7, type Fix } from '@haulwatch/domain';
import { frameCrc } from './frame-check.ts';
import {
  absentI16,
  absentU16,
  absentU32,
  frameFlag,
  frameMagic0,
  frameMagic1,
  frameRowsMax,
  frameVersion,
  headerAt,
  headerSize,
  headingCdegMax,
  rowAt,
  rowSize,
} from './frame-layout.ts';
import { isPlausibleTime } from './time-range.ts';

/** What a frame carries of a fix. */
export type FrameFix = Omit<Fix, 'vehicleId' | 'receivedAtMs' | 'driverId' | 'sensors' | 'terminalEvents'>;

export type FrameRow = FrameFix & {
  /** The vehicle's number in the registry. */
  readonly vehicleNumber: number;
};

/**
 * Encodes fixes of one partition, received at one time. `flags` are `frameFlag` bits. Without rows it says what time it is:
 * nothing was received up to then.
 */
export function encodeFrame(rows: readonly FrameRow[], receivedAtMs: number, flags = 0): Uint8Array {
  const encoder = new FrameEncoder();
  encoder.begin(receivedAtMs, flags);
  for (const row of rows) encoder.add(row.vehicleNumber, row);
  return encoder.finish();
}

/**
 * Writes frames one after the other into one buffer: `begin`, `add` for each fix, `finish`. For producers of
 * many frames; `encodeFrame` is the short way.
 *
 * What does not fit is the producer's mistake and a RangeError, and the row is not added. Coordinates off the earth do
 * fit: the decoder tells them from good ones, and an emergency button in such a row must travel.
 */
export class FrameEncoder {
  readonly #bytes = new Uint8Array(headerSize + rowSize * frameRowsMax);
  readonly #view = new DataView(this.#bytes.buffer);
  #count = 0;
  #receivedAtMs = Number.NaN;

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === frameRowsMax;
  }

  /** Begins a frame, and forgets one that was not finished. */
  begin(receivedAtMs: number, flags = 0): void {
    if (!Number.isInteger(receivedAtMs) || !isPlausibleTime(receivedAtMs)) {
      throw new RangeError(`receivedAtMs: expected whole ms between 2000 and 2100, found ${receivedAtMs}`);
    }
    if ((flags & ~frameFlag.blindZone) !== 0) throw new RangeError(`flags: version 1 knows no bits ${flags}`);
    this.#count = 0;
    this.#receivedAtMs = receivedAtMs;
    const view = this.#view;
    view.setUint8(0, frameMagic0);
    view.setUint8(1, frameMagic1);
    view.setUint8(headerAt.version, frameVersion);
    view.setUint8(headerAt.flags, flags);
    view.setUint16(headerAt.rowSize, rowSize, true);
    view.setFloat64(headerAt.receivedAtMs, receivedAtMs, true);
    view.setUint32(headerAt.reserved, 0, true);
  }

  add(vehicleNumber: number, fix: FrameFix): void {
    if (Number.isNaN(this.#receivedAtMs)) throw new RangeError('begin a frame before adding to it');
    if (this.full) throw new RangeError(`a frame has room for ${frameRowsMax} rows: finish it and begin another`);
    const view = this.#view;
    const at = headerSize + this.#count * rowSize;
    const deltaMs = fitting(Math.round(fix.fixedAtMs - this.#receivedAtMs), i32, sayDelta);
    view.setUint32(at + rowAt.vehicle, fitting(vehicleNumber, vehicleNumbers, 'vehicleNumber'), true);
    view.setInt32(at + rowAt.fixedDeltaMs, deltaMs, true);
    view.setInt32(at + rowAt.lonE7, fitting(toE7(fix.lonDeg), i32, 'lonDeg'), true);
    view.setInt32(at + rowAt.latE7, fitting(toE7(fix.latDeg), i32, 'latDeg'), true);
    view.setUint16(at + rowAt.speedDkph, speed(fix.speedKph), true);
    view.setUint16(at + rowAt.headingCdeg, scaled(fix.headingDeg, 100, heading, 'headingDeg') ?? absentU16, true);
    view.setInt16(at + rowAt.altitudeM, scaled(fix.altitudeM, 1, altitude, 'altitudeM') ?? absentI16, true);
    view.setUint16(at + rowAt.accuracyDm, accuracy(fix.accuracyM), true);
    view.setUint32(at + rowAt.mileageHm, scaled(fix.mileageKm, 10, mileage, 'mileageKm') ?? absentU32, true);
    view.setUint32(at + rowAt.alarmFlags, fitting(fix.alarmFlags ?? 0, dword, 'alarmFlags'), true);
    view.setUint32(at + rowAt.statusFlags, fitting(fix.statusFlags ?? 0, dword, 'statusFlags'), true);
    view.setUint16(at + rowAt.flags, rowFlags(fix), true);
    view.setUint16(at + rowAt.reserved, 0, true);
    this.#count += 1;
  }

  /** The frame: a copy, for it is sent while the next one is being written. */
  finish(): Uint8Array {
    if (Number.isNaN(this.#receivedAtMs)) throw new RangeError('begin a frame before finishing it');
    this.#view.setUint16(headerAt.count, this.#count, true);
    const frame = this.#bytes.slice(0, headerSize + this.#count * rowSize);
    new DataView(frame.buffer).setUint32(headerAt.crc, frameCrc(frame), true);
    this.#receivedAtMs = Number.NaN;
    this.#count = 0;
    return frame;
  }
}

type Range = { readonly min: number; readonly max: number };
const i32: Range = { min: -0x8000_0000, max: 0x7fff_ffff };
const dword: Range = { min: 0, max: 0xffff_ffff };
const vehicleNumbers: Range = { min: 1, max: 0xffff_ffff };
const heading: Range = { min: 0, max: headingCdegMax };
const altitude: Range = { min: -0x7fff, max: 0x7fff };
const decimetres: Range = { min: 0, max: absentU16 - 1 };
const mileage: Range = { min: 0, max: absentU32 - 1 };
const sayDelta = 'fixedAtMs - receivedAtMs (a fix more than 24 days old travels as JSON)';

function fitting(value: number, { min, max }: Range, name: string): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name}: expected a whole number from ${min} to ${max} in the frame, found ${value}`);
  }
  return value;
}

function scaled(value: number | undefined, steps: number, range: Range, name: string): number | undefined {
  return value === undefined ? undefined : fitting(Math.round(value * steps), range, name);
}

function speed(speedKph: number | undefined): number {
  if (speedKph === undefined) return speedAbsent;
  if (!(speedKph >= 0 && Math.round(speedKph * 10) < speedAbsent)) {
    throw new RangeError(`speedKph: expected 0 to ${(speedAbsent - 1) / 10} in the frame, found ${speedKph}`);
  }
  return toDkph(speedKph);
}

/** Beyond 6.5 km a position is of no use, however far beyond: the greatest value means "that or worse". */
function accuracy(accuracyM: number | undefined): number {
  if (accuracyM === undefined) return absentU16;
  return fitting(Math.min(decimetres.max, Math.round(accuracyM * 10)), decimetres, 'accuracyM');
}

function rowFlags(fix: FrameFix): number {
  return (fix.valid === false ? fixFlag.positionInvalid : 0) | (fix.blindZone === true ? fixFlag.blindZone : 0);
}
