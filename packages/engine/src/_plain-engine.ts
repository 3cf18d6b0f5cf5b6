import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { point, polygon } from '@turf/helpers';
import {
  fromE7,
  toE7,
  type Fence,
  type FenceShape,
  type Policy,
  type RuleId,
  type VehicleClass,
} from '@haulwatch/domain';
import { degreesAt } from './_policy.ts';
import { epochMs, type TrackRow } from './_trial.ts';

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
      for (const { atS, kind, ...rest } of found) steps.push({ atS, kind, vehicle, rule, fence, ...rest });
    };
    tell('overspeed', '', stretches(speeds(placed, policy, vehicleClass), timingOf(policy.overspeed, policy)));
    for (const fence of policy.fences) {
      const seen = placed.map((fix): Seen => {
        const held = fence.prohibited && speaksTo(fence, vehicleClass, fix, policy) && isInside(fence.shape, fix);
        const level = fence.level ?? policy.prohibitedZone.level;
        return { atS: fix.atS, state: held ? 'holds' : 'over', level };
      });
      tell('prohibited-zone', fence.id, stretches(seen, timingOf(policy.prohibitedZone)));
    }
    const pressed = fixes.map((fix): Seen => ({
      atS: fix.atS,
      state: fix.sos ? 'holds' : 'over',
      level: policy.sos.level,
    }));
    tell('sos', '', stretches(pressed, timingOf({ ...policy.sos, minDurationS: { value: 0 } })));
  }
  return steps;
}

export type PlainStep = Found & { readonly vehicle: string; readonly rule: RuleId; readonly fence: string };

type Found = {
  readonly kind: 'raised' | 'escalated' | 'cleared';
  readonly atS: number;
  readonly startedS: number;
  readonly endedS?: number;
  readonly gap?: boolean;
  readonly level: number;
  readonly value?: number | undefined;
  readonly limit?: number | undefined;
};

type Seen = {
  readonly atS: number;
  readonly state: 'holds' | 'band' | 'over' | 'unknown';
  readonly level: number;
  readonly value?: number;
  readonly limit?: number;
};

type Timing = { readonly minS: number; readonly clearS: number; readonly gapS: number };

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

/** Cuts what was seen into stretches in which a condition held, and tells the steps of each that is an alarm. */
function stretches(all: readonly Seen[], timing: Timing): Found[] {
  const found: Found[] = [];
  let rest = all;
  for (;;) {
    const from = rest.findIndex((seen) => seen.state === 'holds');
    if (from < 0) return found;
    rest = rest.slice(from);
    const gapAt = firstGap(rest, timing.gapS);
    const known = rest.slice(0, gapAt).filter((seen) => seen.state !== 'unknown');
    const broken = known.findIndex((seen) => seen.state !== 'holds');
    const raisedAt = (broken < 0 ? known : known.slice(0, broken)).findIndex(
      (seen) => seen.atS - known[0]!.atS >= timing.minS,
    );
    const endAt = raisedAt < 0 ? -1 : endOf(known, raisedAt, timing.clearS);
    const isOver = endAt >= 0 || gapAt < rest.length;
    if (raisedAt >= 0) {
      const last = endAt >= 0 ? known[endAt] : rest[gapAt];
      found.push(...told(endAt >= 0 ? known.slice(0, endAt + 1) : known, raisedAt, isOver ? last : undefined));
    }
    if (raisedAt < 0 && broken >= 0) rest = rest.slice(rest.indexOf(known[broken]!));
    else if (endAt >= 0) rest = rest.slice(rest.indexOf(known[endAt]!) + 1);
    else rest = rest.slice(gapAt);
  }
}

/** The first that comes more than the gap after what was known before it. */
function firstGap(seen: readonly Seen[], gapS: number): number {
  const at = seen.findIndex(({ atS }, i) => {
    const before = seen.slice(0, i).findLast(({ state }) => state !== 'unknown');
    return before !== undefined && atS - before.atS > gapS;
  });
  return at < 0 ? seen.length : at;
}

/** Where it has been over for so long without a break. */
function endOf(known: readonly Seen[], raisedAt: number, clearS: number): number {
  return known.findIndex((seen, i) => {
    if (i <= raisedAt || seen.state !== 'over') return false;
    const lastOther = known.slice(0, i).findLastIndex(({ state }) => state !== 'over');
    return seen.atS - known[lastOther + 1]!.atS >= clearS;
  });
}

function told(known: readonly Seen[], raisedAt: number, end: Seen | undefined): Found[] {
  const startedS = known[0]!.atS;
  const steps: Found[] = [];
  for (const [i, seen] of known.entries()) {
    if (seen.state !== 'holds' || i < raisedAt) continue;
    const before = Math.max(
      0,
      ...known
        .slice(0, i)
        .filter(isHeld)
        .map(({ level }) => level),
    );
    const { atS, value, limit } = seen;
    const level = Math.max(before, seen.level);
    if (i === raisedAt) steps.push({ kind: 'raised', atS, startedS, level, value, limit });
    else if (seen.level > before) steps.push({ kind: 'escalated', atS, startedS, level, value, limit });
  }
  if (end === undefined) return steps;
  const held = known.filter(isHeld);
  const worst = held.toSorted((a, b) => excessOf(b) - excessOf(a))[0]!;
  const gap = !known.includes(end);
  const lastHeld = known.lastIndexOf(held.at(-1)!);
  const endedS = gap ? known[lastHeld]!.atS : known[lastHeld + 1]!.atS;
  const level = Math.max(...held.map((seen) => seen.level));
  steps.push({ kind: 'cleared', atS: end.atS, startedS, endedS, gap, level, value: worst.value, limit: worst.limit });
  return steps;
}

function isHeld({ state }: Seen): boolean {
  return state === 'holds';
}

function excessOf({ value, limit }: Seen): number {
  return value === undefined || limit === undefined ? 0 : value / limit;
}

/** What overspeed sees, in 0.1 km/h as terminals tell it. */
function speeds(placed: readonly TrackRow[], policy: Policy, vehicleClass: VehicleClass): Seen[] {
  const { limitsKph, clearBelowKph, tiers } = policy.overspeed;
  return placed.map((fix, i): Seen => {
    const { atS } = fix;
    const kph = fix.kph ?? derivedKph(placed[i - 1], fix, policy);
    if (kph === undefined) return { atS, state: 'unknown', level: 0 };
    const fences = policy.fences.filter(
      (fence) => speaksTo(fence, vehicleClass, fix, policy) && isInside(fence.shape, fix),
    );
    const limit = Math.min(limitsKph[vehicleClass].value, ...fences.map((fence) => fence.limitKph ?? Infinity));
    if (kph <= limit) {
      const state = kph === 0 || kph <= limit - clearBelowKph.value ? 'over' : 'band';
      return { atS, state, level: 0 };
    }
    const tier = tiers.findLast(({ excessPercent }) => Math.round(kph * 1_000) >= limit * (1_000 + 10 * excessPercent));
    return { atS, state: 'holds', level: tier!.level, value: kph, limit };
  });
}

function derivedKph(before: TrackRow | undefined, fix: TrackRow, policy: Policy): number | undefined {
  if (before === undefined || fix.atS - before.atS > policy.time.gapMaxS.value) return undefined;
  const kph = (metres(placeOf(before), placeOf(fix)) / (fix.atS - before.atS)) * 3.6;
  return kph > policy.overspeed.plausibleMaxKph.value ? undefined : Math.round(kph * 10) / 10;
}

function speaksTo(fence: Fence, vehicleClass: VehicleClass, fix: TrackRow, policy: Policy): boolean {
  return fence.classes.includes(vehicleClass) && isOpen(fence, fix.atS, policy.timeZone);
}

function isOpen({ schedule }: Fence, atS: number, timeZone: string): boolean {
  if (schedule.length === 0) return true;
  const { day, minute } = localTime(epochMs + atS * 1_000, timeZone);
  const dayBefore = ((day + 5) % 7) + 1;
  return schedule.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
    return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute);
  });
}

function localTime(atMs: number, timeZone: string): { day: number; minute: number } {
  const parts = clockOf(timeZone).formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)!.value;
  const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1;
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Kept: making one takes as long as the rest of a track. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' });
  clocks.set(timeZone, clock);
  return clock;
}

/** turf on whole lattice numbers: exact, because its orientation test is robust. */
function isInside(shape: FenceShape, fix: TrackRow): boolean {
  const place = placeOf(fix);
  if (shape.kind === 'circle') return metres(shape.centre, place) <= shape.radiusM;
  if (shape.kind === 'corridor') throw new Error('the plain engine knows no corridors');
  const lattice = ([lon, lat]: readonly [number, number]): [number, number] => [toE7(lon), toE7(lat)];
  return shape.polygons.some((rings) =>
    booleanPointInPolygon(point(lattice(place)), polygon(rings.map((ring) => ring.map(lattice)))),
  );
}

/** Where the engine has it: on the lattice. */
function placeOf({ x, y }: TrackRow): readonly [number, number] {
  const [lon, lat] = degreesAt(x, y);
  return [fromE7(toE7(lon)), fromE7(toE7(lat))];
}

/** Great-circle distance, mean radius of the earth. */
function metres([lonA, latA]: readonly [number, number], [lonB, latB]: readonly [number, number]): number {
  const rad = Math.PI / 180;
  const [lon, lat] = [Math.sin(((lonB - lonA) / 2) * rad), Math.sin(((latB - latA) / 2) * rad)];
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(lat ** 2 + Math.cos(latA * rad) * Math.cos(latB * rad) * lon ** 2));
}
