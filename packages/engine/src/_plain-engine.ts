import { tiers as allTiers, type Policy, type RuleId, type Tier, type VehicleClass } from '@haulwatch/domain';
import { changesAt, type Asking } from './_plain-cases.ts';
import { stretches, type Found, type Seen, type Timing } from './_plain-episodes.ts';
import { withFreed } from './_plain-hush.ts';
import { beliefsOf, isInside, kphBetween, limitAt, speaksTo } from './_plain-place.ts';
import type { TrackRow } from './_trial.ts';

/**
 * The three rules a second time, plain and slow, for the live lane alone: it sees the whole track of a vehicle at once and
 * looks for stretches in it, where the engine takes fix after fix. turf says who is inside, Intl what time it is.
 */
export function plainAlarms(
  rows: readonly TrackRow[],
  policy: Policy,
  classes: ReadonlyMap<string, VehicleClass>,
): PlainStep[] {
  const steps: PlainStep[] = [];
  for (const [vehicle, vehicleClass] of classes) {
    const fixes = rows.filter((row, i) => row.vehicle === vehicle && rows.indexOf(row) === i);
    const placed = fixes.filter((fix) => !fix.invalid);
    const tell = (rule: RuleId, fence: string, found: readonly Found[]): void => {
      for (const { atS, kind, tier: _, ...rest } of found) steps.push({ atS, kind, vehicle, rule, fence, ...rest });
    };
    const zones = plainZones(fixes, policy, vehicleClass);
    for (const [fence, found] of zones) tell('prohibited-zone', fence, found);
    const seen = speeds(placed, fixes, policy, vehicleClass);
    const found = stretches(seen, timingOf(policy.overspeed, policy));
    tell('overspeed', '', withFreed({ seen, found }, [...zones.values()], policy));
    const pressed = fixes.map(({ atS, sos }): Seen => {
      const changes = changesAt(policy.sos.cases, { vehicleClass, atS, fences: [] }, policy.timeZone);
      return { atS, state: sos ? 'holds' : 'over', level: changes.level ?? policy.sos.level };
    });
    const gapS = Math.max(3_600, policy.time.gapMaxS.value);
    tell('sos', '', stretches(pressed, { minS: 0, clearS: policy.sos.clearAfterS.value, gapS }));
  }
  return steps;
}

/** What is found of each fence that may be closed to a vehicle, by its id. */
export function plainZones(
  fixes: readonly TrackRow[],
  policy: Policy,
  vehicleClass: VehicleClass,
): ReadonlyMap<string, readonly Found[]> {
  const beliefs = beliefsOf(fixes, policy);
  const believed = fixes.filter((_, i) => beliefs[i]!.isBelieved);
  const found = policy.fences.map((fence) => {
    const seen = believed.map((fix): Seen => {
      const { atS } = fix;
      const asking = askingAt(fix, fix, policy, vehicleClass);
      const { cases, ...rule } = policy.prohibitedZone;
      const changes = changesAt(cases, asking, policy.timeZone);
      const { off = false, level = fence.level ?? rule.level, tier = fence.tier ?? rule.tier } = changes;
      const held = fence.prohibited && asking.fences.includes(fence) && !off;
      return { atS, state: held ? 'holds' : 'over', level, tier: placeOf(tier) };
    });
    return [fence.id, stretches(seen, timingOf(policy.prohibitedZone))] as const;
  });
  return new Map(found);
}

export function placeOf(tier: Tier): number {
  return allTiers.indexOf(tier);
}

export type PlainStep = Omit<Found, 'tier'> & {
  readonly vehicle: string;
  readonly rule: RuleId;
  readonly fence: string;
};

function timingOf(
  rule: { readonly minDurationS: { readonly value: number }; readonly clearAfterS: { readonly value: number } },
  withGap?: Policy,
): Timing {
  return {
    minS: rule.minDurationS.value,
    clearS: rule.clearAfterS.value,
    gapS: withGap?.time.gapMaxS.value ?? Infinity,
  };
}

/** A vehicle of a class at a fix, and the fences in force that hold a place. */
function askingAt(fix: TrackRow, place: TrackRow, policy: Policy, vehicleClass: VehicleClass): Asking {
  const fences = policy.fences.filter(
    (fence) => speaksTo(fence, vehicleClass, fix, policy) && isInside(fence.shape, place),
  );
  return { vehicleClass, atS: fix.atS, fences };
}

/** What overspeed sees, in 0.1 km/h as terminals tell it. */
function speeds(
  placed: readonly TrackRow[],
  fixes: readonly TrackRow[],
  policy: Policy,
  vehicleClass: VehicleClass,
): Seen[] {
  const { clearBelowKph, tiers, cases } = policy.overspeed;
  return placed.map((fix): Seen => {
    const { atS } = fix;
    const belief = beliefsOf(fixes, policy)[fixes.indexOf(fix)]!;
    // Where it is taken to be, at the limits of now.
    const asking = askingAt(fix, belief.at!, policy, vehicleClass);
    const changes = changesAt(cases, asking, policy.timeZone);
    if (changes.off === true) return { atS, state: 'over', level: 0 };
    const kph = toldKph(fix, policy) ?? derivedKph(fixes, fixes.indexOf(fix), policy);
    if (kph === undefined) return { atS, state: 'unknown', level: 0 };
    const limit = limitAt(asking.fences, policy, vehicleClass, fix);
    if (kph <= limit) {
      const state = kph === 0 || kph <= limit - clearBelowKph.value ? 'over' : 'band';
      return { atS, state, level: 0 };
    }
    const tier = tiers.findLast(({ excessPercent }) => Math.round(kph * 1_000) >= limit * (1_000 + 10 * excessPercent));
    const told = { level: changes.level ?? tier!.level, tier: placeOf(changes.tier ?? tier!.tier) };
    return { atS, state: 'holds', ...told, value: kph, limit };
  });
}

/** What no vehicle can drive, a terminal has not told. */
export function toldKph({ kph }: TrackRow, policy: Policy): number | undefined {
  return kph !== undefined && kph > policy.overspeed.plausibleMaxKph.value ? undefined : kph;
}

/** The lesser of since the former believed fix and since the one before it, if the speed of the former was derived, too. */
export function derivedKph(fixes: readonly TrackRow[], i: number, policy: Policy): number | undefined {
  const { from, isSettled } = beliefsOf(fixes, policy)[i]!;
  if (!isDerivable(fixes, i, policy)) return undefined;
  const former = fixes.indexOf(from!);
  const isPair = !isSettled && isDerivable(fixes, former, policy) && toldKph(from!, policy) === undefined;
  const before = beliefsOf(fixes, policy)[former]!;
  const kphs = [from!, ...(isPair && !before.isSettled ? [before.from!] : [])].map((one) => kphBetween(one, fixes[i]!));
  return Math.round(Math.min(...kphs) * 10) / 10;
}

function isDerivable(fixes: readonly TrackRow[], i: number, policy: Policy): boolean {
  const { from, isBelieved } = beliefsOf(fixes, policy)[i]!;
  return isBelieved && from !== undefined && fixes[i]!.atS - from.atS <= policy.time.gapMaxS.value;
}
