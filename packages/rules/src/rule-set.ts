import {
  alarmFlagSos,
  ruleIds,
  toDkph,
  vehicleClasses,
  type CatalogueRuleId,
  type Fence,
  type Level,
  type Policy,
  type RuleId,
  type Tier,
  type VehicleClass,
} from '@haulwatch/domain';
import { FenceIndex } from '@haulwatch/geo';
import { compileClassRules, schedulesOf, type ClassRules } from './class-rules.ts';
import { FenceLists } from './conditions.ts';
import type { EpisodeTiming } from './episode.ts';
import { alarmFlag, faultFlags } from './alarm-flags.ts';
import { LocalTime } from './local-time.ts';
import { compileSchedule, scheduleEpochs, type Schedule } from './schedule.ts';

export type CompiledFence = {
  readonly id: string;
  readonly name: string;
  readonly prohibited: boolean;
  /** 0.1 km/h; 0: the fence sets no limit. */
  readonly limitDkph: number;
  /** Bit i: the class `vehicleClasses[i]` is meant. */
  readonly classMask: number;
  readonly schedule: Schedule;
  /** What it is for: bits of `FenceLists`. */
  readonly mask: number;
  /** Infinity: one may stay. */
  readonly dwellMaxMs: number;
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
  /** No longer than `lateLaneIdleMs`: what is held is judged before its lane is over. */
  readonly lateSettleMs: number;
  readonly lateLaneIdleMs: number;
  /** 0.1 km/h, by class code. */
  readonly classLimitDkph: Uint16Array;
  /** The same at night, where the policy has it lower. */
  readonly nightPercent: Float64Array;
  readonly clearBelowDkph: number;
  readonly plausibleMaxKph: number;
  /** The same for speeds that are told, 0.1 km/h. */
  readonly plausibleMaxDkph: number;
  /** By class code: the rules of the catalogue. */
  readonly classRules: readonly ClassRules[];
  readonly night: Schedule;
  readonly motion: {
    readonly movingFromDkph: number;
    readonly stoppedToDkph: number;
    readonly restMinMs: number;
    readonly accuracyMaxM: number;
    readonly fenceConfirmMs: number;
  };
  readonly flapping: { readonly raisedMax: number; readonly withinMs: number };
  readonly flood: { readonly toldMax: number; readonly withinMs: number };
  readonly storms: StormLimits;
  /** Between two fixes that stay within these no rule of manner or data quality of any class can hold. */
  readonly calm: Calm;
  readonly timing: {
    readonly overspeed: EpisodeTiming;
    readonly prohibitedZone: EpisodeTiming;
    readonly sos: EpisodeTiming;
  };
};

export type StormLimits = {
  /** By the rule's place in `ruleIds`: 1 where many of its alarms may be a storm. */
  readonly listed: Uint8Array;
  readonly vehiclesMax: number;
  readonly vehiclesPercent: number;
  readonly withinMs: number;
};

/** Counted for a millisecond between the two fixes, in the units of fixes, and a trifle low, so that no rule at its threshold is missed. */
export type Calm = {
  /** Speed up or down, 0.1 km/h. */
  readonly dkphPerMs: number;
  /** Speed times turn, 0.1 km/h x 0.01 degrees: the pull to the side. */
  readonly turnPerMs: number;
  /** From position to position, 1e-7 degrees along both axes, added up. */
  readonly wayE7PerMs: number;
  /** Alarm flags that some rule asks about. */
  readonly alarmMask: number;
  /** Above this speed, 0.1 km/h, a position that stays the same is news. */
  readonly stuckDkph: number;
};

/** The code of a class in masks and packed records: its place in `vehicleClasses`. */
export function classCode(vehicleClass: VehicleClass): number {
  return vehicleClasses.indexOf(vehicleClass);
}

/**
 * An emergency lasts across gaps in which a terminal has no network, but a press after so long without any sign of the button is
 * another: people must be called again. Our choice.
 */
const emergencySilenceMs = 3_600_000;

/** @param fenceIndex of the policy's fences, where somebody has built it already: for ten thousand that takes a second. */
export function compilePolicy(
  policy: Policy,
  fenceIndex = FenceIndex.of(policy.fences.map(({ shape }) => shape)),
): RuleSet {
  const ms = (threshold: { readonly value: number }): number => threshold.value * 1_000;
  const gapMaxMs = ms(policy.time.gapMaxS);
  const lists = new FenceLists();
  const classRules = compileClassRules(policy, lists);
  const fences = policy.fences.map((fence) => compileFence(fence, policy, lists));
  const { night } = policy.motion;
  const nightSchedule = compileSchedule([{ days: [1, 2, 3, 4, 5, 6, 7], ...night }]);
  const { fences: _fences, ...rest } = policy;
  return {
    policy: rest,
    version: policy.version,
    localTime: new LocalTime(policy.timeZone),
    fenceIndex,
    fences,
    scheduleEpochs: scheduleEpochs([
      ...fences.map(({ schedule }) => schedule),
      ...schedulesOf(classRules),
      ...(asksForNight(policy) ? [nightSchedule] : []),
    ]),
    fenceNumbers: new Map(policy.fences.map((fence, number) => [fence.id, number])),
    clockAheadMaxMs: ms(policy.time.clockAheadMaxS),
    reorderMaxMs: ms(policy.time.reorderMaxS),
    gapMaxMs,
    lateSettleMs: Math.min(ms(policy.time.lateSettleS), ms(policy.time.lateLaneIdleS)),
    lateLaneIdleMs: ms(policy.time.lateLaneIdleS),
    classLimitDkph: Uint16Array.from(vehicleClasses, (name) => toDkph(policy.overspeed.limitsKph[name].value)),
    nightPercent: Float64Array.from(vehicleClasses, (name) => policy.overspeed.nightPercent?.[name]?.value ?? 100),
    clearBelowDkph: Math.round(policy.overspeed.clearBelowKph.value * 10),
    plausibleMaxKph: policy.overspeed.plausibleMaxKph.value,
    plausibleMaxDkph: toDkph(policy.overspeed.plausibleMaxKph.value),
    classRules,
    night: nightSchedule,
    motion: {
      movingFromDkph: toDkph(policy.motion.movingFromKph.value),
      stoppedToDkph: toDkph(policy.motion.stoppedToKph.value),
      restMinMs: ms(policy.motion.restMinS),
      accuracyMaxM: policy.motion.accuracyMaxM.value,
      fenceConfirmMs: ms(policy.motion.fenceConfirmS),
    },
    flapping: { raisedMax: policy.flapping.raisedMax.value, withinMs: ms(policy.flapping.withinS) },
    flood: { toldMax: policy.flood.toldMax.value, withinMs: ms(policy.flood.withinS) },
    storms: stormsOf(policy.storms),
    calm: calmOf(classRules, policy.overspeed.plausibleMaxKph.value),
    timing: {
      overspeed: {
        minDurationMs: moreThan(ms(policy.overspeed.minDurationS)),
        clearAfterMs: ms(policy.overspeed.clearAfterS),
        gapMaxMs,
      },
      // A truck that stands in a zone and reports every half hour is still in it: presence runs across gaps.
      prohibitedZone: {
        minDurationMs: ms(policy.prohibitedZone.minDurationS),
        clearAfterMs: ms(policy.prohibitedZone.clearAfterS),
        gapMaxMs: Infinity,
      },
      sos: {
        minDurationMs: 0,
        clearAfterMs: ms(policy.sos.clearAfterS),
        gapMaxMs: Math.max(gapMaxMs, emergencySilenceMs),
      },
    },
  };
}

/**
 * Overspeed counts when it is continuous for more than its time (超过30s), not from then on: terminals tell whole milliseconds. With none
 * it counts at once. Other rules are told from their time on.
 */
function moreThan(durationMs: number): number {
  return durationMs === 0 ? 0 : durationMs + 1;
}

/** The stretch of the week that a time lies in: within it no fence's schedule opens or closes. */
export function scheduleEpochAt(rules: RuleSet, epochMs: number): number {
  return rules.scheduleEpochs === undefined ? 0 : rules.scheduleEpochs[rules.localTime.minuteOfWeek(epochMs)]!;
}

/** Whether anything is different at night. */
function asksForNight({ overspeed, rules }: Policy): boolean {
  const fatigue = rules['continuous-driving'] ?? rules['continuous-driving-warning'];
  return fatigue !== undefined || overspeed.nightPercent !== undefined;
}

function stormsOf({ rules, vehiclesMax, vehiclesPercent, withinS }: Policy['storms']): RuleSet['storms'] {
  const listed: readonly RuleId[] = rules;
  return {
    listed: Uint8Array.from(ruleIds, (id) => (listed.includes(id) ? 1 : 0)),
    vehiclesMax: vehiclesMax.value,
    vehiclesPercent: vehiclesPercent.value,
    withinMs: withinS.value * 1_000,
  };
}

/** Metres of one unit of the lattice, rounded up: no way along both axes is longer. */
const metresPerE7 = 0.011_14;

function calmOf(classRules: readonly ClassRules[], plausibleMaxKph: number): Calm {
  const all = classRules.flatMap(({ vehicle }) => vehicle);
  const least = (rules: readonly CatalogueRuleId[], threshold: string): number =>
    Math.min(
      Infinity,
      ...all
        .filter(({ rule }) => rules.includes(rule.id))
        .flatMap(({ variants }) => variants.map(({ setting }) => setting?.thresholds[threshold] ?? Infinity)),
    );
  const trifle = 1 - 1e-9;
  const perMs = (mss: number): number => (mss * 36 * trifle) / 1_000;
  const impliedKph = Math.min(plausibleMaxKph, least(['gnss-drift'], 'maxKph'));
  return {
    dkphPerMs: perMs(least(['harsh-acceleration', 'harsh-braking'], 'maxMss')),
    turnPerMs: (perMs(least(['harsh-cornering', 'bend-speed'], 'maxMss')) * 18_000) / Math.PI,
    wayE7PerMs: (impliedKph * trifle) / 3_600 / metresPerE7,
    alarmMask: alarmMaskOf(classRules),
    stuckDkph: toDkph(least(['gnss-stuck'], 'aboveKph')),
  };
}

function alarmMaskOf(classRules: readonly ClassRules[]): number {
  const bits: Readonly<Partial<Record<CatalogueRuleId, number>>> = {
    'terminal-fault': faultFlags,
    'power-cut': alarmFlag.powerLost,
    collision: alarmFlag.collision,
    rollover: alarmFlag.rollover,
    'tampering-suspected': faultFlags | alarmFlag.powerLost,
  };
  let mask = alarmFlagSos;
  for (const { vehicle, kinds } of classRules) {
    for (const { rule } of [...vehicle, ...kinds]) mask |= bits[rule.id] ?? 0;
  }
  return mask;
}

function compileFence(fence: Fence, policy: Policy, lists: FenceLists): CompiledFence {
  return {
    id: fence.id,
    name: fence.name,
    prohibited: fence.prohibited,
    limitDkph: fence.limitKph === undefined ? 0 : toDkph(fence.limitKph),
    classMask: fence.classes.reduce((mask, name) => mask | (1 << classCode(name)), 0),
    schedule: compileSchedule(fence.schedule),
    mask: lists.maskOf(fence),
    dwellMaxMs: fence.dwellMaxS === undefined ? Infinity : fence.dwellMaxS * 1_000,
    level: fence.level ?? policy.prohibitedZone.level,
    tier: fence.tier ?? policy.prohibitedZone.tier,
  };
}
