import {
  addCounters,
  countersZero,
  type EngineCounters,
  type RejectReason,
  type RuleId,
  type SuppressedBy,
} from '@haulwatch/domain';
import { CliError } from '../cli-error.ts';

/** What the file held and what was refused before anything was sent. */
export type ReplayCounts = {
  readonly rows: number;
  readonly vehicles: number;
  readonly localRejects: Readonly<Partial<Record<RejectReason, number>>>;
  readonly seconds: number;
};

/** The last line of a replay. Null: nobody waited to see. */
export type ReplayResult = {
  readonly rows: number;
  readonly fixes: number | null;
  readonly rejects: Readonly<Partial<Record<RejectReason, number>>>;
  readonly late: number | null;
  readonly duplicates: number | null;
  readonly vehicles: number;
  readonly alarmsRaised: number | null;
  readonly alarmsByRule: Readonly<Partial<Record<RuleId, number>>> | null;
  /** Of the raised: recorded, and nobody was called, by what kept them from people. */
  readonly suppressed: Readonly<Partial<Record<SuppressedBy, number>>> | null;
  readonly seconds: number;
};

/**
 * Puts the books of file and engine together. `engine` is what the engines counted because of this replay; undefined:
 * nobody waited for them.
 * @throws CliError where a row is missing or counted twice.
 */
export function replayResult(counts: ReplayCounts, engine: EngineCounters | undefined): ReplayResult {
  const { rows, vehicles, localRejects, seconds } = counts;
  const local = { ...countersZero(), rejects: { ...localRejects } };
  const all = addCounters(local, engine ?? countersZero());
  if (engine !== undefined) assertBalance(rows, all);
  const known = <T>(value: T): T | null => (engine === undefined ? null : value);
  return {
    rows,
    fixes: known(all.fixes),
    rejects: all.rejects,
    late: known(all.late),
    duplicates: known(all.duplicates),
    vehicles,
    alarmsRaised: known(all.alarmsRaised),
    alarmsByRule: known(all.alarmsByRule),
    suppressed: known(all.suppressed),
    seconds,
  };
}

/** Fixes, duplicates and rejects: every row of telemetry is exactly one of them. */
export function rowsAccounted(counters: EngineCounters): number {
  return counters.fixes + counters.duplicates + Object.values(counters.rejects).reduce((sum, count) => sum + count, 0);
}

function assertBalance(rows: number, counters: EngineCounters): void {
  const accounted = rowsAccounted(counters);
  if (accounted === rows) return;
  const { fixes, duplicates, rejects } = counters;
  const found = `${fixes} fixes + ${duplicates} duplicates + ${accounted - fixes - duplicates} rejects ${JSON.stringify(rejects)} = ${accounted}`;
  throw new CliError(
    accounted > rows
      ? `the books do not balance: ${rows} rows went in, but ${found}. Did another program write telemetry meanwhile? What was sent stands; only the count of this replay is lost`
      : `the books do not balance: ${rows} rows went in, but ${found}. What is missing is in no alarm: look into ingest's log and the dead letters`,
  );
}
