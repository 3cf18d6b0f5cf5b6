import fc from 'fast-check';
import { expect, test } from 'vitest';
import { suppressions } from './alarm.ts';
import { addCounters, countersZero, type EngineCounters } from './counters.ts';
import { rejectReasons, type RejectReason } from './reject.ts';

const told: EngineCounters = {
  ...countersZero(),
  fixes: 10,
  late: 2,
  duplicates: 1,
  rejects: { 'clock-ahead': 2, 'row-broken': 1 },
  alarmsByRule: { sos: 1 },
};

test('adds and takes away field by field; what comes to nothing is left out', () => {
  const other = { ...countersZero(), fixes: 5, rejects: { 'clock-ahead': 2 }, alarmsByRule: { overspeed: 3 } };
  expect(addCounters(told, other)).toEqual({
    ...told,
    fixes: 15,
    rejects: { 'clock-ahead': 4, 'row-broken': 1 },
    alarmsByRule: { overspeed: 3, sos: 1 },
  });
  expect(addCounters(told, other, -1)).toEqual({
    ...told,
    fixes: 5,
    rejects: { 'row-broken': 1 },
    alarmsByRule: { overspeed: -3, sos: 1 },
  });
});

const counts = fc.nat(1_000);
const reasons = rejectReasons.filter((reason): reason is RejectReason => reason !== 'none');
const counters: fc.Arbitrary<EngineCounters> = fc.record({
  fixes: counts,
  late: counts,
  lateCut: counts,
  reordered: counts,
  derivedSpeeds: counts,
  duplicates: counts,
  rejects: fc.dictionary(fc.constantFrom(...reasons), fc.integer({ min: 1, max: 9 })),
  rerouted: counts,
  alarmsRaised: counts,
  alarmsCleared: counts,
  alarmsByRule: fc.dictionary(fc.constantFrom('overspeed', 'sos'), fc.integer({ min: 1, max: 9 })),
  suppressed: fc.dictionary(fc.constantFrom(...suppressions), fc.integer({ min: 1, max: 9 })),
});

test('a sum less one part is the other, in any order; no field is forgotten', () => {
  fc.assert(
    fc.property(counters, counters, (one, other) => {
      const sum = addCounters(one, other);
      expect(addCounters(sum, other, -1)).toEqual(one);
      expect(addCounters(other, one)).toEqual(sum);
      expect(addCounters(one, countersZero())).toEqual(one);
    }),
  );
});
