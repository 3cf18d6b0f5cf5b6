import { fixFlag, speedAbsent, toDkph, toE7, vehicleIdLengthMax, type FixRow } from '@haulwatch/domain';
import type { NumberRange } from './field-reader.ts';
import { driverExtra } from './fix-extra.ts';
import { driverIdLengthMax } from './fix-json.ts';
import { epochMsRange, fixRanges } from './fix-ranges.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** A row to be written again and again, so that a fix without a driver costs no object. */
export type ScannedRow = { -readonly [K in keyof Omit<FixRow, 'reject'>]: FixRow[K] };

export function emptyScannedRow(): ScannedRow {
  return {
    vehicle: 0,
    fixedAtMs: 0,
    receivedAtMs: 0,
    lonE7: 0,
    latE7: 0,
    speedDkph: 0,
    headingDeg: Number.NaN,
    accuracyM: Number.NaN,
    alarmFlags: 0,
    statusFlags: 0,
    flags: 0,
    extra: undefined,
  };
}

/**
 * Reads a fix in the usual form straight from its bytes into `row`, all but the vehicle, and returns the vehicle's id.
 * Undefined: the form is not the usual one; `row` may be half written, and `parseFixText` has to say what the fix is.
 *
 * Usual is what `encodeFixJson` writes of a good fix without sensors and terminal events: its keys in its order, each at most once, no white
 * space, ids of plain ASCII, numbers in range, without an exponent and short enough to be exact. What is read here is
 * then, bit for bit, what `parseFixText` and `fixToRow` make of it; whatever is in doubt is left to them, and so are all
 * refusals.
 */
export function scanFix(bytes: Uint8Array, producedAtMs: number, row: ScannedRow): string | undefined {
  const fields = new FieldScanner(bytes);
  if (!fields.take(keys.vehicleId)) return undefined;
  const idFrom = fields.at;
  fields.skipText(vehicleIdLengthMax);
  const idTo = fields.at - 1;
  const fixedAtMs = fields.number(keys.fixedAtMs, epochMsRange);
  const receivedAtMs = fields.optionalNumber(keys.receivedAtMs, epochMsRange);
  const lonDeg = fields.number(keys.lonDeg, fixRanges.lonDeg);
  const latDeg = fields.number(keys.latDeg, fixRanges.latDeg);
  const speedKph = fields.optionalNumber(keys.speedKph, fixRanges.speedKph);
  row.headingDeg = fields.optionalNumber(keys.headingDeg, fixRanges.headingDeg);
  fields.optionalNumber(keys.altitudeM, fixRanges.altitudeM);
  row.accuracyM = fields.optionalNumber(keys.accuracyM, fixRanges.accuracyM);
  const valid = fields.optionalBoolean(keys.valid, true);
  fields.optionalNumber(keys.mileageKm, fixRanges.mileageKm);
  const alarmFlags = fields.optionalNumber(keys.alarmFlags, fixRanges.alarmFlags);
  const statusFlags = fields.optionalNumber(keys.statusFlags, fixRanges.statusFlags);
  const hasDriver = fields.take(keys.driverId);
  const driverFrom = fields.at;
  if (hasDriver) fields.skipText(driverIdLengthMax);
  const driverTo = fields.at - 1;
  const blindZone = fields.optionalBoolean(keys.blindZone, false);
  if (!fields.take(end) || !fields.usual || fields.at !== bytes.length) return undefined;

  row.fixedAtMs = Math.round(fixedAtMs);
  row.receivedAtMs = Number.isNaN(receivedAtMs) ? producedAtMs : Math.round(receivedAtMs);
  row.lonE7 = toE7(lonDeg);
  row.latE7 = toE7(latDeg);
  row.speedDkph = Number.isNaN(speedKph) ? speedAbsent : toDkph(speedKph);
  row.alarmFlags = Number.isNaN(alarmFlags) ? 0 : alarmFlags;
  row.statusFlags = Number.isNaN(statusFlags) ? 0 : statusFlags;
  row.flags = (valid ? 0 : fixFlag.positionInvalid) | (blindZone ? fixFlag.blindZone : 0);
  row.extra = hasDriver ? driverExtra(bytes.subarray(driverFrom, driverTo)) : undefined;
  return decodeUtf8(bytes.subarray(idFrom, idTo));
}

/** Each key with what stands around it in the usual form. */
const keys = {
  vehicleId: encodeUtf8('{"vehicleId":"'),
  fixedAtMs: encodeUtf8(',"fixedAtMs":'),
  receivedAtMs: encodeUtf8(',"receivedAtMs":'),
  lonDeg: encodeUtf8(',"lonDeg":'),
  latDeg: encodeUtf8(',"latDeg":'),
  speedKph: encodeUtf8(',"speedKph":'),
  headingDeg: encodeUtf8(',"headingDeg":'),
  altitudeM: encodeUtf8(',"altitudeM":'),
  accuracyM: encodeUtf8(',"accuracyM":'),
  valid: encodeUtf8(',"valid":'),
  mileageKm: encodeUtf8(',"mileageKm":'),
  alarmFlags: encodeUtf8(',"alarmFlags":'),
  statusFlags: encodeUtf8(',"statusFlags":'),
  driverId: encodeUtf8(',"driverId":"'),
  blindZone: encodeUtf8(',"blindZone":'),
} as const;
const end = encodeUtf8('}');
const trueWord = encodeUtf8('true');
const falseWord = encodeUtf8('false');

/** Reads forward through the bytes and remembers whether all was usual; once it was not, what it hands out means nothing. */
class FieldScanner {
  at = 0;
  usual = true;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether these bytes come next; if so, they are behind us. */
  take(literal: Uint8Array): boolean {
    const bytes = this.#bytes;
    const from = this.at;
    if (from + literal.length > bytes.length) return false;
    for (let i = 0; i < literal.length; i += 1) if (bytes[from + i] !== literal[i]) return false;
    this.at = from + literal.length;
    return true;
  }

  /** A text of 1 to `lengthMax` printing ASCII characters, not all blank and none escaped, and the quote after it. */
  skipText(lengthMax: number): void {
    const bytes = this.#bytes;
    const last = Math.min(bytes.length, this.at + lengthMax + 1);
    let isBlank = true;
    for (let at = this.at; at < last; at += 1) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.at = at + 1;
        this.usual &&= !isBlank;
        return;
      }
      if (byte < space || byte > tilde || byte === backslash) break;
      if (byte !== space) isBlank = false;
    }
    this.usual = false;
  }

  number(key: Uint8Array, range: NumberRange): number {
    const value = this.optionalNumber(key, range);
    this.usual &&= !Number.isNaN(value);
    return value;
  }

  /** NaN where the key does not come next. */
  optionalNumber(key: Uint8Array, range: NumberRange): number {
    if (!this.take(key)) return Number.NaN;
    const value = this.#number();
    // NaN is in no range.
    const isIn = value >= range.min && value <= range.max && (range.whole !== true || Number.isInteger(value));
    this.usual &&= isIn;
    return value;
  }

  optionalBoolean(key: Uint8Array, absent: boolean): boolean {
    if (!this.take(key)) return absent;
    const isTrue = this.take(trueWord);
    this.usual &&= isTrue || this.take(falseWord);
    return isTrue;
  }

  /**
   * A number without an exponent, or NaN. Its digits make a whole number below 2^53 and the point a power of ten up to
   * 10^22: both are exact, so their quotient is rounded once, which is what JSON.parse hands out (Clinger 1990).
   */
  #number(): number {
    const bytes = this.#bytes;
    const isNegative = bytes[this.at] === minus;
    const from = isNegative ? this.at + 1 : this.at;
    let at = from;
    let point = -1;
    let digits = 0;
    for (; at < bytes.length; at += 1) {
      const digit = bytes[at]! - zero;
      if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
      else if (digit === dot && point < 0) point = at;
      else break;
    }
    this.at = at;
    const decimals = point < 0 ? 0 : at - point - 1;
    const wholes = point < 0 ? at - from : point - from;
    // Sixteen digits: with one before the point, as many decimals as there are powers.
    if (wholes === 0 || wholes + decimals > 16 || digits > Number.MAX_SAFE_INTEGER) return Number.NaN;
    if ((point >= 0 && decimals === 0) || (wholes > 1 && bytes[from] === zero)) return Number.NaN;
    const value = decimals === 0 ? digits : digits / powersOfTen[decimals]!;
    return isNegative ? -value : value;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const tilde = 0x7e;
const minus = 0x2d;
const zero = 0x30;
/** The point as a digit: two before zero. */
const dot = -2;
const powersOfTen = Float64Array.of(1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15);
