import {
  toDkph,
  vehicleClasses,
  type Fence,
  type Level,
  type Policy,
  type Tier,
  type VehicleClass,
} from '@haulwatch/domain';
import { FenceIndex } from '@haulwatch/geo';
import { LocalTime } from './local-time.ts';
import { compileSchedule, scheduleEpochs, type Schedule } from './schedule.ts';

/** How long a condition must hold, and what ends it. Milliseconds of event time. */
export type EpisodeTiming = {
  readonly minDurationMs: number;
  readonly clearAfterMs: number;
  /** Nothing is known between two fixes further apart: the episode does not run across. Infinity: it does. */
  readonly gapMaxMs: number;
};

export type CompiledFence = {
  readonly id: string;
  readonly name: string;
  readonly prohibited: boolean;
  /** 0.1 km/h; 0: the fence sets no limit. */
  readonly limitDkph: number;
  /** Bit i: the class `vehicleClasses[i]` is meant. */
  readonly classMask: number;
  readonly schedule: Schedule;
  readonly level: Level;
  readonly tier: Tier;
};

/** A policy as the engine uses it: numbers, masks, an index. Built once for a version. */
export type RuleSet = {
  /** Without the fences: compiled they are below, and their shapes would fill the heap of a process that must not pause. */
  readonly policy: Omit<Policy, 'fences'>;
  readonly version: number;
  readonly localTime: LocalTime;
  readonly fenceIndex: FenceIndex;
  /** By the fence's number in the index. */
  readonly fences: readonly CompiledFence[];
  /**
   * By minute of the week: which stretch between two openings or closings of any schedule it lies in. Within a stretch no
   * fence's schedule changes. Undefined: every fence is in force always.
   */
  readonly scheduleEpochs: Uint16Array | undefined;
  /** The number of a fence by its id. */
  readonly fenceNumbers: ReadonlyMap<string, number>;
  readonly clockAheadMaxMs: number;
  readonly reorderMaxMs: number;
  readonly gapMaxMs: number;
  readonly lateLaneIdleMs: number;
  /** 0.1 km/h, by class code. */
  readonly classLimitDkph: Uint16Array;
  readonly clearBelowDkph: number;
  readonly plausibleMaxKph: number;
  readonly timing: {
    readonly overspeed: EpisodeTiming;
    readonly prohibitedZone: EpisodeTiming;
    readonly sos: EpisodeTiming;
  };
};

/** The code of a class in masks and packed records: its place in `vehicleClasses`. */
export function classCode(vehicleClass: VehicleClass): number {
  return vehicleClasses.indexOf(vehicleClass);
}

/** @param fenceIndex of the policy's fences, where somebody has built it already: for ten thousand that takes a second. */
export function compilePolicy(
  policy: Policy,
  fenceIndex = FenceIndex.of(policy.fences.map(({ shape }) => shape)),
): RuleSet {
  const ms = (threshold: { readonly value: number }): number => threshold.value * 1_000;
  const gapMaxMs = ms(policy.time.gapMaxS);
  const fences = policy.fences.map((fence) => compileFence(fence, policy));
  const { fences: _fences, ...rest } = policy;
  return {
    policy: rest,
    version: policy.version,
    localTime: new LocalTime(policy.timeZone),
    fenceIndex,
    fences,
    scheduleEpochs: scheduleEpochs(fences.map(({ schedule }) => schedule)),
    fenceNumbers: new Map(policy.fences.map((fence, number) => [fence.id, number])),
    clockAheadMaxMs: ms(policy.time.clockAheadMaxS),
    reorderMaxMs: ms(policy.time.reorderMaxS),
    gapMaxMs,
    lateLaneIdleMs: ms(policy.time.lateLaneIdleS),
    classLimitDkph: Uint16Array.from(vehicleClasses, (name) => toDkph(policy.overspeed.limitsKph[name].value)),
    clearBelowDkph: Math.round(policy.overspeed.clearBelowKph.value * 10),
    plausibleMaxKph: policy.overspeed.plausibleMaxKph.value,
    timing: {
      overspeed: {
        minDurationMs: ms(policy.overspeed.minDurationS),
        clearAfterMs: ms(policy.overspeed.clearAfterS),
        gapMaxMs,
      },
      // A truck that stands in a zone and reports every half hour is still in it: presence runs across gaps.
      prohibitedZone: {
        minDurationMs: ms(policy.prohibitedZone.minDurationS),
        clearAfterMs: ms(policy.prohibitedZone.clearAfterS),
        gapMaxMs: Infinity,
      },
      sos: { minDurationMs: 0, clearAfterMs: ms(policy.sos.clearAfterS), gapMaxMs: Infinity },
    },
  };
}

/** The stretch of the week that a time lies in: within it no fence's schedule opens or closes. */
export function scheduleEpochAt(rules: RuleSet, epochMs: number): number {
  return rules.scheduleEpochs === undefined ? 0 : rules.scheduleEpochs[rules.localTime.minuteOfWeek(epochMs)]!;
}

function compileFence(fence: Fence, policy: Policy): CompiledFence {
  return {
    id: fence.id,
    name: fence.name,
    prohibited: fence.prohibited,
    limitDkph: fence.limitKph === undefined ? 0 : toDkph(fence.limitKph),
    classMask: fence.classes.reduce((mask, name) => mask | (1 << classCode(name)), 0),
    schedule: compileSchedule(fence.schedule),
    level: fence.level ?? policy.prohibitedZone.level,
    tier: fence.tier ?? policy.prohibitedZone.tier,
  };
}
