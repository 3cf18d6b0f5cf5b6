import { catalogueRuleIds, suppressions, type AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { busyTracks, busyWorld, busyWorldAt, nothingTold } from './_catalogue.ts';
import { Trial, type TrackRow } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 120_000 });

const runs = { numRuns: 200 };
const weekS = 7 * 86_400;

function feedWhole(rows: readonly TrackRow[]): { trial: Trial; steps: AlarmStep[] } {
  const trial = new Trial(busyWorld);
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
      const long = new Trial(busyWorld);
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
      const trial = new Trial(busyWorld);
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

test('a week later the same happens a week later', () => {
  fc.assert(
    fc.property(busyTracks, (rows) => {
      const later = rows.map((row) => ({ ...row, atS: row.atS + weekS, receivedS: row.receivedS + weekS }));
      const { steps } = feedWhole(rows);
      const shifted = new Trial(busyWorldAt(weekS * 1_000)).feed(later);
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
