import { ruleSpec, type FirstRuleCase, type RuleId, type VehicleClass } from '@haulwatch/domain';
import { classCode, firstCaseAt, type FirstCases } from '@haulwatch/rules';
import {
  fencesOf,
  ownName,
  timingOf,
  type Subject,
  type ToldRule,
  type ToldSetting,
  type ToldThreshold,
} from './explain-told.ts';
import { toldFence } from './explain-fences.ts';
import { conditionWords } from './explain-words.ts';

/** The three rules that are always on and have a shape of their own in policies. */
export function explainFirstRules(subject: Subject): ToldRule[] {
  return [overspeed(subject), prohibitedZone(subject), sos(subject)];
}

function overspeed(subject: Subject): ToldRule {
  const { policy, class: vehicleClass, view } = subject;
  const { limitsKph, nightPercent, clearBelowKph, plausibleMaxKph, tiers, cases } = policy.overspeed;
  const limitKph = view === undefined ? undefined : view.facts.limitDkph / 10;
  const percent = nightPercent?.[vehicleClass];
  const found = caseHere('overspeed', cases, subject);
  const ofTiers = tiers.map(({ excessPercent, level, tier, source }) => ({
    name: `tier from ${excessPercent} %`,
    when: whenWords(limitKph === undefined ? excessWords(excessPercent) : speedWords(limitKph, excessPercent), found),
    isOff: false,
    level: found?.level ?? level,
    tier: found?.tier ?? tier,
    thresholds: [{ name: 'excessPercent', unit: '%', value: excessPercent, source }],
  }));
  return {
    ...specOf('overspeed'),
    ...(found?.isOff === true && { offBecause: offWords(found) }),
    settings: [
      ...(found?.isOff === true ? [found] : ofTiers),
      ...(view === undefined ? toldCases(cases, vehicleClass) : []),
    ],
    timing: [
      { name: 'limitsKph', unit: 'km/h', ...limitsKph[vehicleClass] },
      ...(percent === undefined ? [] : [{ name: 'nightPercent', unit: '%', ...percent }]),
      ...timingOf(policy.overspeed),
      { name: 'clearBelowKph', unit: 'km/h', ...clearBelowKph },
      { name: 'plausibleMaxKph', unit: 'km/h', ...plausibleMaxKph },
    ],
  };
}

/** The cases that a policy gives one of these rules, those that can be a class's own. */
export function toldCases(cases: readonly FirstRuleCase[] = [], vehicleClass?: VehicleClass): ToldSetting[] {
  return [...cases.entries()]
    .filter(([, { when }]) => vehicleClass === undefined || (when.classes?.includes(vehicleClass) ?? true))
    .map(([index, { when, off = false, ...changes }]) => ({
      name: `case ${index + 1}`,
      when: conditionWords(when),
      isOff: off,
      ...changes,
      thresholds: [],
    }));
}

/** The case that wins at the place that is asked about. */
function caseHere(
  rule: keyof FirstCases,
  cases: readonly FirstRuleCase[] | undefined,
  { rules, class: vehicleClass, view }: Subject,
): ToldSetting | undefined {
  if (view === undefined) return undefined;
  const found = firstCaseAt(rules.classRules[classCode(vehicleClass)]!.first[rule], view.facts);
  return found === undefined ? undefined : toldCases(cases)[found.index];
}

function whenWords(words: string, found: ToldSetting | undefined): string {
  return found === undefined ? words : `${words} (${found.name}: ${found.when})`;
}

function offWords({ name, when }: ToldSetting): string {
  return `switched off by ${name}: ${when}`;
}

/** At the limit itself nothing holds; at a higher tier's very beginning that tier does. */
export function excessWords(percent: number): string {
  return percent === 0 ? 'above the limit' : `${percent} % or more above the limit`;
}

/** The same in km/h. Speeds have steps of 0.1 km/h: the first that reaches the tier. */
function speedWords(limitKph: number, percent: number): string {
  if (percent === 0) return `above ${limitKph} km/h`;
  const firstKph = Math.ceil(Number((limitKph * (10 + percent / 10)).toFixed(6))) / 10;
  return `${firstKph} km/h or more`;
}

function prohibitedZone(subject: Subject): ToldRule {
  const { policy, class: vehicleClass, view } = subject;
  const { level, tier, cases } = policy.prohibitedZone;
  const fences = view === undefined ? fencesOf(policy, vehicleClass) : view.fences.map((i) => policy.fences[i]!);
  const closed = fences
    .map((fence) => toldFence(fence, policy, vehicleClass, view))
    .filter(({ prohibited, isClosed }) => (view === undefined ? prohibited : isClosed === true));
  const found = closed.length === 0 ? undefined : caseHere('prohibitedZone', cases, subject);
  const own: ToldSetting = { name: ownName, when: '', isOff: false, level, tier, thresholds: [] };
  const ofFences = closed
    .filter((fence) => view !== undefined || fence.level !== level || fence.tier !== tier)
    .map((fence) => ({
      name: `fence ${fence.id}`,
      when: whenWords(`'${fence.name}', closed ${fence.schedule}`, found),
      isOff: false,
      level: found?.level ?? fence.level,
      tier: found?.tier ?? fence.tier,
      thresholds: [],
    }));
  const nothing =
    view === undefined ? `no fence is closed to ${vehicleClass}` : `no fence here is closed to ${vehicleClass} now`;
  const here = found?.isOff === true ? [found] : ofFences;
  return {
    ...specOf('prohibited-zone'),
    ...(closed.length === 0 && { offBecause: nothing }),
    ...(found?.isOff === true && { offBecause: offWords(found) }),
    settings: view === undefined ? [own, ...ofFences, ...toldCases(cases, vehicleClass)] : here,
    timing: timingOf(policy.prohibitedZone),
  };
}

function sos(subject: Subject): ToldRule {
  const { policy, class: vehicleClass, view } = subject;
  const { level, tier, clearAfterS, cases } = policy.sos;
  const timing: ToldThreshold[] = [{ name: 'clearAfterS', unit: 's', ...clearAfterS }];
  const own: ToldSetting = { name: ownName, when: '', isOff: false, level, tier, thresholds: [] };
  const here = { ...own, ...caseHere('sos', cases, subject) };
  return {
    ...specOf('sos'),
    settings: view === undefined ? [own, ...toldCases(cases, vehicleClass)] : [here],
    timing,
  };
}

function specOf(rule: RuleId): Pick<ToldRule, 'rule' | 'term' | 'condition' | 'source'> {
  const { term, condition, source } = ruleSpec(rule);
  return { rule, term, condition, source };
}
