/**
 * CRC-32C (Castagnoli): polynomial 0x1EDC6F41, reflected, initial value and final xor 0xFFFFFFFF.
 * Source: RFC 3720 appendix B.4, with the vectors that the tests hold. It finds every error of one to three flipped
 * bits and every burst up to 32 bits in a frame of our size, which Kafka's own checksum does not do for us: that one
 * covers the way through the broker, this one the whole way from the producer's memory.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, previous = 0): number {
  let crc = ~previous;
  let at = from;
  for (const end = to - 7; at < end; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      tables[0x700 + (low & 0xff)]! ^
      tables[0x600 + ((low >>> 8) & 0xff)]! ^
      tables[0x500 + ((low >>> 16) & 0xff)]! ^
      tables[0x400 + (low >>> 24)]! ^
      tables[0x300 + bytes[at + 4]!]! ^
      tables[0x200 + bytes[at + 5]!]! ^
      tables[0x100 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The polynomial with its bits mirrored, as the reflected form wants it. */
const polynomial = 0x82f63b78;

/**
 * Eight tables of 256 in one array ("slicing by eight", Kounavis and Berry 2005): table n holds the CRC of a byte with
 * n zero bytes after it, so that eight bytes go in one step instead of eight that wait for each other.
 */
const tables = buildTables();

function buildTables(): Int32Array {
  const built = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    built[byte] = crc;
  }
  for (let at = 256; at < built.length; at += 1) {
    const shorter = built[at - 256]!;
    built[at] = (shorter >>> 8) ^ built[shorter & 0xff]!;
  }
  return built;
}
