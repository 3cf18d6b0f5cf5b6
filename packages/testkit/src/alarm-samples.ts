import { alarmAfter, ruleIds, type Alarm, type AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';

/** A plausible step with every field that has to be there; a test names what it cares about. */
export function sampleStep(told: Partial<AlarmStep> = {}): AlarmStep {
  return {
    v: 1,
    kind: 'raised',
    alarmId: sampleAlarmId(1),
    seq: 1,
    rule: 'overspeed',
    vehicleId: 'truck-1',
    class: 'earthwork',
    level: 2,
    tier: 'T2',
    late: false,
    atMs: 1_700_000_030_000,
    startedAtMs: 1_700_000_000_000,
    raisedAtMs: 1_700_000_030_000,
    distanceM: 512.5,
    explanation: '82.0 km/h for 30 s where 60 applies (class earthwork), policy v12',
    policyVersion: 12,
    cause: { partition: 3, offset: 41, index: 7 },
    producedAtMs: 1_700_000_030_120,
    ...told,
  };
}

/** A step in which every field is told. */
export function fullStep(told: Partial<AlarmStep> = {}): AlarmStep {
  return sampleStep({
    kind: 'cleared',
    seq: 3,
    company: '沪东渣土 "Ltd"; \\ -- %_',
    district: '浦东新区',
    plate: '沪A·D1234',
    fenceId: 'fence-7',
    fenceName: 'Primary school',
    subject: '6502',
    subjectName: 'phone 接打电话',
    suppressedBy: 'flapping',
    endedAtMs: 1_700_000_090_123,
    clearReason: 'condition-over',
    value: 0.1 + 0.2,
    limit: 60,
    limitSource: 'class earthwork',
    peak: 91.2345678901234,
    derived: true,
    lonDeg: 121.4737021,
    latDeg: 31.2303904,
    ...told,
  });
}

/** 32 hexadecimal digits. */
export function sampleAlarmId(n: number): string {
  return n.toString(16).padStart(32, '0');
}

export function sampleAlarm(told: Partial<AlarmStep> = {}): Alarm {
  return alarmAfter(sampleStep(told));
}

/**
 * A valid alarm log: the steps of some alarms on few vehicles, interleaved, each alarm's `seq` ascending from 1, nothing
 * behind `cleared`. The index in the array is the log position.
 */
export function alarmLogs(stepsMax = 40): fc.Arbitrary<AlarmStep[]> {
  const turn = fc.record({
    alarm: fc.nat(7),
    clears: fc.boolean(),
    level: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
    afterMs: fc.nat(60_000),
  });
  return fc.array(turn, { maxLength: stepsMax }).map((turns) => {
    const former = new Map<number, AlarmStep>();
    const steps: AlarmStep[] = [];
    for (const { alarm, clears, level, afterMs } of turns) {
      const last = former.get(alarm);
      if (last?.kind === 'cleared') continue;
      const startedAtMs = 1_700_000_000_000 + alarm * 1_000;
      const atMs = (last?.atMs ?? startedAtMs) + afterMs;
      const kind = last === undefined ? 'raised' : clears ? 'cleared' : 'escalated';
      const step = sampleStep({
        alarmId: sampleAlarmId(alarm + 1),
        seq: (last?.seq ?? 0) + 1,
        rule: ruleIds[alarm % ruleIds.length]!,
        vehicleId: `truck-${alarm % 3}`,
        kind,
        level,
        atMs,
        startedAtMs,
        ...(kind === 'cleared' ? { endedAtMs: atMs, clearReason: 'condition-over' } : {}),
      });
      former.set(alarm, step);
      steps.push(step);
    }
    return steps;
  });
}

/**
 * Ways to hand over a log of `length` records: runs [from, to) that begin anywhere at or before the end of the run before,
 * so that they overlap, repeat, and together cover all. Both sinks must not care.
 */
export function overlappingRuns(length: number): fc.Arbitrary<{ from: number; to: number }[]> {
  return fc.array(fc.tuple(fc.nat(length), fc.nat(length)), { maxLength: 8 }).map((pairs) => {
    const runs: { from: number; to: number }[] = [];
    let covered = 0;
    for (const [back, ahead] of pairs) {
      const from = Math.max(0, covered - back);
      const to = Math.min(length, from + ahead);
      covered = Math.max(covered, to);
      runs.push({ from, to });
    }
    runs.push({ from: covered, to: length });
    return runs;
  });
}
