import type { EngineCounters } from '@haulwatch/domain';

/** The last line of a run that ends by itself: what this run took in and what came of it. */
export function resultLine(counters: EngineCounters, openAlarms: number, p99Ms: number): string {
  return `RESULT ${JSON.stringify({
    fixes: counters.fixes,
    rejects: Object.values(counters.rejects).reduce((sum, count) => sum + count, 0),
    alarmsRaised: counters.alarmsRaised,
    alarmsCleared: counters.alarmsCleared,
    alarmsByRule: counters.alarmsByRule,
    suppressed: counters.suppressed,
    openAlarms,
    p99Ms: Number.isNaN(p99Ms) ? null : Math.round(p99Ms),
  })}`;
}
