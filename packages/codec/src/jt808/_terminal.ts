import { checksum } from './framing.ts';
import type { Edition } from './header.ts';

/** A terminal for tests: writes what `Jt808Decoder` reads. */

export type FrameParts = {
  readonly id?: number;
  readonly edition?: Edition;
  readonly phone?: string;
  readonly serial?: number;
  readonly part?: { readonly total: number; readonly index: number };
  readonly encryption?: number;
  readonly body: readonly number[];
};

/** A frame with flags and escapes. */
export function frame(parts: FrameParts): Uint8Array {
  return wrapped(content(parts));
}

/** Header and body, without flags, checksum and escapes. */
export function content({
  id = 0x0200,
  edition = 2013,
  phone,
  serial = 1,
  part,
  encryption = 0,
  body,
}: FrameParts): number[] {
  const is2019 = edition === 2019;
  const attributes = body.length | (encryption << 10) | (part ? 0x2000 : 0) | (is2019 ? 0x4000 : 0);
  const digits = (phone ?? '13800138000').padStart(is2019 ? 20 : 12, '0');
  const parted = part === undefined ? [] : [...u16(part.total), ...u16(part.index)];
  return [...u16(id), ...u16(attributes), ...(is2019 ? [1] : []), ...bcd(digits), ...u16(serial), ...parted, ...body];
}

/** Checksum, escapes and flags around a content. */
export function wrapped(bytes: readonly number[]): Uint8Array {
  const whole = [...bytes, checksum(Uint8Array.from(bytes))];
  const escaped = whole.flatMap((byte) => (byte === 0x7d ? [0x7d, 1] : byte === 0x7e ? [0x7d, 2] : [byte]));
  return Uint8Array.of(0x7e, ...escaped, 0x7e);
}

export type LocationParts = {
  readonly alarmFlags?: number;
  readonly statusFlags?: number;
  readonly latE6?: number;
  readonly lonE6?: number;
  readonly altitudeM?: number;
  readonly speedDkph?: number;
  readonly headingDeg?: number;
  /** YYMMDDhhmmss, GMT+8. */
  readonly time?: string;
  readonly items?: readonly number[];
};

/** The body of a location report. */
export function location(parts: LocationParts = {}): number[] {
  const { alarmFlags = 0, statusFlags = 3, latE6 = 31_230_400, lonE6 = 121_473_700, altitudeM = 12 } = parts;
  const { speedDkph = 625, headingDeg = 90, time = '261125120000', items = [] } = parts;
  const place = [...u32(latE6), ...u32(lonE6), ...u16(altitudeM), ...u16(speedDkph), ...u16(headingDeg)];
  return [...u32(alarmFlags), ...u32(statusFlags), ...place, ...bcd(time), ...items];
}

export function item(id: number, ...bytes: readonly number[]): number[] {
  return [id, bytes.length, ...bytes];
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function u32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

export function bcd(digits: string): number[] {
  return (digits.match(/../g) ?? []).map((two) => Number.parseInt(two, 16));
}

export function ascii(text: string, length = text.length): number[] {
  return Array.from({ length }, (_, at) => (at < text.length ? text.charCodeAt(at) : 0));
}

/** "7e 02 …" as bytes. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(bcd(text.replaceAll(' ', '')));
}
