import type { Policy, RuleId, VehicleClass } from '@haulwatch/domain';
import { askingAt, changesAt, tierPlace } from './_plain-cases.ts';
import { stretches, type Found, type Seen } from './_plain-episodes.ts';
import { withFreed } from './_plain-hush.ts';
import { beliefsOf, limitAt } from './_plain-place.ts';
import { goneAfterS, looksAt, withSilences } from './_plain-silence.ts';
import { derivedKph, toldKph } from './_plain-speed.ts';
import { plainZones } from './_plain-zones.ts';
import type { TrackRow } from './_trial.ts';

/**
 * The three rules a second time, plain and slow, for the live lane alone: it sees the whole track of a vehicle at once and
 * looks for stretches in it, where the engine takes fix after fix. turf says who is inside, Intl what time it is.
 *
 * @param all the rows of the partition, which tell the time.
 */
export function plainAlarms(
  rows: readonly TrackRow[],
  policy: Policy,
  classes: ReadonlyMap<string, VehicleClass>,
  all = rows,
): PlainStep[] {
  const steps: PlainStep[] = [];
  for (const [vehicle, vehicleClass] of classes) {
    const silences = looksAt(all, vehicle, goneAfterS(policy));
    const fixes = rows.filter((row, i) => row.vehicle === vehicle && rows.indexOf(row) === i);
    const placed = fixes.filter((fix) => !fix.invalid);
    const tell = (rule: RuleId, fence: string, found: readonly Found[]): void => {
      for (const one of found) steps.push({ ...one, vehicle, rule, fence });
    };
    const looks = looksAt(all, vehicle, policy.time.gapMaxS.value);
    const zones = plainZones({ fixes, policy, vehicleClass, permits: [] }, looks);
    for (const [fence, found] of zones) tell('prohibited-zone', fence, found);
    const seen = withSilences(speeds(placed, fixes, policy, vehicleClass), silences);
    const { minDurationS, clearAfterS } = policy.overspeed;
    const gapS = policy.time.gapMaxS.value;
    const timing = { minS: minDurationS.value, isMore: true, clearS: clearAfterS.value, gapS };
    const found = stretches(seen, timing);
    tell('overspeed', '', withFreed({ seen, found }, [...zones.values()], policy));
    const pressed = fixes.map(({ atS, sos }): Seen => {
      const changes = changesAt(policy.sos.cases, { vehicleClass, atS, fences: [] }, policy.timeZone);
      const { level = policy.sos.level, tier = policy.sos.tier } = changes;
      return { atS, state: sos ? 'holds' : 'over', level, tier: tierPlace(tier) };
    });
    const sosTiming = { minS: 0, clearS: policy.sos.clearAfterS.value, gapS: Math.max(3_600, gapS) };
    tell('sos', '', stretches(pressed, sosTiming));
  }
  return steps;
}

export type PlainStep = Omit<Found, 'tier'> & {
  /** Place in `tiers`; undefined: it was suppressed. */
  readonly tier: number | undefined;
  readonly vehicle: string;
  readonly rule: RuleId;
  readonly fence: string;
};

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
    if (changes.off === true) return { atS, state: 'over', level: 0, tier: 0 };
    const kph = toldKph(fix, policy) ?? derivedKph(fixes, fixes.indexOf(fix), policy);
    if (kph === undefined) return { atS, state: 'unknown', level: 0, tier: 0 };
    const limit = limitAt(asking.fences, policy, vehicleClass, fix);
    if (kph <= limit) {
      const state = kph === 0 || kph <= limit - clearBelowKph.value ? 'over' : 'band';
      return { atS, state, level: 0, tier: 0 };
    }
    const tier = tiers.findLast(({ excessPercent }) => Math.round(kph * 1_000) >= limit * (1_000 + 10 * excessPercent));
    const told = { level: changes.level ?? tier!.level, tier: tierPlace(changes.tier ?? tier!.tier) };
    return { atS, state: 'holds', ...told, value: kph, limit };
  });
}
