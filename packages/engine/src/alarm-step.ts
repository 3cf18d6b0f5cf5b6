import { fromE7, type AlarmStep, type AlarmStepKind, type Cause, type ClearReason } from '@haulwatch/domain';
import { episodeEnd, explain, type Episode } from '@haulwatch/rules';
import { alarmId } from './alarm-id.ts';
import type { KnownVehicle } from './vehicle-table.ts';

/** Where and by what a step came about. */
export type StepOrigin = {
  readonly vehicle: KnownVehicle;
  readonly vehicleClass: AlarmStep['class'];
  readonly late: boolean;
  readonly atMs: number;
  readonly hasPosition: boolean;
  readonly lonE7: number;
  readonly latE7: number;
  readonly cause: Cause;
  readonly producedAtMs: number;
};

/** Tells the next step of an episode: counts its `seq` and writes down all that explains it. */
export function nextStep(
  kind: AlarmStepKind,
  episode: Episode,
  origin: StepOrigin,
  clearReason?: ClearReason,
): AlarmStep {
  episode.seq += 1;
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
    class: origin.vehicleClass,
    ...(vehicle.company === undefined ? {} : { company: vehicle.company }),
    ...(vehicle.district === undefined ? {} : { district: vehicle.district }),
    ...(vehicle.plate === undefined ? {} : { plate: vehicle.plate }),
    ...(episode.fenceId === '' ? {} : { fenceId: episode.fenceId, fenceName: episode.fenceName }),
    level: episode.level,
    tier: episode.tier,
    late: origin.late,
    atMs: origin.atMs,
    startedAtMs: episode.startedAtMs,
    raisedAtMs: episode.raisedAtMs,
    ...(clearReason === undefined ? {} : { endedAtMs: episodeEnd(episode, clearReason), clearReason }),
    ...(value === null || limit === null ? {} : { value, limit, limitSource }),
    ...(episode.peak === null ? {} : { peak: episode.peak }),
    ...(episode.derived ? { derived: true } : {}),
    distanceM: Math.round(episode.distanceM),
    ...(origin.hasPosition ? { lonDeg: fromE7(origin.lonE7), latDeg: fromE7(origin.latE7) } : {}),
    explanation: explain(episode, origin.atMs, clearReason),
    policyVersion: episode.policyVersion,
    cause: origin.cause,
    producedAtMs: origin.producedAtMs,
  };
}
