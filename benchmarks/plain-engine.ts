import type { Fix, Policy, RejectReason, Vehicle } from '@haulwatch/domain';
import type { PlainAlarm } from './plain-episode.ts';
import { readPlainFix } from './plain-fix.ts';
import { isPressed, PlainLane, type PlainPlace } from './plain-lane.ts';
import { PlainRules } from './plain-rules.ts';

type Emergency = { readonly fromMs: number; readonly toMs: number };

/** So many emergencies of a vehicle are known, and none of them longer than this. */
const emergenciesMax = 16;
const emergencyKnownMs = 72 * 3_600_000;

type VehicleState = {
  readonly vehicle: Vehicle;
  readonly live: PlainLane;
  /** There once something was told after the fact. */
  late: PlainLane | undefined;
  /** Since when the vehicle has reported without a gap, and where it was when that gap began. */
  coveredFromMs: number;
  beforeGap: PlainPlace | undefined;
  /** The newest emergencies, each from its first press to its last, the oldest first. */
  emergencies: readonly Emergency[];
};

/**
 * The work of the engine once more, as one writes it with what is at hand: JSON.parse, a map of vehicles as objects, flatbush
 * and turf, Intl. The same alarms as the engine's, and the same counts.
 */
export class PlainEngine {
  fixes = 0;
  late = 0;
  reordered = 0;
  duplicates = 0;
  readonly rejects: Partial<Record<RejectReason, number>> = {};
  /** The newest receipt: what time it is. */
  #nowMs = -Infinity;
  readonly #time: Policy['time'];
  readonly #emergencyGoesOnMs: number;
  readonly #rules: PlainRules;
  readonly #vehicles: ReadonlyMap<string, VehicleState>;
  /** Late lanes that have something in them, and when each was last fed. */
  readonly #fedAtMs = new Map<PlainLane, number>();

  constructor(policy: Policy, vehicles: Iterable<Vehicle>) {
    this.#time = policy.time;
    this.#emergencyGoesOnMs = policy.sos.clearAfterS.value * 1_000;
    this.#rules = new PlainRules(policy);
    this.#vehicles = new Map(Iterator.from(vehicles).map((vehicle) => [vehicle.id, newState(vehicle)]));
  }

  get derivedSpeeds(): number {
    return this.#rules.derivedSpeeds;
  }

  /** One record of JSON v1, produced at a time, and the steps of alarms that it causes. */
  take(text: string, producedAtMs = Infinity): PlainAlarm[] {
    const { fix, wrong } = readPlainFix(text);
    if (fix === undefined) this.#reject(wrong);
    else this.#hear(fix, Math.min(fix.receivedAtMs ?? producedAtMs, producedAtMs), wrong);
    const { told } = this.#rules;
    this.#rules.told = [];
    return told;
  }

  #reject(reason: RejectReason): void {
    this.rejects[reason] = (this.rejects[reason] ?? 0) + 1;
  }

  #hear(fix: Fix, heardAtMs: number, wrong: RejectReason | undefined): void {
    this.#nowMs = Math.max(this.#nowMs, heardAtMs);
    this.#endOldStories();
    const state = this.#vehicles.get(fix.vehicleId);
    if (state === undefined) {
      this.#reject('vehicle-unknown');
      return;
    }
    const ahead = fix.fixedAtMs > heardAtMs + this.#time.clockAheadMaxS.value * 1_000;
    if (wrong === undefined && !ahead) {
      this.#takeGood(state, fix);
      return;
    }
    this.#reject(wrong ?? 'clock-ahead');
    if (isPressed(fix)) this.#pressAlone(state, ahead ? heardAtMs : fix.fixedAtMs);
    // Nothing is wrong but the clock: that the button is released counts, too.
    else if (wrong === undefined && fix.blindZone !== true) this.#rules.release(state.live, heardAtMs);
  }

  #takeGood(state: VehicleState, fix: Fix): void {
    const { live } = state;
    const { fixedAtMs: atMs } = fix;
    const isNewest = live.lastAtMs === undefined || atMs > live.lastAtMs;
    if (!isNewest && this.#isDuplicate(state, live, fix)) return;
    if (fix.blindZone === true || this.#isLongAgo(state, atMs)) {
      this.#takeLate(state, fix);
      return;
    }
    this.fixes += 1;
    live.remember(fix);
    if (!isNewest) {
      this.reordered += 1;
      if (isPressed(fix)) this.#pressAlone(state, atMs);
      return;
    }
    if (live.lastAtMs === undefined || atMs - live.lastAtMs > this.#time.gapMaxS.value * 1_000) {
      state.coveredFromMs = atMs;
      state.beforeGap = live.place;
    }
    if (isPressed(fix)) noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    this.#rules.run(live, fix);
  }

  /** Told after the fact. What the live lane has watched is not judged twice; the rest is a story of its own. */
  #takeLate(state: VehicleState, fix: Fix): void {
    const { fixedAtMs: atMs } = fix;
    const lane = lateLaneOf(state);
    if (this.#isDuplicate(state, lane, fix)) return;
    lane.remember(fix);
    this.fixes += 1;
    this.late += 1;
    const { live, coveredFromMs, beforeGap } = state;
    if (live.lastAtMs !== undefined && atMs >= coveredFromMs && atMs <= live.lastAtMs) {
      if (isPressed(fix)) this.#pressAlone(state, atMs);
      return;
    }
    // A step back in time: another story begins.
    if (lane.lastAtMs !== undefined && atMs <= lane.lastAtMs) this.#endStory(lane);
    if (lane.lastAtMs === undefined && beforeGap !== undefined && atMs > beforeGap.atMs) lane.place = beforeGap;
    const isTold = isPressed(fix) && isToldEmergency(state, atMs);
    if (isPressed(fix)) noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    this.#rules.run(lane, fix, isTold);
    this.#fedAtMs.set(lane, this.#nowMs);
  }

  /** A lane that has this fix already. That its button was pressed can be new all the same, once. */
  #isDuplicate(state: VehicleState, lane: PlainLane, fix: Fix): boolean {
    const known = lane.recentLike(fix);
    if (known === undefined) return false;
    this.duplicates += 1;
    if (isPressed(fix) && !known.pressed) {
      known.pressed = true;
      this.#press(state, lane, fix.fixedAtMs);
    }
    return true;
  }

  /** The emergency button in a fix that is of no other use. */
  #pressAlone(state: VehicleState, atMs: number): void {
    this.#press(state, this.#isLongAgo(state, atMs) ? lateLaneOf(state) : state.live, atMs);
  }

  #press(state: VehicleState, lane: PlainLane, atMs: number): void {
    if (lane.late && isToldEmergency(state, atMs)) return;
    noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    if (lane.late) this.#fedAtMs.set(lane, this.#nowMs);
    this.#rules.press(lane, atMs);
  }

  #isLongAgo({ live }: VehicleState, atMs: number): boolean {
    return live.lastAtMs !== undefined && atMs < live.lastAtMs - this.#time.reorderMaxS.value * 1_000;
  }

  #endOldStories(): void {
    const idleMs = this.#time.lateLaneIdleS.value * 1_000;
    for (const [lane, fedAtMs] of this.#fedAtMs) if (fedAtMs + idleMs <= this.#nowMs) this.#endStory(lane);
  }

  #endStory(lane: PlainLane): void {
    this.#rules.endAll(lane);
    lane.lastAtMs = undefined;
    lane.place = undefined;
    lane.doubted = [];
    lane.prior = undefined;
    this.#fedAtMs.delete(lane);
  }
}

/** A press: of an emergency that is known, or the first of one. */
function noteEmergency(state: VehicleState, atMs: number, nowMs: number, goesOnMs: number): void {
  const { emergencies } = state;
  const same = emergencies.findLast(({ fromMs, toMs }) => fromMs - atMs <= goesOnMs && atMs - toMs <= goesOnMs);
  if (same === undefined) {
    state.emergencies = [
      ...emergencies.filter(({ toMs }) => nowMs - toMs <= emergencyKnownMs),
      { fromMs: atMs, toMs: atMs },
    ]
      .toSorted((a, b) => a.fromMs - b.fromMs)
      .slice(-emergenciesMax);
    return;
  }
  const longer = { fromMs: Math.min(same.fromMs, atMs), toMs: Math.max(same.toMs, atMs) };
  state.emergencies = emergencies.map((one) => (one === same ? longer : one));
}

function isToldEmergency({ emergencies }: VehicleState, atMs: number): boolean {
  return emergencies.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs);
}

function newState(vehicle: Vehicle): VehicleState {
  return {
    vehicle,
    live: new PlainLane(vehicle.id, vehicle.class, false),
    late: undefined,
    coveredFromMs: Infinity,
    beforeGap: undefined,
    emergencies: [],
  };
}

function lateLaneOf(state: VehicleState): PlainLane {
  const { id, class: vehicleClass } = state.vehicle;
  return (state.late ??= new PlainLane(id, vehicleClass, true));
}
