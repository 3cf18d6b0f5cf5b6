import type { RuleId } from './catalogue/catalogue.ts';
import type { VehicleClass } from './vehicle.ts';

/** 1 notice, 2 warning, 3 serious, 4 critical. */
export type Level = 1 | 2 | 3 | 4;

/** Who acts: T0 recorded only, T1 driver and company told, T2 company must answer, T3 operator. */
export const tiers = ['T0', 'T1', 'T2', 'T3'] as const;
export type Tier = (typeof tiers)[number];

/** `escalated`: it has become graver, or what kept it from people is over. */
export const alarmStepKinds = ['raised', 'escalated', 'cleared'] as const;
export type AlarmStepKind = (typeof alarmStepKinds)[number];

/** Why an episode ended: the condition went away, or the vehicle fell silent while it held. */
export type ClearReason = 'condition-over' | 'gap' | 'rule-withdrawn' | 'late-lane-over';

/** Snapshots and episodes hold places in it: new ones come last. */
export const suppressions = ['prohibited-zone', 'flapping', 'storm', 'flood'] as const;
export type SuppressedBy = (typeof suppressions)[number];

/** The telemetry record that caused a step. */
export type Cause = { readonly partition: number; readonly offset: number; readonly index: number };

/**
 * One step of an alarm's life as the engine writes it to `alarm-log`. An alarm is an episode: one condition on
 * one vehicle from its beginning to its end.
 *
 * `alarmId` = hash128(vehicle, rule, fence, start of the episode) and `seq` counts the steps of an alarm from 1, so
 * that a replay writes the very same steps and every sink can drop what it has.
 */
export type AlarmStep = {
  readonly v: 1;
  readonly kind: AlarmStepKind;
  /** 32 hexadecimal digits. */
  readonly alarmId: string;
  readonly seq: number;
  readonly rule: RuleId;
  readonly vehicleId: string;
  readonly class: VehicleClass;
  readonly company?: string;
  readonly district?: string;
  readonly plate?: string;
  readonly fenceId?: string;
  readonly fenceName?: string;
  /** Of rules that tell kinds apart: which of the terminal's reports, '6502' or 'gnss-antenna-open', and its name. */
  readonly subject?: string;
  readonly subjectName?: string;
  readonly level: Level;
  readonly tier: Tier;
  /**
   * Recorded and counted, but nobody is called: a graver alarm of the vehicle is open, it has told the same too often, too many
   * vehicles tell the same at once, or it tells too much at once.
   */
  readonly suppressedBy?: SuppressedBy;
  /** Told after the fact (blind zone or out of order): recorded and counted, not pushed to operators, SOS aside. */
  readonly late: boolean;
  /** Event time of this step. */
  readonly atMs: number;
  /** When the condition began. */
  readonly startedAtMs: number;
  /** Event time of the first step: the condition had held for its minimum duration. */
  readonly raisedAtMs: number;
  /** `cleared` only: when the condition ended. */
  readonly endedAtMs?: number;
  readonly clearReason?: ClearReason;
  /** The measured value at this step and the limit that it broke, in the rule's unit (`ruleSpecs`); rules without numbers leave both out. */
  readonly value?: number;
  readonly limit?: number;
  /** Where the limit comes from: the vehicle's class, a fence, or a threshold of the policy. */
  readonly limitSource?: string;
  /** The worst value so far. */
  readonly peak?: number;
  /** True when the value was derived from displacement because the terminal sent no speed. */
  readonly derived?: boolean;
  /** Metres driven since the start. */
  readonly distanceM: number;
  /** The place of this step; absent when no position was ever known. */
  readonly lonDeg?: number;
  readonly latDeg?: number;
  /** One sentence for a person: "82.0 km/h for 47 s where 60 applies (class earthwork), policy v12". */
  readonly explanation: string;
  /** The version of the policy that raised the alarm; it stays the same for all its steps. */
  readonly policyVersion: number;
  readonly cause: Cause;
  /** When the causing record was produced into the log, ms: the start of the latency that people feel. */
  readonly producedAtMs: number;
};

/** An alarm as it stands after some of its steps: what the live store and the history hold. */
export type Alarm = Omit<AlarmStep, 'v' | 'kind' | 'atMs'> & {
  readonly status: 'open' | 'cleared';
  /** Event time of the newest step. */
  readonly updatedAtMs: number;
};

/** The alarm as it stands after a step. Each step tells the whole, so none of the former is needed. */
export function alarmAfter(step: AlarmStep): Alarm {
  const { v: _version, kind, atMs, ...told } = step;
  return { ...told, status: kind === 'cleared' ? 'cleared' : 'open', updatedAtMs: atMs };
}
