import { readBcdTime } from './bcd-time.ts';
import { decodeGbk } from './gbk.ts';
import { hexOf } from './hex.ts';

/**
 * Reads a body forward, big-endian. Past the end it hands out zeros and remembers it in `isShort`, so that a decoder
 * reads straight through and asks once, at its end.
 */
export class ByteReader {
  at = 0;
  isShort = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  u8(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) this.isShort = true;
    else this.at += 1;
    return byte ?? 0;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** The next bytes, fewer where there are not so many. */
  take(length: number): Uint8Array {
    if (length > this.left) this.isShort = true;
    const from = this.at;
    this.at = Math.min(this.#bytes.length, from + length);
    return this.#bytes.subarray(from, this.at);
  }

  /** BCD as its digits. Vendors put hexadecimal ones there too: they are kept as they are. */
  digits(bytes: number): string {
    return hexOf(this.take(bytes));
  }

  text(bytes: number): string {
    return decodeGbk(this.take(bytes));
  }

  /** BCD[6], ms since the epoch; undefined: no time. */
  time(): number | undefined {
    return readBcdTime(this.take(6));
  }
}
