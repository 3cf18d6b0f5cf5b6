import type { RejectReason } from './reject.ts';
import type { SuppressedBy } from './alarm.ts';
import type { RuleId } from './catalogue/catalogue.ts';

/**
 * What became of the rows of a partition since its beginning. Part of the engine's state, so that after a restart
 * the counts are those of the log: rows = fixes + duplicates + the sum of rejects. A re-routed row is counted at home.
 */
export type EngineCounters = {
  fixes: number;
  /** Of the fixes: taken by the late lane. */
  late: number;
  /** Bursts of late fixes that were judged before they were over, because more came than are held. */
  lateCut: number;
  /** Of the fixes: a little out of order, within the reorder allowance. */
  reordered: number;
  /** Of the fixes: speed was absent and was derived from displacement. */
  derivedSpeeds: number;
  duplicates: number;
  rejects: Partial<Record<RejectReason, number>>;
  /** Rows sent on to their home partition. */
  rerouted: number;
  alarmsRaised: number;
  alarmsCleared: number;
  alarmsByRule: Partial<Record<RuleId, number>>;
  /** Of the raised: recorded, but nobody was called, by what suppressed them. */
  suppressed: Partial<Record<SuppressedBy, number>>;
};

export function countersZero(): EngineCounters {
  return {
    fixes: 0,
    late: 0,
    lateCut: 0,
    reordered: 0,
    derivedSpeeds: 0,
    duplicates: 0,
    rejects: {},
    rerouted: 0,
    alarmsRaised: 0,
    alarmsCleared: 0,
    alarmsByRule: {},
    suppressed: {},
  };
}

/** a + sign·b, field by field: totals over partitions, and differences between two moments. */
export function addCounters(a: EngineCounters, b: EngineCounters, sign: 1 | -1 = 1): EngineCounters {
  return {
    fixes: a.fixes + sign * b.fixes,
    late: a.late + sign * b.late,
    lateCut: a.lateCut + sign * b.lateCut,
    reordered: a.reordered + sign * b.reordered,
    derivedSpeeds: a.derivedSpeeds + sign * b.derivedSpeeds,
    duplicates: a.duplicates + sign * b.duplicates,
    rejects: addTallies(a.rejects, b.rejects, sign),
    rerouted: a.rerouted + sign * b.rerouted,
    alarmsRaised: a.alarmsRaised + sign * b.alarmsRaised,
    alarmsCleared: a.alarmsCleared + sign * b.alarmsCleared,
    alarmsByRule: addTallies(a.alarmsByRule, b.alarmsByRule, sign),
    suppressed: addTallies(a.suppressed, b.suppressed, sign),
  };
}

/** Sums two tallies; what comes to nothing is left out. */
function addTallies<K extends string>(
  a: Partial<Record<K, number>>,
  b: Partial<Record<K, number>>,
  sign: 1 | -1,
): Partial<Record<K, number>> {
  const sum: Partial<Record<K, number>> = {};
  for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort() as K[]) {
    const value = (a[key] ?? 0) + sign * (b[key] ?? 0);
    if (value !== 0) sum[key] = value;
  }
  return sum;
}
