import { catalogueRuleIds, suppressions, type AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { busyTracks, busyWorldAt, nothingTold } from './_catalogue.ts';
import { Trial, type TrackRow, type TrialOptions } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 120_000 });

const runs = { numRuns: 200 };
const weekS = 7 * 86_400;
const flood = { toldMax: { value: 3, source: 'test' }, withinS: { value: 60, source: 'test' } };

/** The busy world, in which a vehicle soon tells too much. */
function floodedWorldAt(shiftMs: number): TrialOptions {
  const world = busyWorldAt(shiftMs);
  return { ...world, policy: { ...world.policy, flood } };
}

const floodedWorld = floodedWorldAt(0);

function feedWhole(rows: readonly TrackRow[]): { trial: Trial; steps: AlarmStep[] } {
  const trial = new Trial(floodedWorld);
  return { trial, steps: trial.feed(rows) };
}

test('the tracks meet every rule, so that the properties below hold for no want of alarms', () => {
  const seen = new Set<string>();
  for (const rows of fc.sample(busyTracks, { seed: 20_261_125, numRuns: 400 })) {
    for (const { rule, kind, late, suppressedBy } of feedWhole(rows).steps) {
      seen
        .add(`${rule} ${kind}`)
        .add(late ? 'late' : 'live')
        .add(`by ${suppressedBy}`);
    }
  }
  // Hours of a day and a week go by in the tests of hours.
  const isLong = (rule: string): boolean => rule === 'daily-driving' || rule === 'weekly-driving';
  // Crowds are counted where partitions meet, which no engine sees.
  const ofEngine = catalogueRuleIds.filter((rule) => rule !== 'zone-crowding');
  const expected = ofEngine.flatMap((rule) => [`${rule} raised`, ...(isLong(rule) ? [] : [`${rule} cleared`])]);
  expect(expected.filter((told) => !seen.has(told))).toEqual([]);
  expect(seen).toContain('late');
  for (const by of suppressions) expect(seen).toContain(`by ${by}`);
});

function pieces(rows: readonly TrackRow[], cuts: readonly number[]): TrackRow[][] {
  const places = cuts.map((cut) => cut % (rows.length + 1)).sort((a, b) => a - b);
  const ends = [...places, rows.length];
  return ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end));
}

const cuts = fc.array(fc.nat(200), { maxLength: 4 });

test('the short road tells what the rules would have told of each fix', () => {
  fc.assert(
    fc.property(busyTracks, (rows) => {
      const whole = feedWhole(rows);
      const long = new Trial(floodedWorld);
      const steps = long.feed(rows.map((row) => ({ ...row, extra: row.extra ?? nothingTold })));
      expect(whole.steps).toEqual(steps);
      expect(whole.trial.engine.counters).toEqual(long.engine.counters);
    }),
    runs,
  );
});

test('where a batch is cut does not matter, nor does a restart', () => {
  fc.assert(
    fc.property(busyTracks, cuts, fc.boolean(), (rows, places, restarts) => {
      const whole = feedWhole(rows);
      const trial = new Trial(floodedWorld);
      const steps = pieces(rows, places).flatMap((piece) => {
        if (restarts) trial.restart();
        return trial.feed(piece);
      });
      expect(steps).toEqual(whole.steps);
      expect(trial.engine.counters).toEqual(whole.trial.engine.counters);
    }),
    runs,
  );
});

test('each alarm is raised once under its id, told step by step, and nothing after its end; also when rules come and go', () => {
  const { rules, ...policy } = floodedWorld.policy!;
  fc.assert(
    fc.property(busyTracks, cuts, (rows, places) => {
      const trial = new Trial(floodedWorld);
      const steps = pieces(rows, places).flatMap((piece, i) => {
        // Every second piece finds the three rules that are always on, alone.
        if (i > 0) trial.setPolicy({ ...policy, rules: i % 2 === 1 ? {} : rules! });
        return trial.feed(piece);
      });
      const told = new Map<string, AlarmStep>();
      for (const step of steps) {
        const before = told.get(step.alarmId);
        expect(before?.kind, step.explanation).not.toBe('cleared');
        expect(step.kind === 'raised', step.explanation).toBe(before === undefined);
        expect(step.seq).toBe((before?.seq ?? 0) + 1);
        told.set(step.alarmId, step);
      }
    }),
    runs,
  );
});

test('of one vehicle people are told no more than the limit within the time, unless it calls an operator', () => {
  const [most, withinMs] = [flood.toldMax.value, flood.withinS.value * 1_000];
  fc.assert(
    fc.property(busyTracks, (rows) => {
      const isTold = new Set<string>();
      const counts = new Map<string, { readonly fromMs: number; told: number }>();
      for (const { alarmId, vehicleId, rule, kind, tier, suppressedBy, atMs, late } of feedWhole(rows).steps) {
        if (late || rule === 'sos') continue;
        if (kind === 'cleared') continue;
        const known = counts.get(vehicleId);
        const count = known !== undefined && atMs - known.fromMs <= withinMs ? known : { fromMs: atMs, told: 0 };
        if (kind === 'raised' && suppressedBy === 'flood') expect(count.told).toBeGreaterThanOrEqual(most);
        if (suppressedBy !== undefined || isTold.has(alarmId)) continue;
        // Nobody is told what is only recorded.
        if (tier === 'T0') continue;
        isTold.add(alarmId);
        if (tier !== 'T3') expect(count.told).toBeLessThan(most);
        count.told += 1;
        counts.set(vehicleId, count);
      }
    }),
    runs,
  );
});

test('a week later the same happens a week later', () => {
  fc.assert(
    fc.property(busyTracks, (rows) => {
      const later = rows.map((row) => ({ ...row, atS: row.atS + weekS, receivedS: row.receivedS + weekS }));
      const { steps } = feedWhole(rows);
      const shifted = new Trial(floodedWorldAt(weekS * 1_000)).feed(later);
      const timeless = (step: AlarmStep): object => ({ ...step, alarmId: '', explanation: '' });
      const back = shifted.map((step) => ({
        ...step,
        atMs: step.atMs - weekS * 1_000,
        startedAtMs: step.startedAtMs - weekS * 1_000,
        raisedAtMs: step.raisedAtMs - weekS * 1_000,
        producedAtMs: step.producedAtMs - weekS * 1_000,
        ...(step.endedAtMs === undefined ? {} : { endedAtMs: step.endedAtMs - weekS * 1_000 }),
      }));
      expect(back.map(timeless)).toEqual(steps.map(timeless));
    }),
    runs,
  );
});
