import type { Fix } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isReject } from '../reject.ts';
import { frame, item, location } from './_terminal.ts';
import { Jt808Decoder } from './decoder.ts';

/** The time of `location`. */
const at = Date.UTC(2026, 10, 25, 4, 0, 0);

/** Bytes of which many are flags, escapes and what looks like them. */
const spiky = fc.oneof(fc.nat(255), fc.constantFrom(0x7c, 0x7d, 0x7e, 0x7f, 0, 1, 2, 3));
const anyLocation = fc.record({
  alarmFlags: fc.nat(0xffff_ffff),
  latE6: fc.oneof(fc.nat(90_000_000), fc.constantFrom(0x7e7d, 0x017d7e02)),
  lonE6: fc.oneof(fc.nat(180_000_000), fc.constantFrom(0x7e7e7e, 0x7d027e)),
  altitudeM: fc.nat(9_000),
  speedDkph: fc.nat(2_000),
  headingDeg: fc.nat(359),
  items: fc
    .array(fc.tuple(fc.constantFrom(0x02, 0x25, 0x2b, 0x30, 0xe1), fc.array(spiky, { maxLength: 6 })), { maxLength: 4 })
    .map((list) => list.flatMap(([id, bytes]) => item(id, ...bytes))),
});

function baseOf(fix: Fix): object {
  const { vehicleId, fixedAtMs, lonDeg, latDeg, speedKph, headingDeg, altitudeM, alarmFlags, statusFlags } = fix;
  return { vehicleId, fixedAtMs, lonDeg, latDeg, speedKph, headingDeg, altitudeM, alarmFlags, statusFlags };
}

function goodFixes(bytes: Uint8Array): Fix[] {
  const frames = new Jt808Decoder().decode(bytes);
  const fixes = frames.flatMap((one) => (one.kind === 'message' ? one.fixes.map(({ parsed }) => parsed) : []));
  return fixes.filter((fix): fix is Fix => !isReject(fix));
}

describe('properties', () => {
  test('what a terminal writes is what is read', () => {
    fc.assert(
      fc.property(anyLocation, fc.constantFrom<(2013 | 2019)[]>(2013, 2019), (parts, edition) => {
        const [fix, ...others] = goodFixes(frame({ edition, body: location(parts) }));
        expect(others).toEqual([]);
        expect(fix).toMatchObject({
          lonDeg: parts.lonE6 / 1e6,
          latDeg: parts.latE6 / 1e6,
          speedKph: parts.speedDkph / 10,
          headingDeg: parts.headingDeg,
          altitudeM: parts.altitudeM,
          fixedAtMs: at,
        });
        // Bits that the edition reserves are in the raw word alone.
        expect(fix?.sensors?.['alarmFlagsRaw'] ?? fix?.alarmFlags).toBe(parts.alarmFlags);
      }),
    );
  });

  test('a frame cut off anywhere is refused or, where its last flag alone is missing, read', () => {
    fc.assert(
      fc.property(anyLocation, (parts) => {
        const bytes = frame({ body: location(parts) });
        const whole = goodFixes(bytes);
        expect(goodFixes(bytes.subarray(0, -1))).toEqual(whole);
        for (let length = 0; length < bytes.length - 1; length += 1) {
          const found = goodFixes(bytes.subarray(0, length));
          // A checksum of 7D is sent as 7D 01: without the 01 it still is one.
          if (bytes[length] !== 1) expect(found).toEqual([]);
          else if (found.length > 0) expect(found).toEqual(whole);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('no bit that falls over changes what is read', () => {
    fc.assert(
      fc.property(anyLocation, fc.constantFrom<(2013 | 2019)[]>(2013, 2019), (parts, edition) => {
        const bytes = frame({ edition, body: location(parts) });
        const [whole] = goodFixes(bytes);
        for (let bit = 0; bit < bytes.length * 8; bit += 1) {
          const fallen = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
          for (const fix of goodFixes(fallen)) {
            expect(baseOf(fix)).toEqual(baseOf(whole!));
            // What is cut off at a flag that the bit made is missing, nothing else is there.
            expect(whole!.sensors ?? {}).toMatchObject(fix.sensors ?? {});
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('any bytes in a body are read or refused, and never an exception', () => {
    const ids = fc.constantFrom(0x0001, 0x0100, 0x0102, 0x0200, 0x0201, 0x0500, 0x0702, 0x0704, 0x0900, 0xe000);
    const parts = fc.option(fc.record({ total: fc.nat(4), index: fc.nat(4) }), { nil: undefined });
    const decoder = new Jt808Decoder();
    fc.assert(
      fc.property(
        ids,
        fc.constantFrom<(2013 | 2019)[]>(2013, 2019),
        parts,
        fc.array(spiky, { maxLength: 120 }),
        (id, edition, part, body) => {
          const found = decoder.decode(frame({ id, edition, body, ...(part && { part }) }));
          expect(found.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(Array.isArray(decoder.end())).toBe(true);
  });
});
