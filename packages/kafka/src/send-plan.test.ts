import type { NewLogRecord } from '@haulwatch/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, place, Slice, type Job } from './send-plan.ts';

const million = new Uint8Array(1_000_000);
const sizes = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 300_000, max: 900_000 }));
const calls = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 3 }), sizes), { maxLength: 40 })
  .map((drawn) =>
    drawn.map(([partition, size], n): NewLogRecord => ({ partition, key: `${n}`, value: million.subarray(0, size) })),
  );

describe('a call is cut into requests', () => {
  test('that keep each record, the order of a partition, and the limits of Kafka', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const slices = cut('topic', call);
        for (const partition of [0, 1, 2, 3]) {
          const sent = slices.flatMap((it) => (it.groups.get(partition) ?? []).map((message) => message.key));
          expect(sent).toEqual(call.filter((it) => it.partition === partition).map((it) => it.key));
        }
        for (const slice of slices) {
          const groups = [...slice.groups.values()].map((it) => sum(it.map((message) => message.value!.length)));
          expect(slice.groups.size).toBeGreaterThan(0);
          expect(Math.max(...groups)).toBeLessThanOrEqual(1_000_000);
          expect(sum(groups)).toBeLessThanOrEqual(4_000_000);
        }
      }),
    );
  });

  test.each([
    [10_000, 1],
    [10_001, 2],
    [25_000, 3],
  ])('%i small records of a partition make %i', (count, requests) => {
    expect(
      cut(
        'topic',
        Array.from({ length: count }, () => sized(10)),
      ),
    ).toHaveLength(requests);
  });

  test('and is refused where a record has more than a million bytes', () => {
    expect(cut('topic', [sized(1_000_000)])).toHaveLength(1);
    expect(() => cut('topic', [sized(10), sized(1_000_001)])).toThrow(/has 1000001 bytes, the limit is 1000000/);
  });
});

test.each([
  [[sized(600_000)], [sized(300_000)], true],
  [[sized(600_000)], [sized(600_000)], false],
  [[sized(600_000)], [sized(600_000, 1)], true],
  [[0, 1, 2, 3].map((it) => sized(900_000, it)), [sized(900_000, 4)], false],
  [Array.from({ length: 9_999 }, () => sized(1)), [sized(1)], true],
  [Array.from({ length: 9_999 }, () => sized(1)), [sized(1), sized(1)], false],
])('calls share a request only where both fit (%#)', (first, second, fits) => {
  const request = new Slice();
  expect(request.take(cut('topic', first)[0]!)).toBe(true);
  expect(request.take(cut('topic', second)[0]!)).toBe(fits);
  const messages = sum([...request.groups.values()].map((it) => it.length));
  expect(messages).toBe(first.length + (fits ? second.length : 0));
});

test('places that touch are one; where somebody wrote in between there are two', () => {
  const job: Job = {
    topic: 'topic',
    slices: [],
    nextSlice: 0,
    placed: new Map(),
    resolve: () => undefined,
    reject: () => undefined,
  };
  place(job, 0, 10, 5);
  place(job, 0, 15, 5);
  place(job, 0, 21, 5);
  place(job, 1, 0, 1);
  expect([...job.placed.values()].flat()).toEqual([
    { partition: 0, baseOffset: 10, count: 10 },
    { partition: 0, baseOffset: 21, count: 5 },
    { partition: 1, baseOffset: 0, count: 1 },
  ]);
});

function sized(bytes: number, partition = 0): NewLogRecord {
  return { partition, key: null, value: new Uint8Array(bytes) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, it) => total + it, 0);
}
