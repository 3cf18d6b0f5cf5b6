import { expect, test } from 'vitest';
import { compareEngines } from './engine-differential.ts';

const lateAndLive = ['live', 'late'];

test('the engine tells of late, duplicated and broken input what a plain one tells, each kind of step among it', async () => {
  const { differing, counters, kinds } = await compareEngines({
    records: 400_000,
    vehicles: 400,
    fences: 4_000,
    seed: 8,
  });
  expect(differing.slice(0, 5), `${differing.length} differ`).toEqual([]);
  for (const count of [counters.late, counters.duplicates, counters.reordered, counters.derivedSpeeds]) {
    expect(count).toBeGreaterThan(1_000);
  }
  for (const reason of ['coordinates-out-of-range', 'clock-ahead', 'vehicle-unknown', 'json-broken'] as const) {
    expect(counters.rejects[reason], reason).toBeGreaterThan(100);
  }
  for (const rule of ['overspeed', 'prohibited-zone', 'sos']) {
    for (const kind of ['raised', 'cleared']) {
      for (const lane of lateAndLive) expect([...kinds.keys()]).toContain(`${rule} ${kind} ${lane}`);
    }
  }
});

/** Another fleet at each run; a failure tells the seed, and with it in the environment the same fleet comes back. */
const seed = Number(process.env['ENGINE_SEED'] ?? Date.now() % 2 ** 31);

test(`and so it is with any fleet (ENGINE_SEED=${seed})`, async () => {
  const { differing, counters, steps } = await compareEngines({ records: 150_000, vehicles: 300, fences: 2_000, seed });
  expect(differing.slice(0, 5), `seed ${seed}: ${differing.length} differ`).toEqual([]);
  expect(Math.min(steps, counters.late, counters.duplicates)).toBeGreaterThan(100);
});
