import type { CatalogueRuleId, ThresholdName } from '@haulwatch/domain';
import type { Facts } from './facts.ts';
import type { Observation } from './observation.ts';

/** The numbers that a policy gives to a rule, by name. */
export type ThresholdsOf<R extends CatalogueRuleId> = { readonly [N in ThresholdName<R>]: number };

/**
 * Until when a rule cannot begin to hold if its vehicle only goes on as it does: same place, load and motion, no faster
 * than the ceiling. Fixes within are not shown to it. Rules lower what the engine has set.
 */
export type Quiet = {
  /** Event time. */
  untilMs: number;
  ceilingDkph: number;
};

/** What a sentence is made of. */
export type Told = {
  readonly value: number;
  readonly limit: number;
  readonly seconds: number;
  /** The value is the worst of an alarm that is over. */
  readonly isOver: boolean;
  /** Name of the fence or kind; '' where the rule has neither. */
  readonly name: string;
};

/**
 * A rule of the catalogue: pure, without a memory of its own. What a policy says about when and where it applies is asked
 * by the engine before; the rule is shown facts and thresholds.
 */
export type Rule<R extends CatalogueRuleId = CatalogueRuleId> = {
  readonly id: R;
  /** A timer shows it what is known of a silent vehicle, too. */
  readonly isTimed?: true;
  /** Where it applies is asked of the place where the load changed. */
  readonly isWhereLoaded?: true;
  /** It holds while this alarm flag is set, and asks for nothing else: also in a fix that is good for nothing else. */
  readonly alarmBit?: number;
  /** Writes state, value and limit (the rest is set): level and tier only where they are the rule's own to say. */
  readonly observe: (facts: Facts, thresholds: ThresholdsOf<R>, out: Observation) => void;
  /** Absent: it cannot begin to hold unless something changes that a fix tells beside speed and place. */
  readonly quiet?: (facts: Facts, thresholds: ThresholdsOf<R>, quiet: Quiet) => void;
  /** "driven 241 min without a rest of 20": without duration, policy and full stop. */
  readonly tell: (told: Told) => string;
};

/** A rule whose alarms are one for each kind: which kinds hold at this fix. */
export type KindRule<R extends CatalogueRuleId = CatalogueRuleId> = {
  readonly id: R;
  /** Calls `holds` once for each kind, with its number and the terminal's level (0: it has none). */
  readonly eachKind: (facts: Facts, holds: (kind: number, level: number) => void) => void;
  /** What a kind is called: id as in alarms and policies, and a name for people. */
  readonly nameOf: (kind: number) => { readonly id: string; readonly name: string };
  readonly tell: (told: Told) => string;
};
