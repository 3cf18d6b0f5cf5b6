/**
 * CRC-32C (Castagnoli): polynomial 0x1EDC6F41, reflected, initial value and final xor 0xFFFFFFFF.
 * Source: RFC 3720 appendix B.4, with the vectors that the tests hold. It finds every error of one to three flipped
 * bits and every burst up to 32 bits in a frame of our size, which Kafka's own checksum does not do for us: that one
 * covers the way through the broker, this one the whole way from the producer's memory.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, previous = 0): number {
  let crc = ~previous;
  let at = from;
  if (to - from >= 2 * blockSize) {
    at = to - ((to - from) % blockSize);
    crc = crcOfBlocks(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), from, at, crc);
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ byteTable[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** Three words of 32 bits, one for each of three sums that do not wait for each other. */
const blockSize = 12;

/**
 * The sum of whole blocks, at least one. Each of the three sums takes every third word, as if the words between were
 * zero ("braiding", Kadatch and Jenkins 2010); the last block lets them flow together. A word is looked up in pieces of
 * 11, 11 and 10 bits: three look-ups, not four, in tables of 20 KB, which the first-level cache holds.
 *
 * Measured 2026-11 on a shared, busy 2-core machine, for each 40 bytes of a 40 KB frame, medians of rounds that took
 * turns: 27 ns at any alignment, 64 ns with slicing by eight bytes, 40 ns by sixteen. Words read through an Int32Array
 * were no faster than through the view.
 */
function crcOfBlocks(view: DataView, from: number, to: number, crc: number): number {
  let first = crc;
  let second = 0;
  let third = 0;
  let at = from;
  for (const last = to - blockSize; at < last; at += blockSize) {
    const a = first ^ view.getInt32(at, true);
    const b = second ^ view.getInt32(at + 4, true);
    const c = third ^ view.getInt32(at + 8, true);
    first = lowTable[a & 0x7ff]! ^ middleTable[(a >>> 11) & 0x7ff]! ^ highTable[a >>> 22]!;
    second = lowTable[b & 0x7ff]! ^ middleTable[(b >>> 11) & 0x7ff]! ^ highTable[b >>> 22]!;
    third = lowTable[c & 0x7ff]! ^ middleTable[(c >>> 11) & 0x7ff]! ^ highTable[c >>> 22]!;
  }
  const one = overBytes(first ^ view.getInt32(at, true), 4);
  const two = overBytes(one ^ second ^ view.getInt32(at + 4, true), 4);
  return overBytes(two ^ third ^ view.getInt32(at + 8, true), 4);
}

/** What a sum becomes over `count` bytes, already added to it or zero. */
function overBytes(sum: number, count: number): number {
  let crc = sum;
  for (let i = 0; i < count; i += 1) crc = (crc >>> 8) ^ byteTable[crc & 0xff]!;
  return crc;
}

/** The polynomial with its bits mirrored, as the reflected form wants it. */
const polynomial = 0x82f63b78;

/** The sum of one byte. */
const byteTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
  return crc;
});

/** The sums over a block of the pieces of its first word: bits 0-10, 11-21 and 22-31. */
const lowTable = pieceTable(11, 0);
const middleTable = pieceTable(11, 11);
const highTable = pieceTable(10, 22);

function pieceTable(bits: number, shift: number): Int32Array {
  return Int32Array.from({ length: 1 << bits }, (_, piece) => overBytes(piece << shift, blockSize));
}
