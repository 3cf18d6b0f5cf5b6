import { expect, test } from 'vitest';
import { faultKinds, planFaults } from './chaos-plan.ts';

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

test.each(seeds)('seed %i: three minutes have every kind, in order of time, with calm before and after', (seed) => {
  const plan = planFaults(3, seed);
  expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(Object.keys(faultKinds)));
  const times = plan.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(10_000);
  expect(times.at(-1)).toBeLessThanOrEqual(170_000);
  for (const { kind, forMs } of plan) {
    const [fromS, toS] = faultKinds[kind];
    expect(forMs).toBeGreaterThanOrEqual(fromS * 1_000);
    expect(forMs).toBeLessThanOrEqual(toS * 1_000);
  }
});

test.each(seeds)('seed %i: workers are added before they are taken away, in a round as in the next', (seed) => {
  const scales = planFaults(7, seed)
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith('scale-'));
  expect(scales).toEqual(scales.map((_, at) => (at % 2 === 0 ? 'scale-out' : 'scale-in')));
});

test('the seed decides, and nothing else', () => {
  expect(planFaults(3, 7)).toEqual(planFaults(3, 7));
  expect(planFaults(3, 7)).not.toEqual(planFaults(3, 8));
});

test('a short run has what fits into it', () => {
  expect(planFaults(1, 1)).toHaveLength(4);
  expect(planFaults(0.1, 1)).toHaveLength(1);
});

test('a plan of some kinds alone has no others', () => {
  const kinds = planFaults(3, 1, ['kill-ingest', 'scale-out']).map(({ kind }) => kind);
  expect(kinds).toHaveLength(19);
  expect(new Set(kinds)).toEqual(new Set(['kill-ingest', 'scale-out']));
});
