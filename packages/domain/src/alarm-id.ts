/**
 * The identity of an alarm: 32 hexadecimal digits of MurmurHash3 x86 128 (Austin Appleby, public domain) over the
 * vehicle, the rule, the fence, the start of the episode and the lane. The same telemetry gives the same id however
 * often and wherever it is played.
 *
 * The causing record's offset is left out on purpose: the same episode keeps its id when its telemetry is replayed
 * into another log, and at most one episode of a vehicle, rule and fence can start at one time of one lane.
 */
export function alarmId(vehicleId: string, rule: string, fenceId: string, startedAtMs: number, late: boolean): string {
  return murmur3x128(`${vehicleId}\u0000${rule}\u0000${fenceId}\u0000${startedAtMs}\u0000${late ? 'late' : 'live'}`);
}

const c1 = 0x239b961b;
const c2 = 0xab0e9789;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93;

/** MurmurHash3 x86 128, seed 0, of the string's UTF-8 bytes, as four 32-bit words in hexadecimal. */
export function murmur3x128(text: string): string {
  const bytes = utf8(text);
  const blocks = bytes.length >>> 4;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let block = 0; block < blocks; block += 1) {
    const at = block * 16;
    h1 ^= Math.imul(rotl(Math.imul(word(bytes, at), c1), 15), c2);
    h1 = (Math.imul(rotl(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotl(Math.imul(word(bytes, at + 4), c2), 16), c3);
    h2 = (Math.imul(rotl(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotl(Math.imul(word(bytes, at + 8), c3), 17), c4);
    h3 = (Math.imul(rotl(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotl(Math.imul(word(bytes, at + 12), c4), 18), c1);
    h4 = (Math.imul(rotl(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const tail = blocks * 16;
  // Words past the end read as zero, and a zero word mixes to zero: the reference's fall-through switch.
  h4 ^= Math.imul(rotl(Math.imul(word(bytes, tail + 12), c4), 18), c1);
  h3 ^= Math.imul(rotl(Math.imul(word(bytes, tail + 8), c3), 17), c4);
  h2 ^= Math.imul(rotl(Math.imul(word(bytes, tail + 4), c2), 16), c3);
  h1 ^= Math.imul(rotl(Math.imul(word(bytes, tail), c1), 15), c2);
  return finish(h1 ^ bytes.length, h2 ^ bytes.length, h3 ^ bytes.length, h4 ^ bytes.length);
}

function finish(a: number, b: number, c: number, d: number): string {
  let h1 = (a + b + c + d) | 0;
  const h2 = mix((b + h1) | 0);
  const h3 = mix((c + h1) | 0);
  const h4 = mix((d + h1) | 0);
  h1 = mix(h1);
  h1 = (h1 + h2 + h3 + h4) | 0;
  return [h1, h2 + h1, h3 + h1, h4 + h1].map((h) => (h >>> 0).toString(16).padStart(8, '0')).join('');
}

function rotl(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

function mix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Four bytes little-endian; what lies past the end is zero. */
function word(bytes: readonly number[], at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** UTF-8 by hand: ring 0 has no TextEncoder, and only alarms pass here. */
function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return bytes;
}
