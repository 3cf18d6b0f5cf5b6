import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { content, frame, hex, location, wrapped } from './_terminal.ts';
import { framesIn, unescape } from './framing.ts';
import { hexOf } from './hex.ts';

/** "02 00" of a frame that holds, else why not. */
function told(bytes: Uint8Array | readonly number[]): string[] {
  return framesIn(Uint8Array.from(bytes)).map((one) =>
    'reason' in one ? one.reason : `${one.header.id.toString(16)}/${one.body.length}`,
  );
}

const report = [...frame({ body: location() })];
const heartbeat = [...frame({ id: 2, body: [] })];

test("the standard's own example of escapes", () => {
  expect(hexOf(unescape(hex('30 7d 02 08 7d 01 55')))).toBe('307e087d55');
});

test('what is escaped comes back, and holds', () => {
  const bytes = fc.oneof(fc.nat(255), fc.constantFrom(0x7d, 0x7e, 1, 2));
  const bodies = fc.array(bytes, { maxLength: 300 });
  fc.assert(
    fc.property(bodies, fc.constantFrom<(2013 | 2019)[]>(2013, 2019), fc.nat(0xffff), (body, edition, serial) => {
      const [found, ...others] = framesIn(frame({ id: 0x0900, edition, serial, body }));
      expect(others).toEqual([]);
      expect(found).toMatchObject({ header: { id: 0x0900, edition, serial, bodyLength: body.length } });
      expect([...found!.body!]).toEqual(body);
    }),
  );
});

describe('what terminals do otherwise, and checksum and length prove', () => {
  test.each<[string, readonly number[], readonly string[]]>([
    ['two frames', [...report, ...heartbeat], ['200/28', '2/0']],
    ['two flags in a row', [0x7e, ...report, 0x7e, 0x7e], ['200/28']],
    ['a shared flag', [...report, ...heartbeat.slice(1)], ['200/28', '2/0']],
    ['no flag between two', [...report.slice(0, -1), ...heartbeat.slice(1)], ['200/28', '2/0']],
    [
      'no flag between three',
      [...report.slice(0, -1), ...heartbeat.slice(1, -1), ...report.slice(1)],
      ['200/28', '2/0', '200/28'],
    ],
    ['no flags at all', report.slice(1, -1), ['200/28']],
    ['no first flag', report.slice(1), ['200/28']],
    ['no last flag', report.slice(0, -1), ['200/28']],
    ['a 7e that was not escaped', [...bare(0x0900, [1, 0x7e, 3])], ['900/3']],
    ['two of them in a row', [...bare(0x0900, [1, 0x7e, 0x7e, 3])], ['900/4']],
    ['a 7d that was not escaped', [...bare(0x0900, [1, 0x7d, 3])], ['900/3']],
  ])('%s', (_what, bytes, expected) => expect(told(bytes)).toEqual(expected));

  /** A frame of a terminal that escapes nothing. */
  function bare(id: number, body: readonly number[]): Uint8Array {
    const inside = content({ id, body });
    return Uint8Array.of(
      0x7e,
      ...inside,
      inside.reduce((xor, byte) => xor ^ byte, 0),
      0x7e,
    );
  }
});

describe('what is no frame', () => {
  test.each<[string, readonly number[], readonly string[]]>([
    ['nothing', [], ['frame-too-short']],
    ['a flag', [0x7e], ['frame-too-short']],
    ['flags', [0x7e, 0x7e, 0x7e], ['frame-too-short']],
    ['too few bytes', [0x7e, 1, 2, 3, 0x7e], ['frame-too-short']],
    [
      'a header of 2019 that is cut off',
      [...wrapped(content({ id: 2, edition: 2019, body: [] }).slice(0, 14))],
      ['frame-too-short'],
    ],
    ['a wrong checksum', report.with(20, report[20]! ^ 0x10), ['bad-checksum']],
    ['two of them are one', [...report.with(20, 0x55), ...report.with(21, 0x55)], ['bad-checksum']],
    ['a wrong one beside a good one', [...report.with(20, 0x55), ...heartbeat], ['bad-checksum', '2/0']],
    ['noise before a frame', [9, 9, ...report], ['flag-missing', '200/28']],
    ['noise behind a frame', [...report, 9, 9], ['200/28', 'flag-missing']],
    ['a body longer than told', [...longer(2)], ['length-mismatch']],
    ['a body shorter than told', [...longer(-3)], ['length-mismatch']],
  ])('%s', (_what, bytes, expected) => expect(told(bytes)).toEqual(expected));

  test('a wrong length hands out the body, unless a broken escape explains it', () => {
    expect(framesIn(longer(2))[0]!.body).toHaveLength(28);
    expect(framesIn(longer(1))[0]!.body).toHaveLength(28);
    // 7E was sent as 7D 02; the lowest bit of 7D fell over.
    const broken = hex(hexOf(frame({ body: location({ altitudeM: 0x7e }) })).replace('7d02', '7c02'));
    expect(framesIn(broken)).toMatchObject([{ reason: 'length-mismatch', header: { id: 0x0200 } }]);
    expect(framesIn(broken)[0]).not.toHaveProperty('body');
  });

  test('zeros behind the checksum do not belong to the body', () => {
    const [found] = framesIn(Uint8Array.of(...report.slice(0, -1), 0, 0x7e));
    expect(found).toMatchObject({ reason: 'length-mismatch' });
    expect(found!.body).toHaveLength(28);
  });

  /** A frame whose body has some bytes more than its header says. */
  function longer(bytes: number): Uint8Array {
    const inside = content({ body: location() });
    return wrapped(inside.with(3, inside[3]! - bytes));
  }
});

test('the bit of 2019 before a header of 2013 is told by the length', () => {
  const inside = content({ body: location() });
  const [found] = framesIn(wrapped(inside.with(2, 0x40)));
  expect(found).toMatchObject({ header: { edition: 2013, phone: '013800138000', bodyLength: 28 } });
});

test('any bytes make at least one outcome, and no exception', () => {
  const bytes = fc.oneof(fc.nat(255), fc.constantFrom(0x7e, 0x7d, 1, 2, 0));
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 200 }), (list) => told(list).length > 0),
    { numRuns: 2_000 },
  );
});
