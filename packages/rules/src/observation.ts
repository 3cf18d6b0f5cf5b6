import type { Level, Tier } from '@haulwatch/domain';
import type { RuleSet } from './rule-set.ts';

/** What a rule is shown of one fix: numbers, filled by the engine into one object that is used again and again. */
export type RuleInput = {
  rules: RuleSet;
  /** Code of the vehicle's class. */
  classCode: number;
  /** 0.1 km/h, or -1 where no speed is known. */
  speedDkph: number;
  /** The speed was derived from displacement. */
  derived: boolean;
  alarmFlags: number;
  /** 0.1 km/h: the lowest limit that applies here and now, and the fence that sets it, or -1: the class does. */
  limitDkph: number;
  limitFence: number;
  /** Minutes since local Monday 00:00 at the fix. */
  minuteOfWeek: number;
  /** Numbers of the fences that hold the position, and how many. */
  fences: Int32Array;
  fenceCount: number;
};

/**
 * What a rule says of one fix:
 * `holds` the condition is there; `band` neither there nor over (inside the hysteresis); `over` it is not there;
 * `unknown` this fix says nothing about it.
 */
export type ObservationState = 'holds' | 'band' | 'over' | 'unknown';

/** A rule's answer, written into an object of the caller, so that a fix that breaks nothing costs nothing. */
export type Observation = {
  state: ObservationState;
  /** In the rule's own unit (km/h for overspeed), NaN for rules without numbers. */
  value: number;
  limit: number;
  /** The number of the fence that sets the limit, or -1 - the code of the class. */
  limitSource: number;
  level: Level;
  tier: Tier;
  derived: boolean;
};

export function newObservation(): Observation {
  return {
    state: 'unknown',
    value: Number.NaN,
    limit: Number.NaN,
    limitSource: -1,
    level: 1,
    tier: 'T0',
    derived: false,
  };
}
