import { FixBatch, fromE7 } from '@haulwatch/domain';
import type { Simulator } from './simulator.ts';

/** One fix as the tests read it. */
export type DrivenFix = {
  readonly vehicle: number;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly speedDkph: number;
  readonly headingDeg: number;
  readonly alarmFlags: number;
  readonly statusFlags: number;
  readonly flags: number;
};

/** For tests: every fix up to each of the given times, through a batch so small that it is full now and then. */
export function drive(simulator: Simulator, timesMs: readonly number[], capacity = 37): DrivenFix[] {
  const batch = new FixBatch(capacity);
  const driven: DrivenFix[] = [];
  for (const timeMs of timesMs) {
    for (let done = false; !done;) {
      done = simulator.step(timeMs, batch);
      for (let row = 0; row < batch.count; row += 1) driven.push(readFix(batch, row));
    }
  }
  return driven;
}

/** For tests: fixes as text, a line each: quick to compare and exact. */
export function asText(fixes: readonly DrivenFix[]): string {
  return fixes.map((fix) => JSON.stringify(fix)).join('\n');
}

/** For tests: the fixes of each vehicle in the order in which they came. */
export function byVehicle(fixes: readonly DrivenFix[]): Map<number, DrivenFix[]> {
  return Map.groupBy(fixes, (fix) => fix.vehicle);
}

function readFix(batch: FixBatch, row: number): DrivenFix {
  return {
    vehicle: batch.vehicle[row] ?? -1,
    fixedAtMs: batch.fixedAtMs[row] ?? 0,
    receivedAtMs: batch.receivedAtMs[row] ?? 0,
    lonDeg: fromE7(batch.lonE7[row] ?? 0),
    latDeg: fromE7(batch.latE7[row] ?? 0),
    speedDkph: batch.speedDkph[row] ?? 0,
    headingDeg: (batch.headingCdeg[row] ?? 0) / 100,
    alarmFlags: batch.alarmFlags[row] ?? 0,
    statusFlags: batch.statusFlags[row] ?? 0,
    flags: batch.flags[row] ?? 0,
  };
}
