import { headerSizeMin, readHeader, type Header } from './header.ts';
import { refusal, type Refusal } from './refusal.ts';

const flag = 0x7e;
const escape = 0x7d;

/** A frame that holds: its checksum, and as many bytes as its header says. */
type CheckedFrame = { readonly header: Header; readonly body: Uint8Array };
/** With its header where the checksum holds and the length does not, and with the body where that one can be trusted. */
type BrokenFrame = Refusal & Partial<CheckedFrame>;
export type FoundFrame = CheckedFrame | BrokenFrame;

/** How many flags inside a frame are looked over: a terminal that forgets to escape them sends one or two. */
const bareFlagsMax = 4;
/** How many frames without any flag between them are told apart. */
const runMax = 16;

/**
 * The frames in some bytes, each between two flags. What terminals do otherwise is let pass where checksum and length
 * prove it: neighbours share a flag or have none between them, the first or the last flag is missing, a 7E in the
 * body was not escaped and cuts the frame in two.
 */
export function framesIn(bytes: Uint8Array): FoundFrame[] {
  const flags: number[] = [];
  for (let at = bytes.indexOf(flag); at >= 0; at = bytes.indexOf(flag, at + 1)) flags.push(at);
  const frames: FoundFrame[] = [];
  const first = flags[0] ?? bytes.length;
  if (first > 0) frames.push(...unflagged(bytes.subarray(0, first)));
  for (let from = 0; from < flags.length - 1;) {
    const to = frameEnd(bytes, flags, from) ?? from + 1;
    const content = bytes.subarray(flags[from]! + 1, flags[to]);
    if (content.length > 0) frames.push(...framesOf(unescape(content)));
    from = to;
  }
  const last = flags.at(-1) ?? bytes.length;
  if (last < bytes.length - 1) frames.push(...unflagged(bytes.subarray(last + 1)));
  // A flag alone, or some of them: a line that holds no frame is told of all the same.
  return frames.length === 0 ? [refusal('frame-too-short', 'nothing but flags')] : withoutSplinters(frames);
}

/** Neighbours that are no frames are one broken frame: a bit that fell over makes flags too. */
function withoutSplinters(frames: readonly FoundFrame[]): FoundFrame[] {
  const whole: FoundFrame[] = [];
  for (const frame of frames) {
    const before = whole.at(-1);
    if (before === undefined || !isSplinter(before) || !isSplinter(frame)) whole.push(frame);
    // The checksum says more than that there are too few bytes.
    else if (before.reason !== 'bad-checksum') whole[whole.length - 1] = frame;
  }
  return whole;
}

function isSplinter(frame: FoundFrame): frame is BrokenFrame {
  return 'reason' in frame && frame.header === undefined;
}

/** Which flag ends a frame that holds, seen from the flag that begins it. */
function frameEnd(bytes: Uint8Array, flags: readonly number[], from: number): number | undefined {
  if (flags[from + 1] === flags[from]! + 1) return undefined;
  const last = Math.min(flags.length - 1, from + 1 + bareFlagsMax);
  for (let to = from + 1; to <= last; to += 1) {
    if (holds(checkFrame(bytes.subarray(flags[from]! + 1, flags[to])))) return to;
  }
  return undefined;
}

function unflagged(escaped: Uint8Array): FoundFrame[] {
  const frames = framesOf(unescape(escaped));
  if (frames.every(holds)) return frames;
  const [{ reason, detail } = refusal('frame-too-short', '')] = frames.filter((one) => 'reason' in one);
  return [refusal('flag-missing', `no 7e begins or ends it, and by itself it is no frame (${reason}: ${detail})`)];
}

function holds(frame: FoundFrame): boolean {
  return !('reason' in frame);
}

/**
 * A frame with its own checksum, zeros included, adds up to nothing. So frames that lost the flags between them, or one with
 * zeros after its checksum, look like a frame whose checksum holds and whose header tells of fewer bytes than there are:
 * they are cut where the header says that the first one ends, if that one holds.
 */
function framesOf(content: Uint8Array, left = runMax): FoundFrame[] {
  const whole = checkContent(content);
  if (!('reason' in whole) || whole.header === undefined || whole.body === undefined) return [whole];
  const end = whole.header.size + whole.header.bodyLength + 1;
  if (left === 1 || end >= content.length) return [whole];
  const first = checkContent(content.subarray(0, end));
  if ('reason' in first) return [whole];
  const rest = framesOf(content.subarray(end), left - 1);
  if (rest.every(holds)) return [first, ...rest];
  // What follows is no frame: the first one is what was sent, and the bytes after it are told as its wrong length.
  return [{ ...whole, body: first.body }];
}

/** Checks what stands between two flags. */
function checkFrame(escaped: Uint8Array): FoundFrame {
  return checkContent(unescape(escaped));
}

/** The checksum comes first: under a wrong one no field means anything. */
function checkContent(content: Uint8Array): FoundFrame {
  if (content.length < headerSizeMin + 1) {
    return refusal('frame-too-short', `${content.length} bytes; header and checksum alone have ${headerSizeMin + 1}`);
  }
  const told = content.at(-1)!;
  const found = checksum(content.subarray(0, -1));
  if (told !== found) return refusal('bad-checksum', `the frame says ${told}, its bytes make ${found}`);
  const header = readHeader(content.subarray(0, -1));
  if (header === undefined) return refusal('frame-too-short', `${content.length} bytes end inside the header`);
  const body = content.subarray(header.size, -1);
  if (body.length === header.bodyLength) return { header, body };
  const detail = `the header tells of ${header.bodyLength} bytes of body, there are ${body.length}`;
  const broken = { ...refusal('length-mismatch', detail), header };
  return Math.abs(body.length - header.bodyLength) === 1 && hasEscapes(content) ? broken : { ...broken, body };
}

/**
 * Whether one bit that fell over may have made or broken an escape: 7D 02 and 7C 02, 7D 01 and 7D 00 have the same
 * XOR, so that the checksum still holds and there is one byte more or less.
 */
function hasEscapes(content: Uint8Array): boolean {
  return content.some((byte, at) => {
    const next = content[at + 1];
    return byte === flag || byte === escape || (byte === 0x7c && (next === 1 || next === 2));
  });
}

/**
 * 7D 02 is 7E and 7D 01 is 7D. A 7D before anything else was not escaped and stands for itself: whether the frame is
 * what was sent is the checksum's to say.
 */
export function unescape(escaped: Uint8Array): Uint8Array {
  if (!escaped.includes(escape)) return escaped;
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let at = 0; at < escaped.length; at += 1) {
    const byte = escaped[at]!;
    const next = byte === escape ? escaped[at + 1] : undefined;
    bytes[length] = next === 0x02 ? flag : byte;
    length += 1;
    if (next === 0x01 || next === 0x02) at += 1;
  }
  return bytes.subarray(0, length);
}

/** XOR of all bytes from the header to the end of the body. */
export function checksum(content: Uint8Array): number {
  let xor = 0;
  for (const byte of content) xor ^= byte;
  return xor;
}
