import {
  catalogue,
  catalogueRuleIds,
  ruleIds,
  vehicleClasses,
  type CatalogueRuleId,
  type Level,
  type Policy,
  type RuleCase,
  type RuleSetting,
  type Tier,
  type VehicleClass,
} from '@haulwatch/domain';
import { kindRules, vehicleRules, type AnyRule } from './catalogue/all-rules.ts';
import { applies, compileCondition, type CompiledCondition, type FenceLists, type Situation } from './conditions.ts';
import type { EpisodeTiming } from './episode.ts';
import { compileFirstCases, type FirstCases } from './first-cases.ts';
import type { KindRule } from './rule.ts';
import type { Schedule } from './schedule.ts';

/** How a rule is applied to one class, in one case. */
export type CompiledSetting = {
  readonly level: Level;
  readonly tier: Tier;
  readonly thresholds: Readonly<Record<string, number>>;
};

type Variant = {
  readonly conditions: readonly CompiledCondition[];
  /** Undefined: the rule does not apply. */
  readonly setting: CompiledSetting | undefined;
};

/** A rule that is on for a class: its setting, then its cases. */
export type ActiveRule<T = unknown> = {
  /** Place in `ruleIds`. */
  readonly number: number;
  readonly rule: T;
  readonly variants: readonly Variant[];
  /** The same in all cases. */
  readonly timing: EpisodeTiming;
};

/** What a policy asks of one class. */
export type ClassRules = {
  readonly first: FirstCases;
  readonly vehicle: readonly ActiveRule<AnyRule>[];
  readonly kinds: readonly ActiveRule<KindRule>[];
  readonly enter: ActiveRule | undefined;
  readonly exit: ActiveRule | undefined;
  readonly dwell: ActiveRule | undefined;
  /** By rule number: 1, it is on. */
  readonly isOn: Uint8Array;
  /** Hours of the clock are kept for it. */
  readonly countsHours: boolean;
  /** Its permits are read. */
  readonly asksPermits: boolean;
  /** After what silences a timer has something to ask, of a vehicle that was moving and of one that stood. */
  readonly silentMovingMs: readonly number[];
  readonly silentParkedMs: readonly number[];
  /** After such a silence nobody can say any more that what was seen last goes on (`goneAfterMs`). */
  readonly goneAfterMs: number;
};

/** The setting that applies here and now: of the last case whose conditions are met. */
export function settingOf(active: ActiveRule, situation: Situation): CompiledSetting | undefined {
  for (let i = active.variants.length - 1; i >= 0; i -= 1) {
    const { conditions, setting } = active.variants[i]!;
    let met = true;
    for (let c = 0; c < conditions.length; c += 1) met &&= applies(conditions[c]!, situation);
    if (met) return setting;
  }
  return undefined;
}

export function compileClassRules(policy: Policy, lists: FenceLists): ClassRules[] {
  return vehicleClasses.map((vehicleClass) => {
    const active = new Map<CatalogueRuleId, ActiveRule>();
    const isOn = new Uint8Array(ruleIds.length);
    for (const id of ['overspeed', 'prohibited-zone', 'sos'] as const) isOn[ruleIds.indexOf(id)] = 1;
    for (const id of catalogueRuleIds) {
      const setting = policy.rules[id];
      const variants = setting === undefined ? [] : variantsOf(setting, vehicleClass, lists);
      const number = ruleIds.indexOf(id);
      if (variants.every((variant) => variant.setting === undefined)) continue;
      isOn[number] = 1;
      active.set(id, { number, rule: undefined, variants, timing: timingOf(id, setting!, policy) });
    }
    const on = <T extends { readonly id: CatalogueRuleId }>(rules: readonly T[]): ActiveRule<T>[] =>
      rules.flatMap((rule) => {
        const found = active.get(rule.id);
        return found === undefined ? [] : [{ ...found, rule }];
      });
    const silences = (rule: CatalogueRuleId, threshold: string): number[] =>
      (active.get(rule)?.variants ?? []).flatMap(({ setting }) => {
        const seconds = setting?.thresholds[threshold];
        return seconds === undefined ? [] : [seconds * 1_000];
      });
    return {
      first: compileFirstCases(policy, vehicleClass, lists),
      vehicle: on(vehicleRules),
      kinds: on(kindRules),
      enter: active.get('fence-enter'),
      exit: active.get('fence-exit'),
      dwell: active.get('zone-dwell'),
      isOn,
      asksPermits: active.has('route-deviation') || active.has('permit-violation'),
      countsHours: active.has('daily-driving') || active.has('weekly-driving'),
      silentMovingMs: [...silences('offline', 'movingS'), ...silences('tampering-suspected', 'silentS')],
      silentParkedMs: silences('offline', 'parkedS'),
      goneAfterMs: goneAfterMs(silences('offline', 'movingS'), policy),
    };
  });
}

/** Where no rule says when a moving vehicle is missed. As the default policy has it: longer than any tunnel of a city. */
const missedAfterMs = 300_000;

/**
 * How long a silence lasts until it ends what does not last across gaps: receipt time, for fixes that the network has held back
 * come as live ones, and if they left no gap the condition went on. To end it after the gap alone would tell people of one
 * overspeed as two. So it is as long as until they are told that the moving vehicle is `offline`, and never within a gap, however
 * far its clock is ahead of the receipt.
 */
function goneAfterMs(offlineMs: readonly number[], { time }: Policy): number {
  const missedMs = offlineMs.length === 0 ? missedAfterMs : Math.max(...offlineMs);
  return Math.max(missedMs, (time.gapMaxS.value + time.clockAheadMaxS.value) * 1_000);
}

/**
 * All windows of time that the settings ask for: they open and close between two fixes. Not those of the cases of the first
 * three rules: they change only what is told of a condition, and no fix in which one of these holds is kept from the rules.
 */
export function schedulesOf(classRules: readonly ClassRules[]): Schedule[] {
  return classRules.flatMap(({ vehicle, kinds, enter, exit, dwell }) =>
    [...vehicle, ...kinds, enter, exit, dwell].flatMap((active) =>
      (active?.variants ?? []).flatMap(({ conditions }) => conditions.map(({ schedule }) => schedule)),
    ),
  );
}

function variantsOf(setting: RuleSetting, vehicleClass: VehicleClass, lists: FenceLists): Variant[] {
  const meant = ({ classes }: RuleSetting['when']): boolean => classes === undefined || classes.includes(vehicleClass);
  if (!meant(setting.when)) return [];
  const base = compileCondition(setting.when, lists);
  const of = ({ level, tier, thresholds = {} }: Omit<RuleCase, 'when'>): CompiledSetting => ({
    level: level ?? setting.level,
    tier: tier ?? setting.tier,
    thresholds: valuesOf({ ...setting.thresholds, ...thresholds }),
  });
  return [
    { conditions: [base], setting: setting.off === true ? undefined : of(setting) },
    ...setting.cases
      .filter(({ when }) => meant(when))
      .map((one) => ({
        conditions: [base, compileCondition(one.when, lists)],
        setting: one.off === true ? undefined : of(one),
      })),
  ];
}

function timingOf(id: CatalogueRuleId, setting: RuleSetting, policy: Policy): EpisodeTiming {
  return {
    minDurationMs: setting.minDurationS.value * 1_000,
    clearAfterMs: setting.clearAfterS.value * 1_000,
    gapMaxMs: catalogue[id].lastsAcrossGaps ? Infinity : policy.time.gapMaxS.value * 1_000,
  };
}

function valuesOf(thresholds: RuleSetting['thresholds']): Record<string, number> {
  return Object.fromEntries(
    Object.entries<{ readonly value: number }>(thresholds).map(([name, { value }]) => [name, value]),
  );
}
