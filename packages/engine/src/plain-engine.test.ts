import type { AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { plainAlarms, type PlainStep } from './_plain-engine.ts';
import { liveTracks, policies, world } from './_tracks.ts';
import { epochMs, Trial } from './_trial.ts';

// Some seconds of one core; a machine that is busy with other things is no failure.
vi.setConfig({ testTimeout: 60_000 });

/** What both engines have told, so that they do not agree for want of alarms. */
const seen = new Map<string, number>();
afterAll(() => {
  for (const told of [
    'overspeed raised',
    'overspeed escalated',
    'overspeed cleared',
    'overspeed cleared gap',
    'prohibited-zone raised',
    'prohibited-zone cleared',
    'sos raised',
    'sos cleared',
  ]) {
    expect(seen.get(told), told).toBeGreaterThan(3);
  }
});

const classes = new Map(world.vehicles?.map((vehicle) => [vehicle.id, vehicle.class]));

test('the engine raises what a plain one finds in the whole track', () => {
  fc.assert(
    fc.property(liveTracks, policies, (rows, policy) => {
      const trial = new Trial({ ...world, policy });
      const told = trial.feed(rows).map(plain);
      for (const { rule, kind, gap } of told) {
        const key = `${rule} ${kind}${gap === true ? ' gap' : ''}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      expect(sorted(told)).toEqual(sorted(plainAlarms(rows, policy, classes)));
      // No row was turned away: the two have looked at the same fixes.
      expect(trial.engine.counters).toMatchObject({ late: 0, reordered: 0, rejects: {} });
    }),
    { numRuns: 400 },
  );
});

function plain(step: AlarmStep): PlainStep {
  const { kind, rule, level, value, limit } = step;
  const seconds = (ms: number): number => (ms - epochMs) / 1_000;
  return {
    atS: seconds(step.atMs),
    kind,
    vehicle: step.vehicleId,
    rule,
    fence: step.fenceId ?? '',
    startedS: seconds(step.startedAtMs),
    level,
    value,
    limit,
    ...(step.endedAtMs === undefined ? {} : { endedS: seconds(step.endedAtMs), gap: step.clearReason === 'gap' }),
  };
}

function sorted(steps: readonly PlainStep[]): PlainStep[] {
  const key = ({ atS, vehicle, rule, fence, startedS, kind }: PlainStep): string =>
    [String(atS).padStart(9), vehicle, rule, fence, String(startedS).padStart(9), kind].join(' ');
  return steps.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
