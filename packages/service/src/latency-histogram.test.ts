import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test.each([
  ['nothing', [], 0.99, Number.NaN],
  ['one value', [7], 0.5, 7],
  ['the middle of an odd count', [1, 2, 30], 0.5, 2],
  ['two clocks that differ', [-5], 0.99, 0],
  ['halves are rounded', [1.5], 0.99, 2],
  ['p99 of a hundred is the second largest', [...Array.from({ length: 98 }, () => 3), 50, 60], 0.99, 50],
  ['the maximum is exact, never its bucket', [1_000_001], 1, 1_000_001],
])('quantile of %s', (_name, values, share, expected) => {
  expect(histogramOf(values).quantileMs(share)).toBe(expected);
});

test('a quantile is never below the true one, and above it by 1/32 at most', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
      const told = histogramOf(values).quantileMs(share);
      expect(told).toBeGreaterThanOrEqual(exact);
      expect(told).toBeLessThanOrEqual(exact * (1 + 1 / 32));
    }),
  );
});

test('counts up to a bound grow with it, and end at the count', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (values) => {
      const histogram = histogramOf(values);
      const counts = [10, 63, 100, 1_000, 200_000].map((bound) => histogram.countUpTo(bound));
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(counts[1]).toBe(values.filter((value) => value <= 63).length);
      expect(counts.at(-1)).toBe(histogram.count);
    }),
  );
});

test('the sum of two histograms is the histogram of both', () => {
  const sum = histogramOf([1, 100, 5_000]);
  sum.add(histogramOf([2, 70_000]));
  const both = histogramOf([1, 100, 5_000, 2, 70_000]);
  expect([sum.count, sum.sumMs, sum.maxMs, sum.quantileMs(0.5)]).toEqual([
    both.count,
    both.sumMs,
    both.maxMs,
    both.quantileMs(0.5),
  ]);
});
