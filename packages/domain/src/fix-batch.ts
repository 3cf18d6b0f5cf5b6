import { FixExtras, type FixExtra } from './fix-extras.ts';
import { rejectCode, type RejectReason } from './reject.ts';

/** Degrees to the integer lattice of 1e-7 degrees. The one conversion of the house: never write 1e7 elsewhere. */
export function toE7(degrees: number): number {
  return Math.round(degrees * 1e7);
}

/** The integer lattice back to degrees. */
export function fromE7(e7: number): number {
  return e7 / 1e7;
}

/** `FixBatch.speedDkph` where the terminal sent no speed. */
export const speedAbsent = 0xffff;

/** `FixBatch.headingCdeg` and `FixBatch.accuracyDm` where the terminal sent none. */
export const headingAbsent = 0xffff;
export const accuracyAbsent = 0xffff;

/** Degrees to the lattice of 0.01 degrees; NaN is absent. */
export function toCdeg(headingDeg: number): number {
  return headingDeg >= 0 ? Math.round(headingDeg * 100) : headingAbsent;
}

/** Metres to the lattice of 0.1 m, the greatest value for all beyond; NaN is absent. */
export function toDm(accuracyM: number): number {
  return accuracyM >= 0 ? Math.min(accuracyAbsent - 1, Math.round(accuracyM * 10)) : accuracyAbsent;
}

/** km/h to the lattice of 0.1 km/h (JT/T 808's own step), clamped below `speedAbsent`. */
export function toDkph(speedKph: number): number {
  return Math.min(speedAbsent - 1, Math.max(0, Math.round(speedKph * 10)));
}

/** Bits of `FixBatch.flags`. */
export const fixFlag = {
  /** The terminal said that it had no position (valid: false). */
  positionInvalid: 0x01,
  /** Re-reported from a blind zone: the late lane takes it. */
  blindZone: 0x02,
} as const;

/** One fix in numbers, to be put into a batch. */
export type FixRow = {
  /** The engine's dense index of the vehicle, or -1. */
  readonly vehicle: number;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly lonE7: number;
  readonly latE7: number;
  /** 0.1 km/h, or `speedAbsent`. */
  readonly speedDkph: number;
  /** Degrees, or NaN. */
  readonly headingDeg: number;
  /** Metres, or NaN. */
  readonly accuracyM: number;
  readonly alarmFlags: number;
  readonly statusFlags: number;
  readonly flags: number;
  /** Signals, cargo, driver and the terminal's own events, where the fix has any. */
  readonly extra?: FixExtra | undefined;
  /** Set: the fix is not taken, for this reason; an emergency button in it is raised all the same. */
  readonly reject?: RejectReason;
};

/**
 * Fixes in columns: what decoders write and the engine reads, one for each partition, used again and again, so
 * that a fix costs no object. `record` and `index` say where row i came from: the cause of its alarms.
 */
export class FixBatch {
  readonly capacity: number;
  count = 0;
  readonly vehicle: Int32Array;
  readonly fixedAtMs: Float64Array;
  readonly receivedAtMs: Float64Array;
  readonly lonE7: Int32Array;
  readonly latE7: Int32Array;
  readonly speedDkph: Uint16Array;
  readonly headingCdeg: Uint16Array;
  readonly accuracyDm: Uint16Array;
  readonly alarmFlags: Uint32Array;
  readonly statusFlags: Uint32Array;
  readonly flags: Uint8Array;
  /** 0, or the code of a reject reason; the engine writes its own rejects here too. */
  readonly reject: Uint8Array;
  /** Offset of the log record that the row came from. */
  readonly offset: Float64Array;
  /** Time of that log record, ms: when it was produced. */
  readonly producedAtMs: Float64Array;
  /** The row's place inside its record, from 0. */
  readonly index: Uint16Array;
  /** The row's place in `extras`, or -1. */
  readonly extra: Int32Array;
  readonly extras = new FixExtras();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.vehicle = new Int32Array(capacity);
    this.fixedAtMs = new Float64Array(capacity);
    this.receivedAtMs = new Float64Array(capacity);
    this.lonE7 = new Int32Array(capacity);
    this.latE7 = new Int32Array(capacity);
    this.speedDkph = new Uint16Array(capacity);
    this.headingCdeg = new Uint16Array(capacity);
    this.accuracyDm = new Uint16Array(capacity);
    this.alarmFlags = new Uint32Array(capacity);
    this.statusFlags = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.reject = new Uint8Array(capacity);
    this.offset = new Float64Array(capacity);
    this.producedAtMs = new Float64Array(capacity);
    this.index = new Uint16Array(capacity);
    this.extra = new Int32Array(capacity);
  }

  get room(): number {
    return this.capacity - this.count;
  }

  clear(): void {
    this.count = 0;
    this.extras.clear();
  }

  /** Appends one fix and returns its row. The caller makes sure that there is room. */
  push(fix: FixRow, offset: number, producedAtMs: number, index: number): number {
    const row = this.count;
    if (row >= this.capacity) throw new RangeError(`the batch holds ${this.capacity} fixes and is full`);
    this.count = row + 1;
    this.vehicle[row] = fix.vehicle;
    this.fixedAtMs[row] = fix.fixedAtMs;
    this.receivedAtMs[row] = fix.receivedAtMs;
    this.lonE7[row] = fix.lonE7;
    this.latE7[row] = fix.latE7;
    this.speedDkph[row] = fix.speedDkph;
    this.headingCdeg[row] = toCdeg(fix.headingDeg);
    this.accuracyDm[row] = toDm(fix.accuracyM);
    this.alarmFlags[row] = fix.alarmFlags;
    this.statusFlags[row] = fix.statusFlags;
    this.flags[row] = fix.flags;
    this.reject[row] = fix.reject === undefined ? 0 : rejectCode(fix.reject);
    this.offset[row] = offset;
    this.producedAtMs[row] = producedAtMs;
    this.index[row] = index;
    this.extra[row] = fix.extra === undefined ? -1 : this.extras.push(fix.extra);
    return row;
  }
}

/** Turns the names in records into the engine's dense vehicle indices while a record is decoded. */
export type VehicleResolver = {
  /** The dense index of an id or alias; -1: nobody registered it and the policy takes no strangers; -2: it lives on another partition. */
  resolve(vehicleId: string): number;
  /** The same for a registry number. */
  resolveNumber(number: number): number;
};

/** What a `VehicleResolver` says of a vehicle that this engine does not hold. */
export const vehicleUnknown = -1;
export const vehicleElsewhere = -2;
