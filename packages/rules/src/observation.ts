import type { Level, Tier } from '@haulwatch/domain';

/**
 * What a rule says of one fix:
 * `holds` the condition is there; `band` neither there nor over (inside the hysteresis); `over` it is not there;
 * `unknown` this fix says nothing about it.
 */
export type ObservationState = 'holds' | 'band' | 'over' | 'unknown';

/** The limit of an observation is a threshold of the policy. */
export const limitOfPolicy = -16;

/** A rule's answer, written into an object of the caller, so that a fix that breaks nothing costs nothing. */
export type Observation = {
  state: ObservationState;
  /** In the rule's own unit (km/h for overspeed), NaN for rules without numbers. */
  value: number;
  limit: number;
  /** The number of the fence that sets the limit, or -1 - the code of the class, or `limitOfPolicy`. */
  limitSource: number;
  /** The limit is the part of it that may be driven at night. */
  atNight: boolean;
  level: Level;
  tier: Tier;
  derived: boolean;
  /** Since when the condition has been there, where the rule knows it better than "since this fix"; NaN: it does not. */
  fromMs: number;
};

export function newObservation(): Observation {
  return {
    state: 'unknown',
    value: Number.NaN,
    limit: Number.NaN,
    limitSource: limitOfPolicy,
    atNight: false,
    level: 1,
    tier: 'T0',
    derived: false,
    fromMs: Number.NaN,
  };
}

/** What is so until a rule says otherwise. */
export function resetObservation(out: Observation): void {
  out.state = 'over';
  out.value = Number.NaN;
  out.limit = Number.NaN;
  out.limitSource = limitOfPolicy;
  out.atNight = false;
  out.derived = false;
  out.fromMs = Number.NaN;
}
