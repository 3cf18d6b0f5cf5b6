import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

describe('published vectors', () => {
  test.each([
    ['the check value of the algorithm: "123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['no bytes', new Uint8Array(0), 0],
    ['RFC 3720 B.4: 32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
    ['RFC 3720 B.4: 32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['RFC 3720 B.4: 32 bytes ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['RFC 3720 B.4: 32 bytes descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    [
      'RFC 3720 B.4: an iSCSI SCSI Read (10) command',
      hex('01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000'),
      0xd9963a56,
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

/** The definition, one bit at a time. */
function crcByDefinition(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

test('equals the definition at every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(crc32c(bytes)).toBe(crcByDefinition(bytes));
    }),
  );
});

test('equals the definition from any place to any place of a larger buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 3_000 }), fc.nat(40), fc.nat(40), (buffer, gap, cut) => {
      const bytes = buffer.subarray(gap);
      const to = Math.max(0, bytes.length - cut);
      const from = Math.min(cut, to);
      expect(crc32c(bytes, from, to)).toBe(crcByDefinition(bytes.subarray(from, to)));
    }),
  );
});

test('a frame of 40,024 bytes', () => {
  const frame = Uint8Array.from({ length: 40_024 }, (_, i) => Math.imul(i, 0x9e37_79b1) >>> 24);
  expect(crc32c(frame)).toBe(crcByDefinition(frame));
  expect(crc32c(frame, 24, frame.length, crc32c(frame, 0, 24))).toBe(crcByDefinition(frame));
});

test('a sum may be continued over pieces of a larger array', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
      const [first, second] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      const pieces = crc32c(bytes, second, bytes.length, crc32c(bytes, first, second, crc32c(bytes, 0, first)));
      expect(pieces).toBe(crc32c(bytes));
    }),
  );
});
