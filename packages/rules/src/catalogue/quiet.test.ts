import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { useBit } from '../conditions.ts';
import { motion, permitState } from '../facts.ts';
import { examples, type Example } from './_examples.ts';
import { factsOf, minutes, now, observed, quietOf, type Changes } from './_facts.ts';
import { vehicleRules, type AnyRule } from './all-rules.ts';

const exampleOf = (id: string): Example => (examples as Readonly<Record<string, Example>>)[id]!;
const hour = 60 * minutes;
const week = 168 * hour;
const fastestDkph = 1_500;
const nothing = fc.constant(Number.NaN);

function tenths(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max }).map((value) => value / 10);
}

/** What a fix may tell, each part around where the examples' thresholds are. */
const seen: fc.Arbitrary<Changes> = fc
  .record({
    speedDkph: fc.integer({ min: -1, max: fastestDkph }),
    limitDkph: fc.integer({ min: 10, max: 1_200 }),
    motion: fc.constantFrom(motion.unknown, motion.stopped, motion.moving),
    motionSinceMs: fc.integer({ min: now - 20 * minutes, max: now }),
    drivenMs: fc.integer({ min: 0, max: 5 * hour }),
    nightDrivenMs: fc.integer({ min: 0, max: 3 * hour }),
    isNight: fc.boolean(),
    drivenOfDayMs: fc.integer({ min: 0, max: 10 * hour }),
    drivenOfWeekMs: fc.integer({ min: 0, max: 50 * hour }),
    accelerationMss: fc.oneof(nothing, tenths(-60, 60)),
    lateralMss: fc.oneof(nothing, tenths(-60, 60)),
    signals: fc.nat(0x3ff),
    loadSinceMs: fc.oneof(nothing, fc.integer({ min: now - 3 * hour, max: now })),
    alarmFlags: fc.nat(0xffff_ffff),
    cargoTemperatureC: fc.oneof(nothing, fc.integer({ min: -20, max: 60 })),
    cargoPressureKpa: fc.oneof(nothing, fc.integer({ min: 0, max: 600 })),
    placeMask: fc.constantFrom(0, useBit('junction')),
    turnedDeg: fc.integer({ min: -120, max: 120 }),
    slowestKph: fc.integer({ min: 0, max: 40 }),
    permit: fc.constantFrom(permitState.unasked, permitState.holds, permitState.missing),
    permitChangesAtMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: now + 1, max: now + 2 * hour })),
    offRouteM: fc.constantFrom(0, 0, 1, 200, 400),
  })
  .map((changes) => (changes.permit === permitState.holds ? changes : { ...changes, offRouteM: 0 }))
  .map((changes) => (changes.motion === motion.unknown ? { ...changes, motionSinceMs: Number.NaN } : changes));

/** How much later and how near to the ceiling the later fix is, and its manoeuvres in a junction. */
const later = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: hour }), fc.integer({ min: 0, max: 10 * hour }), fc.constant(week)),
  speedDkph: fc.oneof(fc.integer({ min: 0, max: fastestDkph }), fc.constant(fastestDkph)),
  turnedDeg: fc.integer({ min: -120, max: 120 }),
  slowestKph: fc.integer({ min: 0, max: 40 }),
});
type Later = typeof later extends fc.Arbitrary<infer T> ? T : never;

/**
 * The same vehicle after `ms` more of what it does. The fix is calm, or the engine would show it to the rules anyway: no jump,
 * no jolt, no position that stays while it drives.
 */
function movedOn(from: Changes, { speedDkph, turnedDeg, slowestKph }: Later, ms: number): Changes {
  const drivenMs = from.motion === motion.moving ? ms : 0;
  return {
    ...from,
    atMs: now + ms,
    lastAtMs: now + ms - 1_000,
    speedDkph,
    impliedKph: speedDkph / 10,
    accelerationMss: 0,
    lateralMss: 0,
    drivenMs: from.drivenMs! + drivenMs,
    nightDrivenMs: from.nightDrivenMs! + (from.isNight! ? drivenMs : 0),
    drivenOfDayMs: from.drivenOfDayMs! + drivenMs,
    drivenOfWeekMs: from.drivenOfWeekMs! + drivenMs,
    ...permitAfter(from, ms, drivenMs),
    // Outside of a junction there is neither.
    ...(from.placeMask === 0 ? {} : { turnedDeg, slowestKph }),
  };
}

/** By the clock another permit may hold, with routes that the place is not on; off them it gets further away. */
function permitAfter(from: Changes, ms: number, drivenMs: number): Changes {
  if (from.permit === permitState.unasked) return {};
  if (now + ms < from.permitChangesAtMs!)
    return { offRouteM: from.offRouteM! > 0 ? from.offRouteM! + drivenMs / 100 : 0 };
  return from.permit === permitState.holds
    ? { permit: permitState.missing, offRouteM: 0 }
    : { permit: permitState.holds, offRouteM: 900 };
}

/** That a rule does not begin to hold while it is not asked. */
function isHonest({ id, observe, quiet }: AnyRule): fc.IProperty<[Changes, Later]> {
  const thresholds = exampleOf(id).thresholds as never;
  return fc.property(seen, later, (changes, next) => {
    const stateAt = (at: Changes): string => observed({ observe }, thresholds, factsOf(at)).state;
    const { forMs, ceilingDkph } = quietOf(quiet === undefined ? {} : { quiet }, thresholds, changes);
    if (stateAt(changes) === 'holds' || forMs <= 0) return;
    // Times are whole milliseconds: at most the last of them.
    const ms = Math.min(next.afterMs, forMs - 1);
    const speedDkph = Math.min(next.speedDkph, Math.max(0, Math.floor(ceilingDkph)));
    expect(stateAt(movedOn(changes, { ...next, speedDkph }, ms))).not.toBe('holds');
  });
}

const runs = { numRuns: 2_000 };

test.each(vehicleRules)('$id does not begin to hold while it is not asked', (rule) => {
  fc.assert(isHonest(rule), runs);
});

describe('asked for nothing less', () => {
  const quietOnes = vehicleRules.filter(({ quiet }) => quiet !== undefined);

  test.each(quietOnes)('$id would begin to hold unseen', ({ id, observe, tell }) => {
    expect(fc.check(isHonest({ id, observe, tell }), runs).failed).toBe(true);
  });
});
