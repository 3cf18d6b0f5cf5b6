import { bodyAndCargo } from './body-and-cargo.ts';
import { dataQuality } from './data-quality.ts';
import { mannerAndTerminal } from './manner-and-terminal.ts';
import { places } from './places.ts';
import type { RuleSpec, RuleSpecs } from './rule-spec.ts';
import { speedAndHours } from './speed-and-hours.ts';

/** The three with a shape of their own in policies: limits by class and tiers, closed fences, the button. */
const firstRules = {
  overspeed: {
    term: '超速',
    condition: 'faster than the lowest limit that applies: the class’s, or that of a fence it is in',
    source: '交运发〔2016〕160号 考核表注② (more than 30 s); 公安部 道路交通安全违法行为记分管理办法 (10, 20 and 50 %)',
    per: 'vehicle',
    unit: 'km/h',
    lastsAcrossGaps: false,
    thresholds: {},
  },
  'prohibited-zone': {
    term: '禁行区域',
    condition: 'inside a fence that is closed to its class while the fence’s schedule is open',
    source: '危险货物道路运输安全管理办法 第四十九条; 上海市道路交通管理条例 第三十一条, 第五十九条',
    per: 'fence',
    lastsAcrossGaps: true,
    thresholds: {},
  },
  sos: {
    term: '紧急报警',
    condition: 'the emergency button is pressed: alarm flag 0',
    source: 'JT/T 808-2019 alarm flag 0',
    per: 'vehicle',
    lastsAcrossGaps: true,
    thresholds: {},
  },
} as const satisfies RuleSpecs;

/**
 * The rules that a policy may switch on beside the first three. A rule that a policy does not name is off.
 */
export const catalogue = {
  ...speedAndHours,
  ...places,
  ...bodyAndCargo,
  ...mannerAndTerminal,
  ...dataQuality,
} as const satisfies RuleSpecs;

export const ruleSpecs = { ...firstRules, ...catalogue } as const satisfies RuleSpecs;

/** The rule's name in policies, alarms, metrics and statistics. */
export type RuleId = keyof typeof ruleSpecs;
export type CatalogueRuleId = keyof typeof catalogue;

/** Their order is the rule's number in packed state: new ones go to the end of the last family. */
export const ruleIds = Object.keys(ruleSpecs) as readonly RuleId[];
export const catalogueRuleIds = Object.keys(catalogue) as readonly CatalogueRuleId[];

/** The names of a rule's thresholds. */
export type ThresholdName<R extends RuleId> = keyof (typeof ruleSpecs)[R]['thresholds'] & string;

export function ruleSpec(rule: RuleId): RuleSpec {
  return ruleSpecs[rule];
}
