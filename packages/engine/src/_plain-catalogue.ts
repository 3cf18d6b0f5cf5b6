import {
  catalogue,
  catalogueRuleIds,
  type CatalogueRuleId,
  type Policy,
  type RuleCondition,
  type RuleSetting,
  type VehicleClass,
} from '@haulwatch/domain';
import { isMet, tierPlace } from './_plain-cases.ts';
import type { PlainStep } from './_plain-engine.ts';
import { stretches, type Found, type Seen, type Timing } from './_plain-episodes.ts';
import { plainFacts, type PlainFacts } from './_plain-facts.ts';
import { withFreed } from './_plain-hush.ts';
import { plainKinds, toldKinds } from './_plain-kinds.ts';
import type { Journey } from './_plain-place.ts';
import { goneAfterS, looksAt, withLooks, withSilences } from './_plain-silence.ts';
import { plainRules, timedRules } from './_plain-rules.ts';
import type { TrackRow } from './_trial.ts';
import { plainZones } from './_plain-zones.ts';
import { plainStays, seenDwells, seenEntries, toldExits } from './_plain-stays.ts';

/**
 * The rules of the catalogue a second time, plain and slow, for one vehicle's live lane: it sees the whole track at once and derives
 * for each fix anew what the fixes before it say.
 *
 * @param journey its fixes in order, without duplicates.
 * @param rows those of the partition, which tell the time.
 */
export function plainCatalogueAlarms(vehicle: string, journey: Journey, rows: readonly TrackRow[]): PlainStep[] {
  const { policy, vehicleClass } = journey;
  const all = plainFacts(journey);
  const looks = looksAt(rows, vehicle, policy.time.gapMaxS.value);
  const looked = withLooks(journey, all, looks);
  const silences = looksAt(rows, vehicle, goneAfterS(policy));
  const steps: PlainStep[] = [];
  const tell = (rule: CatalogueRuleId, fence: string, found: readonly Found[]): void => {
    for (const one of found) steps.push({ ...one, vehicle, rule, fence });
  };
  const zones = [...plainZones(journey, looks).values()];
  const tellSeen = (rule: CatalogueRuleId, fence: string, asked: readonly Seen[]): void => {
    const seen = catalogue[rule].lastsAcrossGaps ? asked : withSilences(asked, silences);
    const found = stretches(seen, timingOf(rule, policy));
    tell(rule, fence, withFreed({ seen, found }, rule === 'overspeed-warning' ? zones : [], policy));
  };
  const ask = (rule: CatalogueRuleId, facts: PlainFacts, subject = '', eventLevel = 0): Asked | undefined =>
    settingAt(policy, rule, { vehicleClass, facts, subject, eventLevel });
  for (const rule of catalogueRuleIds) {
    const says = plainRules[rule];
    if (says === undefined || policy.rules[rule] === undefined) continue;
    const seen = (timedRules.includes(rule) ? looked : all).map((facts): Seen => {
      const asked = ask(rule, facts);
      if (asked === undefined) return { atS: facts.atS, state: 'over', level: 0, tier: 0 };
      const { level, tier, thresholds } = asked;
      return { atS: facts.atS, level, tier, ...says(facts, thresholds, policy) };
    });
    tellSeen(rule, '', seen);
  }
  for (const rule of plainKinds) {
    if (policy.rules[rule] === undefined) continue;
    for (const subject of new Set(all.flatMap((facts) => toldKinds(rule, facts).map((one) => one.subject)))) {
      const seen = all.flatMap((facts): Seen[] => {
        const { atS } = facts;
        const held = toldKinds(rule, facts)
          .filter((one) => one.subject === subject)
          .flatMap(({ level }) => ask(rule, facts, subject, level) ?? []);
        if (held.length === 0) return [{ atS, state: 'over', level: 0, tier: 0 }];
        return held.map(({ level, tier }) => ({ atS, state: 'holds', level, tier }));
      });
      tellSeen(rule, subject, seen);
    }
  }
  const gradeAt = (rule: CatalogueRuleId, facts: PlainFacts): Pick<Asked, 'level' | 'tier'> | undefined => {
    const asked = ask(rule, facts);
    return asked === undefined ? undefined : { level: asked.level, tier: asked.tier };
  };
  for (const { id, uses = [], dwellMaxS, ...fence } of policy.fences) {
    const stays = plainStays(journey, looked, { id, ...fence });
    if (uses.includes('enter') && policy.rules['fence-enter'] !== undefined) {
      tellSeen('fence-enter', id, seenEntries(looked, stays, gradeAt));
    }
    if (dwellMaxS !== undefined && policy.rules['zone-dwell'] !== undefined) {
      tellSeen('zone-dwell', id, seenDwells(looked, stays, dwellMaxS, gradeAt));
    }
    if (uses.includes('exit')) tell('fence-exit', id, toldExits(stays, gradeAt));
  }
  return steps;
}

type Asked = { readonly level: number; readonly tier: number; readonly thresholds: Readonly<Record<string, number>> };

type Situation = {
  readonly vehicleClass: VehicleClass;
  readonly facts: PlainFacts;
  readonly subject: string;
  readonly eventLevel: number;
};

function timingOf(rule: CatalogueRuleId, policy: Policy): Timing {
  const { minDurationS, clearAfterS } = policy.rules[rule]!;
  const gapS = catalogue[rule].lastsAcrossGaps ? Infinity : policy.time.gapMaxS.value;
  return { minS: minDurationS.value, clearS: clearAfterS.value, gapS };
}

/** The rule's own setting or that of its last case that is met; undefined: it does not apply here and now. */
function settingAt(policy: Policy, rule: CatalogueRuleId, situation: Situation): Asked | undefined {
  const setting: RuleSetting | undefined = policy.rules[rule];
  const meets = (when: RuleCondition): boolean => isRuleMet(when, rule, situation, policy.timeZone);
  if (setting === undefined || !meets(setting.when)) return undefined;
  const found = setting.cases.findLast((one) => meets(one.when)) ?? setting;
  if (found.off === true) return undefined;
  const thresholds = { ...setting.thresholds, ...found.thresholds } as Record<string, { readonly value: number }>;
  return {
    level: found.level ?? setting.level,
    tier: tierPlace(found.tier ?? setting.tier),
    thresholds: Object.fromEntries(Object.entries(thresholds).map(([name, { value }]) => [name, value])),
  };
}

function isRuleMet(when: RuleCondition, rule: CatalogueRuleId, situation: Situation, timeZone: string): boolean {
  const { facts, ...asking } = situation;
  // Where it was loaded or unloaded counts, not where it has come to since.
  const fences = rule === 'suspicious-dump' || rule === 'suspicious-load' ? facts.whereLoaded : facts.here;
  return isMet(when, { ...asking, atS: facts.atS, fences }, timeZone);
}
