import type { RuleId } from './catalogue/catalogue.ts';
import type { Threshold } from './policy.ts';

/**
 * The rules whose alarms may be taken for one fault of network, satellites or terminals when many vehicles raise them at once.
 * What a driver does is never among them: a hundred who speed are a hundred dangers.
 */
export const stormRuleIds = [
  'offline',
  'offline-displacement',
  'gnss-drift',
  'gnss-stuck',
  'clock-skew',
  'terminal-fault',
  'power-cut',
  'tampering-suspected',
] as const satisfies readonly RuleId[];
export type StormRuleId = (typeof stormRuleIds)[number];

/**
 * When an alarm of one kind is a storm: raised within `withinS` by more vehicles of a partition of the telemetry log than the larger of
 * `vehiclesMax` and `vehiclesPercent` of those that were heard within a day. Then it is recorded and nobody is called, until half as many
 * raise it.
 */
export type StormSettings = {
  /** Each once, in the order of `stormRuleIds`; none: there are no storms. */
  readonly rules: readonly StormRuleId[];
  readonly vehiclesMax: Threshold;
  readonly vehiclesPercent: Threshold;
  readonly withinS: Threshold;
};
