import { ruleSpec, type RuleId } from '@haulwatch/domain';
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

/** The three rules that are always on and have a shape of their own in policies. */
export function explainFirstRules(subject: Subject): ToldRule[] {
  return [overspeed(subject), prohibitedZone(subject), sos(subject)];
}

function overspeed({ policy, class: vehicleClass, view }: Subject): ToldRule {
  const { limitsKph, nightPercent, clearBelowKph, plausibleMaxKph, tiers } = policy.overspeed;
  const limitKph = view === undefined ? undefined : view.facts.limitDkph / 10;
  const percent = nightPercent?.[vehicleClass];
  return {
    ...specOf('overspeed'),
    settings: tiers.map(({ excessPercent, level, tier, source }) => ({
      name: `tier from ${excessPercent} %`,
      when: limitKph === undefined ? excessWords(excessPercent) : speedWords(limitKph, excessPercent),
      isOff: false,
      level,
      tier,
      thresholds: [{ name: 'excessPercent', unit: '%', value: excessPercent, source }],
    })),
    timing: [
      { name: 'limitsKph', unit: 'km/h', ...limitsKph[vehicleClass] },
      ...(percent === undefined ? [] : [{ name: 'nightPercent', unit: '%', ...percent }]),
      ...timingOf(policy.overspeed),
      { name: 'clearBelowKph', unit: 'km/h', ...clearBelowKph },
      { name: 'plausibleMaxKph', unit: 'km/h', ...plausibleMaxKph },
    ],
  };
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

function prohibitedZone({ policy, class: vehicleClass, view }: Subject): ToldRule {
  const { level, tier } = policy.prohibitedZone;
  const fences = view === undefined ? fencesOf(policy, vehicleClass) : view.fences.map((i) => policy.fences[i]!);
  const closed = fences
    .map((fence) => toldFence(fence, policy, vehicleClass, view))
    .filter(({ prohibited, isClosed }) => (view === undefined ? prohibited : isClosed === true));
  const own: ToldSetting = { name: ownName, when: '', isOff: false, level, tier, thresholds: [] };
  const ofFences = closed
    .filter((fence) => view !== undefined || fence.level !== level || fence.tier !== tier)
    .map((fence) => ({
      name: `fence ${fence.id}`,
      when: `'${fence.name}', closed ${fence.schedule}`,
      isOff: false,
      level: fence.level,
      tier: fence.tier,
      thresholds: [],
    }));
  const nothing =
    view === undefined ? `no fence is closed to ${vehicleClass}` : `no fence here is closed to ${vehicleClass} now`;
  return {
    ...specOf('prohibited-zone'),
    ...(closed.length === 0 && { offBecause: nothing }),
    settings: view === undefined ? [own, ...ofFences] : ofFences,
    timing: timingOf(policy.prohibitedZone),
  };
}

function sos({ policy }: Subject): ToldRule {
  const { level, tier, clearAfterS } = policy.sos;
  const timing: ToldThreshold[] = [{ name: 'clearAfterS', unit: 's', ...clearAfterS }];
  const own: ToldSetting = { name: ownName, when: '', isOff: false, level, tier, thresholds: [] };
  return { ...specOf('sos'), settings: [own], timing };
}

function specOf(rule: RuleId): Pick<ToldRule, 'rule' | 'term' | 'condition' | 'source'> {
  const { term, condition, source } = ruleSpec(rule);
  return { rule, term, condition, source };
}
