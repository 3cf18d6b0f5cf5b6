import {
  catalogueRuleIds,
  ruleSpec,
  type CatalogueRuleId,
  type Permit,
  type Policy,
  type RuleCase,
  type RuleSetting,
  type Threshold,
  type VehicleClass,
} from '@haulwatch/domain';
import { compilePolicy, type ActiveRule } from '@haulwatch/rules';
import { explainFirstRules } from './explain-first-rules.ts';
import { toldFence, toldPlace, type ToldFence, type ToldPlace } from './explain-fences.ts';
import { toldPermits, type ToldPermit } from './explain-permits.ts';
import {
  activeRule,
  unmetWords,
  variantAt,
  variantsForReports,
  viewPlace,
  type PlaceAndTime,
  type PlaceView,
} from './explain-place.ts';
import {
  fencesOf,
  ownName,
  timingOf,
  type Subject,
  type ToldRule,
  type ToldSetting,
  type ToldThreshold,
} from './explain-told.ts';
import { conditionWords } from './explain-words.ts';

export type PolicyExplanation = {
  readonly policy: string;
  readonly timeZone: string;
  readonly class: VehicleClass;
  readonly place?: ToldPlace;
  /** Of the vehicle, where one of the registry is asked about. */
  readonly permits?: readonly ToldPermit[];
  /** That speak to the class; at a place: that hold it. */
  readonly fences: readonly ToldFence[];
  readonly rules: readonly ToldRule[];
  /** What is said once for all rules: motion, time, flapping, flood, storms. */
  readonly general: readonly ToldThreshold[];
};

/** All that a policy says about a class, or about a vehicle of it, with its permits, at one place and time. */
export function explainPolicy(
  policy: Policy,
  vehicleClass: VehicleClass,
  asked?: PlaceAndTime,
  permits?: readonly Permit[],
): PolicyExplanation {
  const rules = compilePolicy(policy);
  const view = asked === undefined ? undefined : viewPlace(rules, vehicleClass, asked);
  const subject = { policy, rules, class: vehicleClass, view };
  const fences = view === undefined ? fencesOf(policy, vehicleClass) : view.fences.map((i) => policy.fences[i]!);
  return {
    policy: policy.name,
    timeZone: policy.timeZone,
    class: vehicleClass,
    ...(view !== undefined && { place: toldPlace(policy, rules, view) }),
    ...(permits !== undefined && { permits: toldPermits(permits, policy, view) }),
    fences: fences.map((fence) => toldFence(fence, policy, vehicleClass, view)),
    rules: [...explainFirstRules(subject), ...catalogueRuleIds.map((id) => explainRule(id, subject))],
    general: generalThresholds(policy),
  };
}

function explainRule(id: CatalogueRuleId, subject: Subject): ToldRule {
  const { term, condition, source } = ruleSpec(id);
  const setting: RuleSetting | undefined = subject.policy.rules[id];
  const told = { rule: id, term, condition, source, settings: [], timing: [] };
  if (setting === undefined) return { ...told, offBecause: 'the policy does not name it' };
  const { classes } = setting.when;
  if (classes !== undefined && !classes.includes(subject.class)) {
    return { ...told, offBecause: `it is for ${classes.join(', ')}` };
  }
  const active = activeRule(subject.rules, subject.class, id);
  if (active === undefined) return { ...told, offBecause: `nothing switches it on for ${subject.class}` };
  const timing = timingOf(setting);
  const variants = variantsOf(id, setting, subject.class);
  const settings = settingsFor(id, active, variants, subject.view);
  const offBecause =
    offReason(id, settings, subject) ??
    (subject.view === undefined || settings.length > 0 ? undefined : unmetWords(active, setting, subject.view));
  return { ...told, ...(offBecause !== undefined && { offBecause }), settings, timing };
}

/** Of a class all of them, as the file has them; at a place what applies there. */
function settingsFor(
  id: CatalogueRuleId,
  active: ActiveRule,
  variants: readonly Variant[],
  view: PlaceView | undefined,
): ToldSetting[] {
  if (view === undefined) return variants.map(({ own }) => own);
  const reached =
    ruleSpec(id).per === 'kind'
      ? variantsForReports(active, view.situation)
      : [variantAt(active, view.situation)].filter((index) => index >= 0);
  return reached.map((index) => variants[index]!.whole);
}

/** What is off though its conditions are met: by a case, or because no fence asks for it. */
function offReason(id: CatalogueRuleId, settings: readonly ToldSetting[], { policy, view, class: of }: Subject) {
  if (settings.length > 0 && settings.every(({ isOff }) => isOff)) {
    return settings
      .map(({ name, when }) =>
        name === ownName ? 'only its cases switch it on, none holds here and now' : `switched off by ${name}: ${when}`,
      )
      .join('; ');
  }
  if (ruleSpec(id).per !== 'fence') return undefined;
  const fences = view === undefined ? policy.fences : view.fences.map((number) => policy.fences[number]!);
  const asks = fences.some((fence) => toldFence(fence, policy, of, view).watchedBy.includes(id));
  if (asks) return undefined;
  return view === undefined ? `no fence for ${of} asks for it` : 'no fence here asks for it now';
}

type Variant = {
  /** What the file says of it. */
  readonly own: ToldSetting;
  /** What applies where it wins. */
  readonly whole: ToldSetting;
};

/** The rule's own setting and its cases for a class, in the order in which they are compiled. */
export function variantsOf(id: CatalogueRuleId, setting: RuleSetting, vehicleClass?: VehicleClass): Variant[] {
  const { cases, when, level, tier, thresholds, off = false } = setting;
  const base = { name: ownName, when: conditionWords(when), isOff: off, level, tier };
  const own = { ...base, thresholds: thresholdsOf(id, thresholds) };
  const isMeant = (one: RuleCase): boolean =>
    vehicleClass === undefined || one.when.classes === undefined || one.when.classes.includes(vehicleClass);
  return [
    { own, whole: own },
    ...[...cases.entries()]
      .filter(([, one]) => isMeant(one))
      .map(([index, one]) => {
        const told = {
          name: `case ${index + 1}`,
          when: conditionWords(one.when),
          isOff: one.off ?? false,
          level: one.level ?? level,
          tier: one.tier ?? tier,
        };
        const changed: GivenThresholds = one.thresholds ?? {};
        return {
          own: { ...told, thresholds: thresholdsOf(id, changed) },
          whole: { ...told, thresholds: thresholdsOf(id, { ...thresholds, ...changed }) },
        };
      }),
  ];
}

type GivenThresholds = Readonly<Record<string, Threshold | undefined>>;

function thresholdsOf(id: CatalogueRuleId, given: GivenThresholds): ToldThreshold[] {
  return Object.entries(ruleSpec(id).thresholds).flatMap(([name, { unit }]) => {
    const threshold = given[name];
    return threshold === undefined ? [] : [{ name, unit, ...threshold }];
  });
}

function generalThresholds({ motion, time, flapping, flood, storms }: Policy): ToldThreshold[] {
  const { night: _, ...numbers } = motion;
  const { rules: _rules, ...stormNumbers } = storms;
  // Each counts within a time of its own.
  const named = (section: string, thresholds: Readonly<Record<string, Threshold>>) =>
    Object.entries(thresholds).map(([name, threshold]) => [`${section}.${name}`, threshold] as const);
  const shared = Object.entries({ ...numbers, ...time, ...flapping });
  return [...shared, ...named('flood', flood), ...named('storms', stormNumbers)].map(([name, threshold]) => ({
    name,
    unit: unitOfName(name),
    ...threshold,
  }));
}

/** Units stand last in names. */
function unitOfName(name: string): string {
  if (name.endsWith('Kph')) return 'km/h';
  if (name.endsWith('Percent')) return '%';
  if (name.endsWith('S')) return 's';
  return name.endsWith('M') ? 'm' : '';
}
