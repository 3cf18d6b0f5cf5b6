import type { CatalogueRuleId } from '@haulwatch/domain';
import { answer } from '../_policy.ts';
import { motion, newFacts, type Facts } from '../facts.ts';
import { newObservation, resetObservation, type Observation } from '../observation.ts';
import type { KindRule, Quiet, Rule, ThresholdsOf } from '../rule.ts';
import type { RuleSet } from '../rule-set.ts';

/** When the vehicle of these tests is looked at. */
export const now = 1_780_000_000_000;
export const seconds = 1_000;
export const minutes = 60_000;

/** Refuses clocks that are more than 60 s ahead. */
const rules = testRules();

export type Changes = Partial<Omit<Facts, 'rules'>>;

/**
 * A vehicle that drives steadily at 50 km/h where 60 applies, reports each second and has a terminal that tells nothing else.
 * Frozen: a rule that writes into its facts fails.
 */
export function factsOf(changes: Changes = {}): Facts {
  return Object.freeze({
    ...newFacts(rules, new Int32Array(0), new Float64Array(0)),
    atMs: now,
    sinceMs: 1 * seconds,
    lastAtMs: now - 1 * seconds,
    speedDkph: 500,
    movedM: 14,
    impliedKph: 50,
    motion: motion.moving,
    motionSinceMs: now - 10 * minutes,
    drivenMs: 10 * minutes,
    accelerationMss: 0,
    lateralMss: 0,
    formerKph: 50,
    limitDkph: 600,
    ...changes,
  });
}

/** What a rule says of such a vehicle, in words for tables: the numbers only where it has them. */
export function seenBy<R extends CatalogueRuleId>(
  rule: Rule<R>,
  thresholds: ThresholdsOf<R>,
  changes: Changes,
): Partial<Observation> & Pick<Observation, 'state'> {
  const out = observed(rule, thresholds, factsOf(changes));
  return {
    state: out.state,
    ...(!Number.isNaN(out.value) && { value: out.value, limit: out.limit }),
    ...(!Number.isNaN(out.fromMs) && { fromMs: out.fromMs }),
    ...(out.derived && { derived: true }),
    ...(out.atNight && { atNight: true }),
  };
}

/** As the engine asks: reset, with the setting's level and tier. */
export function observed<R extends CatalogueRuleId>(
  rule: Pick<Rule<R>, 'observe'>,
  thresholds: ThresholdsOf<R>,
  facts: Facts,
): Observation {
  const out = newObservation();
  resetObservation(out);
  out.level = 3;
  out.tier = 'T2';
  rule.observe(facts, Object.freeze({ ...thresholds }), out);
  return out;
}

/** For how long, ms, and up to which speed a rule need not be asked again. */
export function quietOf<R extends CatalogueRuleId>(
  rule: Pick<Rule<R>, 'quiet'>,
  thresholds: ThresholdsOf<R>,
  changes: Changes,
): { forMs: number; ceilingDkph: number } {
  const facts = factsOf(changes);
  const quiet: Quiet = { untilMs: Infinity, ceilingDkph: Infinity };
  rule.quiet?.(facts, thresholds, quiet);
  return { forMs: quiet.untilMs - facts.atMs, ceilingDkph: quiet.ceilingDkph };
}

/** The kinds that hold: ids with the terminal's level. */
export function kindsBy(rule: KindRule, changes: Changes): string[] {
  const found: string[] = [];
  rule.eachKind(factsOf(changes), (kind, level) => found.push(`${rule.nameOf(kind).id} ${level}`));
  return found;
}

function testRules(): RuleSet {
  const found: RuleSet[] = [];
  answer({}, (facts) => {
    found.push(facts.rules);
  });
  return found[0]!;
}
