import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { plainAlarms } from './_plain-engine.ts';
import { hushedAlike, plainStep, sortedSteps } from './_plain-step.ts';
import { nothingTold } from './_catalogue.ts';
import { liveTracks, policies, tracks, world } from './_tracks.ts';
import { Trial } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 60_000 });

const classes = new Map(world.vehicles?.map((vehicle) => [vehicle.id, vehicle.class]));

test('the engine raises what a plain one finds in the whole track', () => {
  fc.assert(
    fc.property(liveTracks, policies, (rows, policy) => {
      const trial = new Trial({ ...world, policy });
      const told = sortedSteps(trial.feed(rows).map(plainStep));
      expect(told).toEqual(hushedAlike(plainAlarms(rows, policy, classes), told));
      // No row was turned away: the two have looked at the same fixes.
      expect(trial.engine.counters).toMatchObject({ late: 0, reordered: 0, rejects: {} });
    }),
    { numRuns: 400 },
  );
});

test('and so with every fix on the long road, late ones too', () => {
  fc.assert(
    fc.property(tracks, policies, (rows, policy) => {
      const long = new Trial({ ...world, policy });
      const told = long.feed(rows.map((row) => ({ ...row, extra: nothingTold })));
      expect(new Trial({ ...world, policy }).feed(rows)).toEqual(told);
    }),
    { numRuns: 200 },
  );
});

test('both tell enough, so that they do not agree for want of alarms', () => {
  const seen = new Map<string, number>();
  // Always the same tracks: among others a kind can be too rare by chance.
  for (const [rows, policy] of fc.sample(fc.tuple(liveTracks, policies), { seed: 20_261_125, numRuns: 800 })) {
    for (const { rule, kind, gap } of new Trial({ ...world, policy }).feed(rows).map(plainStep)) {
      const key = `${rule} ${kind}${gap === true ? ' gap' : ''}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  const expected = [
    'overspeed raised',
    'overspeed escalated',
    'overspeed cleared',
    'overspeed cleared gap',
    'prohibited-zone raised',
    'prohibited-zone cleared',
    'sos raised',
    'sos cleared',
    'sos cleared gap',
  ];
  expect(expected.filter((told) => (seen.get(told) ?? 0) <= 3)).toEqual([]);
});
