import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { point, polygon } from '@turf/helpers';
import {
  fromE7,
  toE7,
  type Fence,
  type FenceShape,
  type Permit,
  type Policy,
  type ScheduleWindow,
  type VehicleClass,
} from '@haulwatch/domain';
import { degreesAt } from './_policy.ts';
import { epochMs, type TrackRow } from './_trial.ts';

/** The fixes of one vehicle in order, and what is asked of it. */
export type Journey = {
  readonly fixes: readonly TrackRow[];
  readonly policy: Policy;
  readonly vehicleClass: VehicleClass;
  readonly permits: readonly Permit[];
};

export function lastPlaced(fixes: readonly TrackRow[], i: number): TrackRow | undefined {
  return fixes.slice(0, i + 1).findLast(({ invalid }) => !invalid);
}

/** What becomes of the position of each fix. */
export type Belief = {
  /** The vehicle is taken to be there. */
  readonly isBelieved: boolean;
  /** It is the fourth in a row that says so, and the first that is believed. */
  readonly isSettled: boolean;
  /** What its way and speed are measured from: the last believed fix; of one that is settled, the fix before it. */
  readonly from: TrackRow | undefined;
  /** Where the vehicle is taken to be after it. */
  readonly at: TrackRow | undefined;
};

const beliefsKnown = new WeakMap<readonly TrackRow[], Belief[]>();

/** By fix. Each track is gone through once. */
export function beliefsOf(fixes: readonly TrackRow[], policy: Policy): readonly Belief[] {
  const kept = beliefsKnown.get(fixes);
  if (kept !== undefined) return kept;
  const canDrive = (from: TrackRow, to: TrackRow): boolean =>
    kphBetween(from, to) <= policy.overspeed.plausibleMaxKph.value;
  let at: TrackRow | undefined;
  // Positions since the last believed one, each of which can have been driven to from the one before.
  let chain: TrackRow[] = [];
  const beliefs = fixes.map((fix): Belief => {
    if (fix.invalid) return { isBelieved: false, isSettled: false, from: undefined, at };
    const from = at;
    if (from === undefined || canDrive(from, fix)) {
      [at, chain] = [fix, []];
      return { isBelieved: true, isSettled: false, from, at };
    }
    const before = chain.at(-1);
    chain = before !== undefined && canDrive(before, fix) ? [...chain, fix] : [fix];
    if (chain.length < 4) return { isBelieved: false, isSettled: false, from, at };
    [at, chain] = [fix, []];
    return { isBelieved: true, isSettled: true, from: before, at };
  });
  beliefsKnown.set(fixes, beliefs);
  return beliefs;
}

export function kphBetween(from: TrackRow, to: TrackRow): number {
  return (metres(placeOf(from), placeOf(to)) / (to.atS - from.atS)) * 3.6;
}

export function speaksTo(fence: Fence, vehicleClass: VehicleClass, fix: TrackRow, policy: Policy): boolean {
  return fence.classes.includes(vehicleClass) && isOpen(fence.schedule, fix.atS, policy.timeZone);
}

/** Whether it does at one time and in every minute up to another; after a week all has been closed that ever is. */
export function speaksThroughout(
  fence: Fence,
  vehicleClass: VehicleClass,
  fromS: number,
  toS: number,
  policy: Policy,
): boolean {
  if (!fence.classes.includes(vehicleClass)) return false;
  if (fence.schedule.length === 0) return true;
  const { day, minute } = localTime(epochMs + fromS * 1_000, policy.timeZone);
  const count = Math.min(Math.floor(toS / 60) - Math.floor(fromS / 60), 10_080);
  const minutes = Array.from({ length: count + 1 }, (_, i) => ((day - 1) * 1_440 + minute + i) % 10_080);
  return minutes.every((one) => isOpenAt(fence.schedule, Math.floor(one / 1_440) + 1, one % 1_440));
}

/** Whether one of the windows is open; none at all: always. */
export function isOpen(schedule: readonly ScheduleWindow[], atS: number, timeZone: string): boolean {
  if (schedule.length === 0) return true;
  const { day, minute } = localTime(epochMs + atS * 1_000, timeZone);
  return isOpenAt(schedule, day, minute);
}

function isOpenAt(schedule: readonly ScheduleWindow[], day: number, minute: number): boolean {
  const dayBefore = ((day + 5) % 7) + 1;
  return schedule.some(({ days, fromMinute, toMinute }) => {
    if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
    return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute);
  });
}

export function isNightAt({ motion, timeZone }: Policy, atS: number): boolean {
  return isOpen([{ days: [1, 2, 3, 4, 5, 6, 7], ...motion.night }], atS, timeZone);
}

/** The lowest of the class's limit and of those of the fences here; at night the part of it that may be driven, whole 0.1 km/h. */
export function limitAt(here: readonly Fence[], policy: Policy, vehicleClass: VehicleClass, { atS }: TrackRow): number {
  const { limitsKph, nightPercent } = policy.overspeed;
  const limit = Math.min(limitsKph[vehicleClass].value, ...here.map((fence) => fence.limitKph ?? Infinity));
  const percent = isNightAt(policy, atS) ? (nightPercent?.[vehicleClass]?.value ?? 100) : 100;
  return Math.floor((Math.round(limit * 10) * percent) / 100) / 10;
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
export function isInside(shape: FenceShape, fix: TrackRow): boolean {
  const place = placeOf(fix);
  if (shape.kind === 'circle') return metres(shape.centre, place) <= shape.radiusM;
  if (shape.kind === 'corridor') throw new Error('the plain engine knows no corridors');
  const lattice = ([lon, lat]: readonly [number, number]): [number, number] => [toE7(lon), toE7(lat)];
  return shape.polygons.some((rings) =>
    booleanPointInPolygon(point(lattice(place)), polygon(rings.map((ring) => ring.map(lattice)))),
  );
}

/** Where the engine has it: on the lattice. */
export function placeOf({ x, y }: TrackRow): readonly [number, number] {
  const [lon, lat] = degreesAt(x, y);
  return [fromE7(toE7(lon)), fromE7(toE7(lat))];
}

/** Great-circle distance, mean radius of the earth. */
export function metres([lonA, latA]: readonly [number, number], [lonB, latB]: readonly [number, number]): number {
  const rad = Math.PI / 180;
  const [lon, lat] = [Math.sin(((lonB - lonA) / 2) * rad), Math.sin(((latB - latA) / 2) * rad)];
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(lat ** 2 + Math.cos(latA * rad) * Math.cos(latB * rad) * lon ** 2));
}
