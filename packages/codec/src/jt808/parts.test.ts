import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Header } from './header.ts';
import { Parts } from './parts.ts';

type Frame = { readonly header: Header; readonly body: Uint8Array };
type FrameParts = { readonly serial: number; readonly total: number; readonly index: number; readonly phone?: string };

function part({ serial, total, index, phone = '1' }: FrameParts, ...body: readonly number[]): Frame {
  const header: Header = {
    id: 0x0704,
    edition: 2013,
    bodyLength: body.length,
    encryption: 0,
    phone: phone.padStart(12, '0'),
    serial: serial & 0xffff,
    part: { total, index },
    size: 16,
  };
  return { header, body: Uint8Array.from(body) };
}

/** What comes of frames: a whole body as its bytes, anything else by its name, the serial of what was lost before it. */
function feed(frames: readonly Frame[], receivedAtMs: readonly number[] = [], parts = new Parts()): unknown[] {
  const told = frames.flatMap(({ header, body }, at) => {
    const answer = parts.take(header, body, receivedAtMs[at]);
    const lost = answer.lost.map((one) => `lost ${one.header.serial}`);
    return [...lost, answer.kind === 'whole' ? [...answer.body] : answer.kind];
  });
  return [...told, ...parts.end().map((one) => `lost ${one.header.serial}`)];
}

/** Two parts whose bytes tell which they are. */
const pair = (serial: number, mark: number): [Frame, Frame] => [
  part({ serial, total: 2, index: 1 }, mark, 1),
  part({ serial: serial + 1, total: 2, index: 2 }, mark, 2),
];

describe('parts', () => {
  const [a1, a2] = pair(10, 7);
  const [b1, b2] = pair(12, 8);
  const a = [7, 1, 7, 2];
  const b = [8, 1, 8, 2];

  test.each<[string, readonly Frame[], readonly unknown[]]>([
    ['told again after the next message began', [a1, b1, a1, a2, b2], ['waiting', 'waiting', 'repeated', a, b]],
    ['of messages between each other', [b2, a2, b1, a1], ['waiting', 'waiting', b, a]],
    ['told again after the message was whole', [a1, a2, a2, a1], ['waiting', a, 'repeated', 'repeated']],
    ['told again after the next message was whole', [a1, a2, b1, b2, a1], ['waiting', a, 'waiting', b, 'repeated']],
    ['that never came, of one of two', [a1, b1, b2], ['waiting', 'waiting', b, 'lost 10']],
    ['over the end of the serials', pair(0xffff, 7).toReversed(), ['waiting', a]],
    ['under serials that began anew, waiting', [a1, ...pair(10, 9)], ['waiting', 'lost 10', 'waiting', [9, 1, 9, 2]]],
    ['under serials that began anew, whole', [a1, a2, ...pair(10, 9)], ['waiting', a, 'waiting', [9, 1, 9, 2]]],
    ['far behind the newest', [a1, ...pair(10 + 5_000, 9)], ['waiting', 'lost 10', 'waiting', [9, 1, 9, 2]]],
    ['a little behind it', [a1, ...pair(10 + 4_000, 9), a2], ['waiting', 'waiting', [9, 1, 9, 2], a]],
  ])('%s', (_what, frames, expected) => expect(feed(frames)).toEqual(expected));

  test('under one serial: the next message is not a later part of one that is not whole', () => {
    const one = (serial: number, index: number): Frame => part({ serial, total: 3, index }, serial, index);
    const frames = [one(5, 1), one(6, 1), one(6, 2), one(6, 2), one(6, 3), one(6, 1)];
    const whole = [6, 1, 6, 2, 6, 3];
    expect(feed(frames)).toEqual(['waiting', 'waiting', 'waiting', 'repeated', whole, 'repeated', 'lost 5']);
  });

  test('are given up after half an hour of silence, by whichever terminal speaks then', () => {
    const minute = 60_000;
    const other = part({ serial: 1, total: 2, index: 1, phone: '2' }, 0);
    expect(feed([a1, a1, a2], [0, 29 * minute, 58 * minute])).toEqual(['waiting', 'repeated', a]);
    expect(feed([a1, other, a2], [0, 31 * minute, 31 * minute])).toEqual([
      'waiting',
      'lost 10',
      'waiting',
      'waiting',
      'lost 1',
      'lost 11',
    ]);
  });
});

describe('the memory for parts has an end', () => {
  test('for messages of one terminal', () => {
    const begun = Array.from({ length: 33 }, (_, at) => pair(at * 2, at)[0]);
    const parts = new Parts();
    const lost = begun.flatMap(({ header, body }) => parts.take(header, body).lost);
    expect(lost.map(({ header }) => header.serial)).toEqual([0]);
    // Whole ones are forgotten first.
    const [w1, w2] = pair(1_000, 1);
    const mixed = [...begun.slice(0, 31), w1, w2, pair(1_002, 2)[0]];
    expect(feed(mixed).filter((one) => String(one).startsWith('lost'))).toHaveLength(32);
    expect(feed([...mixed, w2]).slice(0, 35)).not.toContain('repeated');
  });

  const begun = (count: number, bytes: number): { lost: string[]; waiting: number } => {
    const parts = new Parts();
    const body = new Uint8Array(bytes);
    const lost = Array.from({ length: count }, (_, at) => {
      const { header } = part({ serial: 1, total: 2, index: 1, phone: String(at) });
      return parts.take(header, body).lost;
    }).flat();
    return { lost: lost.map(({ header }) => header.phone), waiting: parts.end().length };
  };

  test('for messages of all terminals', () => {
    const { lost, waiting } = begun(10_002, 1);
    expect(lost).toEqual(['000000000000', '000000000001']);
    expect(waiting).toBe(10_000);
  });

  test('for bytes', () => {
    const { lost, waiting } = begun(20, 1_048_576);
    expect(lost).toEqual(['000000000000', '000000000001', '000000000002', '000000000003']);
    expect(waiting).toBe(16);
  });
});

/** Messages of one terminal and id, each of some parts, and an order to send them in with repeats. */
const messages = fc.array(fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 2, maxLength: 6 }), {
  minLength: 1,
  maxLength: 5,
});

describe('properties', () => {
  test('any interleaving and repetition gives each whole message exactly once, and nothing else', () => {
    fc.assert(
      fc.property(
        messages,
        fc.nat(0xffff),
        fc.array(fc.nat(), { minLength: 90, maxLength: 90 }),
        (list, first, keys) => {
          let serial = first;
          const frames = list.flatMap((bodies) =>
            bodies.map((body, at) => {
              serial += 1;
              return part({ serial, total: bodies.length, index: at + 1 }, ...body);
            }),
          );
          // Each part one to three times.
          const repeated = frames.flatMap((one, at) => Array.from({ length: 1 + (keys[at]! % 3) }, () => one));
          const order = repeated
            .map((one, at) => ({ one, key: keys[at % keys.length]! ^ (at * 0x9e37) }))
            .toSorted((x, y) => x.key - y.key)
            .map(({ one }) => one);
          const told = feed(order);
          const wholes = told.filter((one) => Array.isArray(one)).map(String);
          expect(wholes.toSorted()).toEqual(
            list.map((bodies) => bodies.flatMap((body) => [...body]).join()).toSorted(),
          );
          expect(told.filter((one) => one === 'repeated')).toHaveLength(repeated.length - frames.length);
          expect(told.filter((one) => String(one).startsWith('lost'))).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a message that misses a part is lost once and never whole', () => {
    fc.assert(
      fc.property(messages, fc.nat(4), fc.nat(5), (list, which, missing) => {
        const cut = which % list.length;
        let serial = 0;
        const frames = list.flatMap((bodies, message) =>
          bodies.flatMap((body, at) => {
            serial += 1;
            const isMissing = message === cut && at === missing % bodies.length;
            return isMissing ? [] : [part({ serial, total: bodies.length, index: at + 1 }, ...body)];
          }),
        );
        const told = feed(frames.toReversed());
        expect(told.filter((one) => Array.isArray(one))).toHaveLength(list.length - 1);
        expect(told.filter((one) => String(one).startsWith('lost'))).toHaveLength(1);
      }),
    );
  });
});
