import { alarmId, ruleSpec, type AlarmStep, type AlarmStepKind, type Cause, type ClearReason } from '@haulwatch/domain';
import { episodeEnd, explain, type Episode } from '@haulwatch/rules';
import type { KnownVehicle } from './vehicle-table.ts';

/** Where and by what a step came about. */
export type StepOrigin = {
  readonly vehicle: KnownVehicle;
  readonly late: boolean;
  readonly atMs: number;
  /** Absent: no position was ever known. */
  readonly lonDeg?: number;
  readonly latDeg?: number;
  readonly cause: Cause;
  readonly producedAtMs: number;
};

/** Writes out a step of an episode, with all that explains it. */
export function writeStep(
  kind: AlarmStepKind,
  episode: Episode,
  origin: StepOrigin,
  clearReason?: ClearReason,
): AlarmStep {
  const { vehicle } = origin;
  const cleared = kind === 'cleared';
  const value = cleared ? episode.peak : episode.value;
  const limit = cleared ? episode.peakLimit : episode.limit;
  const limitSource = cleared ? episode.peakLimitSource : episode.limitSource;
  return {
    v: 1,
    kind,
    alarmId: alarmId(vehicle.id, episode.rule, episode.fenceId, episode.startedAtMs, origin.late),
    seq: episode.seq,
    rule: episode.rule,
    vehicleId: vehicle.id,
    class: vehicle.class,
    ...(vehicle.company === undefined ? {} : { company: vehicle.company }),
    ...(vehicle.district === undefined ? {} : { district: vehicle.district }),
    ...(vehicle.plate === undefined ? {} : { plate: vehicle.plate }),
    ...labelOf(episode),
    level: episode.level,
    tier: episode.tier,
    ...(episode.suppressedBy === undefined ? {} : { suppressedBy: episode.suppressedBy }),
    late: origin.late,
    atMs: origin.atMs,
    startedAtMs: episode.startedAtMs,
    raisedAtMs: episode.raisedAtMs,
    ...(clearReason === undefined ? {} : { endedAtMs: episodeEnd(episode, clearReason), clearReason }),
    ...(value === undefined || limit === undefined ? {} : { value, limit, limitSource }),
    ...(episode.peak === undefined ? {} : { peak: episode.peak }),
    ...(episode.derived ? { derived: true } : {}),
    distanceM: Math.round(episode.distanceM),
    ...(origin.lonDeg === undefined || origin.latDeg === undefined
      ? {}
      : { lonDeg: origin.lonDeg, latDeg: origin.latDeg }),
    explanation: explain(episode, origin.atMs, clearReason),
    policyVersion: episode.policyVersion,
    cause: origin.cause,
    producedAtMs: origin.producedAtMs,
  };
}

/** What sets the alarm apart from others of its rule: a fence, or one of the terminal's reports. */
function labelOf({
  rule,
  fenceId,
  fenceName,
}: Episode): Pick<AlarmStep, 'fenceId' | 'fenceName' | 'subject' | 'subjectName'> {
  if (fenceId === '') return {};
  return ruleSpec(rule).per === 'kind' ? { subject: fenceId, subjectName: fenceName } : { fenceId, fenceName };
}
