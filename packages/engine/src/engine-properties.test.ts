import type { AlarmStep, Policy } from '@haulwatch/domain';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { basePolicy } from './_policy.ts';
import { tracks, world } from './_tracks.ts';
import { epochMs, Trial, type TrackRow } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 60_000 });

const runs = { numRuns: 150 };
const weekS = 7 * 86_400;

/** What the properties have seen, so that none of them holds for want of alarms. */
const seen = new Set<string>();
afterAll(() => {
  for (const rule of ['overspeed', 'prohibited-zone', 'sos']) {
    for (const kind of ['raised', 'cleared']) {
      for (const lane of ['live', 'late']) expect(seen).toContain(`${rule} ${kind} ${lane}`);
    }
  }
});

function feedWhole(rows: readonly TrackRow[]): { trial: Trial; steps: AlarmStep[] } {
  const trial = new Trial(world);
  const steps = trial.feed(rows);
  for (const step of steps) seen.add(`${step.rule} ${step.kind} ${step.late ? 'late' : 'live'}`);
  return { trial, steps };
}

/** A track and places in it, ascending. */
const tracksWithCuts = fc
  .tuple(tracks, fc.array(fc.nat(200), { maxLength: 4 }))
  .map(([rows, cuts]) => ({ rows, cuts: cuts.map((cut) => cut % (rows.length + 1)).sort((a, b) => a - b) }));

function pieces(rows: readonly TrackRow[], cuts: readonly number[]): TrackRow[][] {
  const ends = [...cuts, rows.length];
  return ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end));
}

test('where a batch is cut does not matter', () => {
  fc.assert(
    fc.property(tracksWithCuts, ({ rows, cuts }) => {
      const whole = feedWhole(rows);
      const trial = new Trial(world);
      const steps = pieces(rows, cuts).flatMap((piece) => trial.feed(piece));
      expect(steps).toEqual(whole.steps);
      expect(trial.engine.counters).toEqual(whole.trial.engine.counters);
      expect(trial.engine.snapshot()).toEqual(whole.trial.engine.snapshot());
    }),
    runs,
  );
});

test('a restart from a snapshot changes nothing', () => {
  fc.assert(
    fc.property(tracksWithCuts, ({ rows, cuts }) => {
      const whole = feedWhole(rows);
      const trial = new Trial(world);
      const steps = pieces(rows, cuts).flatMap((piece) => {
        trial.restart();
        return trial.feed(piece);
      });
      expect(steps).toEqual(whole.steps);
      expect(trial.engine.counters).toEqual(whole.trial.engine.counters);
      expect(trial.engine.snapshot()).toEqual(whole.trial.engine.snapshot());
    }),
    runs,
  );
});

test('nor does it when policy and registry change on the way', () => {
  const changes: ((trial: Trial) => void)[] = [
    (trial) => trial.setPolicy({ unknownVehicles: 'coach' }),
    (trial) => trial.setPolicy({ fences: (world.policy as Policy).fences.slice(1, 3) }),
    (trial) => trial.register([{ id: 'stranger', class: 'hazmat', company: 'New' }]),
    (trial) => trial.register([{ id: 'truck', class: 'heavy', aliases: ['stranger'], district: 'Pudong' }]),
    (trial) => trial.register([{ id: 'other', class: 'mixer', retired: true }]),
    (trial) => trial.setPolicy({ unknownVehicles: 'reject' }),
  ];
  const plan = fc.shuffledSubarray(changes.map((_, i) => i));
  fc.assert(
    fc.property(tracksWithCuts, plan, ({ rows, cuts }, order) => {
      const play = (restarts: boolean): [AlarmStep[], Trial] => {
        const trial = new Trial(world);
        const steps = pieces(rows, cuts).flatMap((piece, i) => {
          const change = order[i];
          if (change !== undefined) changes[change]!(trial);
          if (restarts) trial.restart();
          return trial.feed(piece);
        });
        return [steps, trial];
      };
      const [steps, through] = play(false);
      const [again, restarted] = play(true);
      expect(again).toEqual(steps);
      expect(restarted.engine.snapshot()).toEqual(through.engine.snapshot());
    }),
    runs,
  );
});

const lateSettleS = basePolicy.time.lateSettleS.value;

/** How many of the rows go to late lanes. */
function lateOf(rows: readonly TrackRow[]): number {
  return feedWhole(rows).trial.engine.counters.late;
}

test('an exact duplicate of one of the last eight fixes changes no step', () => {
  fc.assert(
    fc.property(tracks, fc.nat(), fc.nat(), (rows, pick, after) => {
      // At most seven rows between a fix and its duplicate: then it is among the eight newest of its lane, or it is held.
      const taken = rows
        .map((row, i) => ({ row, i }))
        .filter(({ row }) => row.atS < row.receivedS && row.reject === undefined);
      fc.pre(taken.length > 0);
      const { row, i } = taken[pick % taken.length]!;
      const at = Math.min(i + 1 + (after % 8), rows.length);
      const offsets = rows.map((_, offset) => offset);
      const trial = new Trial(world);
      const steps = trial.feed(
        [...rows.slice(0, at), row, ...rows.slice(at)],
        [...offsets.slice(0, at), rows.length, ...offsets.slice(at)],
      );
      const { trial: whole, steps: expected } = feedWhole(rows);
      expect(steps).toEqual(expected);
      const { duplicates, rejects } = whole.engine.counters;
      const isStranger = row.vehicle === 'stranger';
      const counted = {
        ...whole.engine.counters,
        duplicates: duplicates + (isStranger ? 0 : 1),
        rejects: isStranger ? { ...rejects, 'vehicle-unknown': rejects['vehicle-unknown']! + 1 } : rejects,
      };
      const wentLate = lateOf(rows.slice(0, i + 1)) > lateOf(rows.slice(0, i));
      const waitedS = Math.max(...rows.slice(0, at).map(({ receivedS }) => receivedS)) - row.receivedS;
      // What was held has been judged since, oldest first: more than eight that are younger may have come behind it.
      const oneMore = { ...counted, duplicates, fixes: counted.fixes + 1, late: counted.late + 1 };
      expect(wentLate && waitedS >= lateSettleS ? [counted, oneMore] : [counted]).toContainEqual(trial.engine.counters);
    }),
    runs,
  );
});

test('whole weeks later the same happens, whole weeks later', () => {
  fc.assert(
    fc.property(tracks, fc.integer({ min: -500, max: 500 }), (rows, weeks) => {
      const byS = weeks * weekS;
      const { steps } = feedWhole(rows);
      const shifted = new Trial(world).feed(
        rows.map((row) => ({ ...row, atS: row.atS + byS, receivedS: row.receivedS + byS })),
      );
      const ids = new Map(shifted.map((step, i) => [step.alarmId, steps[i]?.alarmId]));
      const back = shifted.map((step) => ({ ...shiftStep(step, -byS * 1_000), alarmId: ids.get(step.alarmId) }));
      expect(back).toEqual(steps);
    }),
    runs,
  );
});

function shiftStep(step: AlarmStep, byMs: number): AlarmStep {
  return {
    ...step,
    atMs: step.atMs + byMs,
    startedAtMs: step.startedAtMs + byMs,
    raisedAtMs: step.raisedAtMs + byMs,
    producedAtMs: step.producedAtMs + byMs,
    ...(step.endedAtMs === undefined ? {} : { endedAtMs: step.endedAtMs + byMs }),
  };
}

test('the life of an alarm: raised first, cleared last, seq 1, 2, 3 …, one open at a time for each condition', () => {
  fc.assert(
    fc.property(tracks, (rows) => {
      const { steps, trial } = feedWhole(rows);
      const newest = new Map<string, AlarmStep>();
      const open = new Map<string, string>();
      for (const step of steps) {
        const former = newest.get(step.alarmId);
        const condition = [step.vehicleId, step.rule, step.fenceId, step.late].join(' ');
        expect(step.seq).toBe((former?.seq ?? 0) + 1);
        expect(step.kind === 'raised').toBe(former === undefined);
        expect(former?.kind).not.toBe('cleared');
        const isFreed = former?.suppressedBy !== undefined && step.suppressedBy === undefined;
        const isTold = step.suppressedBy === undefined && former?.suppressedBy === undefined;
        const rises = [step.level > (former?.level ?? 0), isTold && step.tier > (former?.tier ?? '')];
        if (step.kind === 'escalated' && !isFreed && isTold) expect(rises).toContain(true);
        expect(step.level).toBeGreaterThanOrEqual(former?.level ?? 1);
        if (isTold) expect(step.tier >= (former?.tier ?? 'T0')).toBe(true);
        expect(open.get(condition)).toBe(former?.alarmId);
        if (step.kind === 'cleared') open.delete(condition);
        else open.set(condition, step.alarmId);
        newest.set(step.alarmId, step);
      }
      const { alarmsRaised, alarmsCleared } = trial.engine.counters;
      expect([alarmsRaised, alarmsRaised - alarmsCleared]).toEqual([newest.size, open.size]);
    }),
    runs,
  );
});

test('times of a step are in order, and none is after what was received', () => {
  fc.assert(
    fc.property(tracks, (rows) => {
      const newestMs = epochMs + Math.max(...rows.map((row) => row.receivedS)) * 1_000;
      for (const { startedAtMs, raisedAtMs, atMs, endedAtMs, distanceM } of feedWhole(rows).steps) {
        expect(startedAtMs).toBeLessThanOrEqual(raisedAtMs);
        if (endedAtMs !== undefined) expect(endedAtMs).toBeGreaterThanOrEqual(startedAtMs);
        expect(atMs).toBeLessThanOrEqual(newestMs);
        expect(distanceM).toBeGreaterThanOrEqual(0);
      }
    }),
    runs,
  );
});
