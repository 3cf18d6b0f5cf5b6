import {
  alarmFlagSos,
  toE7,
  type Fence,
  type Fix,
  type Policy,
  type Vehicle,
  type VehicleClass,
} from '@haulwatch/domain';
import { FlatbushTurf } from './fence-peers.ts';
import { latticeOf } from './lattice-fence.ts';
import { PlainEpisode, type PlainAlarm, type Seen, type Subject, type Timing } from './plain-episode.ts';

/** How many of a vehicle's newest fixes are kept to know duplicates by. */
const recentMax = 8;

type Recent = { readonly atMs: number; readonly x: number; readonly y: number; pressed: boolean };

type VehicleState = {
  readonly id: string;
  readonly class: VehicleClass;
  lastAtMs: number;
  place: { readonly atMs: number; readonly lonDeg: number; readonly latDeg: number } | undefined;
  recent: Recent[];
  episodes: Map<string, PlainEpisode>;
};

/**
 * The work of the engine once more, as one writes it with what is at hand: JSON.parse, a map of vehicles as objects, flatbush
 * and turf, Intl. The same alarms as the engine's, for the live lane: what is told after the fact is counted as `late` and left
 * out, so that it is to be compared on input without any.
 */
export class PlainEngine {
  late = 0;
  duplicates = 0;
  readonly #policy: Policy;
  readonly #finder: FlatbushTurf;
  readonly #fencesById: ReadonlyMap<string, Fence>;
  readonly #vehicles: ReadonlyMap<string, VehicleState>;
  readonly #clock: Clock;
  readonly #timing: Readonly<Record<Subject['rule'], Timing>>;
  #told: PlainAlarm[] = [];

  constructor(policy: Policy, vehicles: Iterable<Vehicle>) {
    this.#policy = policy;
    this.#finder = new FlatbushTurf(policy.fences.map((fence) => latticeOf(fence.shape)));
    this.#fencesById = new Map(policy.fences.map((fence) => [fence.id, fence]));
    this.#vehicles = new Map(Iterator.from(vehicles).map((vehicle) => [vehicle.id, newState(vehicle)]));
    this.#clock = new Clock(policy.timeZone);
    const { overspeed, prohibitedZone, sos, time } = policy;
    this.#timing = {
      overspeed: timingOf(overspeed.minDurationS.value, overspeed.clearAfterS.value, time.gapMaxS.value),
      'prohibited-zone': timingOf(prohibitedZone.minDurationS.value, prohibitedZone.clearAfterS.value, Infinity),
      sos: timingOf(0, sos.clearAfterS.value, Infinity),
    };
  }

  /** One record of JSON v1, and the steps of alarms that it causes. */
  take(text: string): PlainAlarm[] {
    this.#told = [];
    const fix = JSON.parse(text) as Fix;
    const vehicle = this.#vehicles.get(fix.vehicleId);
    if (vehicle !== undefined) this.#takeOf(vehicle, fix);
    return this.#told;
  }

  #takeOf(vehicle: VehicleState, fix: Fix): void {
    const atMs = fix.fixedAtMs;
    const [x, y] = [toE7(fix.lonDeg), toE7(fix.latDeg)];
    const pressed = isPressed(fix);
    const known = vehicle.recent.find((one) => one.atMs === atMs && one.x === x && one.y === y);
    if (known !== undefined) {
      this.duplicates += 1;
      if (pressed && !known.pressed) this.#press(vehicle, atMs);
      known.pressed ||= pressed;
      return;
    }
    if (fix.blindZone === true || atMs < vehicle.lastAtMs - this.#policy.time.reorderMaxS.value * 1_000) {
      this.late += 1;
      return;
    }
    vehicle.recent = [...vehicle.recent.slice(1 - recentMax), { atMs, x, y, pressed }];
    if (atMs <= vehicle.lastAtMs) {
      if (pressed) this.#press(vehicle, atMs);
      return;
    }
    if (fix.valid !== false) this.#move(vehicle, fix);
    if (pressed || vehicle.episodes.has('sos'))
      this.#step(vehicle, { rule: 'sos', vehicleId: vehicle.id }, atMs, this.#sos(pressed));
    vehicle.lastAtMs = atMs;
  }

  /** The emergency button in a fix that is not news otherwise. */
  #press(vehicle: VehicleState, atMs: number): void {
    const open = vehicle.episodes.get('sos');
    if (open !== undefined && atMs < open.seenAtMs) return;
    this.#step(vehicle, { rule: 'sos', vehicleId: vehicle.id }, atMs, this.#sos(true));
  }

  #sos(pressed: boolean): Seen {
    return pressed ? { state: 'holds', level: this.#policy.sos.level } : { state: 'over' };
  }

  #move(vehicle: VehicleState, fix: Fix): void {
    const atMs = fix.fixedAtMs;
    const speedKph = fix.speedKph ?? this.#derivedKph(vehicle, fix);
    vehicle.place = { atMs, lonDeg: fix.lonDeg, latDeg: fix.latDeg };
    const fences = this.#finder
      .fencesAt(toE7(fix.lonDeg), toE7(fix.latDeg))
      .map((number) => this.#policy.fences[number]!)
      .filter((fence) => this.#isFor(fence, vehicle, atMs));
    this.#step(vehicle, { rule: 'overspeed', vehicleId: vehicle.id }, atMs, this.#speed(vehicle, speedKph, fences));
    const closed = fences.filter((fence) => fence.prohibited);
    const subjectOf = (fenceId: string): Subject => ({ rule: 'prohibited-zone', vehicleId: vehicle.id, fenceId });
    for (const { id, level } of closed) {
      this.#step(vehicle, subjectOf(id), atMs, { state: 'holds', level: level ?? this.#policy.prohibitedZone.level });
    }
    // An episode that ends here leaves the map: it lets that happen while it is gone through.
    for (const { subject } of vehicle.episodes.values()) {
      if (subject.rule !== 'prohibited-zone' || closed.includes(this.#fencesById.get(subject.fenceId!)!)) continue;
      this.#step(vehicle, subject, atMs, { state: 'over' });
    }
  }

  #speed(vehicle: VehicleState, speedKph: number | undefined, fences: readonly Fence[]): Seen {
    if (speedKph === undefined) return { state: 'unknown' };
    const { limitsKph, clearBelowKph, tiers } = this.#policy.overspeed;
    const limit = Math.min(limitsKph[vehicle.class].value, ...fences.map((fence) => fence.limitKph ?? Infinity));
    if (speedKph <= limit) {
      return { state: speedKph > 0 && speedKph > limit - clearBelowKph.value ? 'band' : 'over' };
    }
    // In tenths, as terminals tell it: whole numbers meet the tiers' borders.
    const excessPercent = (Math.round(speedKph * 10 - limit * 10) * 10) / limit;
    const tier = tiers.findLast((one) => one.excessPercent <= excessPercent)!;
    return { state: 'holds', level: tier.level, value: speedKph, limit };
  }

  /** The speed of a terminal that sends none: from its last place. */
  #derivedKph({ place }: VehicleState, fix: Fix): number | undefined {
    if (place === undefined) return undefined;
    const sinceMs = fix.fixedAtMs - place.atMs;
    if (sinceMs > this.#policy.time.gapMaxS.value * 1_000) return undefined;
    const kph = (metres(place, fix) / sinceMs) * 3_600;
    return kph <= this.#policy.overspeed.plausibleMaxKph.value ? Math.round(kph * 10) / 10 : undefined;
  }

  #isFor(fence: Fence, vehicle: VehicleState, atMs: number): boolean {
    if (!fence.classes.includes(vehicle.class)) return false;
    if (fence.schedule.length === 0) return true;
    const { day, minute } = this.#clock.at(atMs);
    const dayBefore = day === 1 ? 7 : day - 1;
    return fence.schedule.some(({ days, fromMinute, toMinute }) => {
      if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
      return (days.includes(day) && minute >= fromMinute) || (days.includes(dayBefore) && minute < toMinute);
    });
  }

  #step(vehicle: VehicleState, subject: Subject, atMs: number, seen: Seen): void {
    const key = subject.rule + (subject.fenceId ?? '');
    let episode = vehicle.episodes.get(key);
    if (episode?.isLost(atMs) === true) {
      this.#tell(episode.lose(atMs));
      vehicle.episodes.delete(key);
      episode = undefined;
    }
    if (episode === undefined) {
      if (seen.state !== 'holds') return;
      episode = new PlainEpisode(subject, this.#timing[subject.rule], atMs, seen.level);
      vehicle.episodes.set(key, episode);
    }
    this.#tell(episode.move(seen, atMs));
    if (episode.done) vehicle.episodes.delete(key);
  }

  #tell(alarm: PlainAlarm | undefined): void {
    if (alarm !== undefined) this.#told.push(alarm);
  }
}

/** Local day and minute of one time zone; Intl is asked once a minute of event time. */
class Clock {
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #now = { day: 1, minute: 0 };

  constructor(timeZone: string) {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
    this.#format = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts });
  }

  /** 1 Monday to 7 Sunday, and minutes since midnight. */
  at(atMs: number): { readonly day: number; readonly minute: number } {
    const minute = Math.floor(atMs / 60_000);
    if (minute === this.#minute) return this.#now;
    const parts = this.#format.formatToParts(atMs);
    const part = (type: string): string => parts.find((one) => one.type === type)!.value;
    const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1;
    this.#minute = minute;
    this.#now = { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
    return this.#now;
  }
}

function newState(vehicle: Vehicle): VehicleState {
  const { id, class: vehicleClass } = vehicle;
  return { id, class: vehicleClass, lastAtMs: -Infinity, place: undefined, recent: [], episodes: new Map() };
}

function timingOf(minDurationS: number, clearAfterS: number, gapMaxS: number): Timing {
  return { minDurationMs: minDurationS * 1_000, clearAfterMs: clearAfterS * 1_000, gapMaxMs: gapMaxS * 1_000 };
}

function isPressed(fix: Fix): boolean {
  return ((fix.alarmFlags ?? 0) & alarmFlagSos) !== 0;
}

type Place = { readonly lonDeg: number; readonly latDeg: number };

/** Great-circle distance, mean radius of the earth. */
function metres(from: Place, to: Place): number {
  const rad = Math.PI / 180;
  const lon = Math.sin(((to.lonDeg - from.lonDeg) / 2) * rad);
  const lat = Math.sin(((to.latDeg - from.latDeg) / 2) * rad);
  return (
    2 *
    6_371_008.8 *
    Math.asin(Math.sqrt(lat ** 2 + Math.cos(from.latDeg * rad) * Math.cos(to.latDeg * rad) * lon ** 2))
  );
}
