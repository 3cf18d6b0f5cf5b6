import type { Reject } from '@haulwatch/domain';
import { crc32c } from './crc32c.ts';
import {
  frameFlag,
  frameMagic0,
  frameMagic1,
  frameRowsMax,
  frameVersion,
  headerAt,
  headerSize,
  rowSize,
} from './frame-layout.ts';
import { reject } from './reject.ts';
import { isPlausibleTime } from './time-range.ts';

/** A frame whose header and checksum are good. Its rows have not been looked at. */
export type CheckedFrame = {
  readonly view: DataView;
  readonly count: number;
  readonly receivedAtMs: number;
  /** `frameFlag` bits. */
  readonly flags: number;
};

/**
 * Checks everything of a frame that does not belong to one row. The checksum comes before the fields that any value
 * could stand in, so that damage on the way is told as such, and after those that say how long the frame is.
 */
export function checkFrame(bytes: Uint8Array): CheckedFrame | Reject {
  const magicIsBroken = (bytes[0] ?? frameMagic0) !== frameMagic0 || (bytes[1] ?? frameMagic1) !== frameMagic1;
  if (magicIsBroken) return reject('unknown-magic', 'a frame begins with the letters FW');
  if (bytes.length < headerSize) {
    return reject('frame-truncated', `a frame has ${headerSize} bytes of header, found ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(headerAt.count, true);
  const flags = view.getUint8(headerAt.flags);
  const receivedAtMs = view.getFloat64(headerAt.receivedAtMs, true);
  return checkShape(view, count) ?? checkContent(bytes, view) ?? { view, count, receivedAtMs, flags };
}

function checkShape(view: DataView, count: number): Reject | undefined {
  const version = view.getUint8(headerAt.version);
  if (version !== frameVersion) {
    return reject('unsupported-version', `frame version ${version}: this Haulwatch reads version ${frameVersion}`);
  }
  const size = view.getUint16(headerAt.rowSize, true);
  if (size !== rowSize) return reject('frame-malformed', `rows of version 1 have ${rowSize} bytes, found ${size}`);
  if (count > frameRowsMax) {
    return reject('frame-malformed', `a frame has at most ${frameRowsMax} rows, found ${count}`);
  }
  const length = headerSize + rowSize * count;
  if (view.byteLength === length) return undefined;
  const reason = view.byteLength < length ? 'frame-truncated' : 'frame-malformed';
  return reject(reason, `a frame of ${count} rows has ${length} bytes, found ${view.byteLength}`);
}

function checkContent(bytes: Uint8Array, view: DataView): Reject | undefined {
  const told = view.getUint32(headerAt.crc, true);
  const found = frameCrc(bytes);
  if (told !== found) {
    return reject('frame-crc-mismatch', `checksum: the header says ${hex(told)}, the bytes make ${hex(found)}`);
  }
  const flags = view.getUint8(headerAt.flags);
  if ((flags & ~frameFlag.blindZone) !== 0) return reject('frame-malformed', `unknown bits in the flags ${hex(flags)}`);
  if (view.getUint32(headerAt.reserved, true) !== 0) return reject('frame-malformed', 'the reserved bytes are not 0');
  const receivedAtMs = view.getFloat64(headerAt.receivedAtMs, true);
  if (!Number.isInteger(receivedAtMs) || !isPlausibleTime(receivedAtMs)) {
    return reject('frame-malformed', `receivedAt: expected whole ms between 2000 and 2100, found ${receivedAtMs}`);
  }
  return undefined;
}

/** The checksum of a frame's bytes, without the field that holds it. */
export function frameCrc(bytes: Uint8Array): number {
  return crc32c(bytes, headerSize, bytes.length, crc32c(bytes, 0, headerAt.crc));
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
