import { toE7, type Fix, type Policy, type RejectReason, type Vehicle } from '@haulwatch/domain';
import type { PlainAlarm } from './plain-episode.ts';
import { readPlainFix } from './plain-fix.ts';
import { isPressed, PlainLane, type PlainPlace } from './plain-lane.ts';
import { PlainMotion } from './plain-motion.ts';
import { PlainRules } from './plain-rules.ts';

/** How often silent vehicles are looked at. */
const lookEveryMs = 10_000;

type Received = Fix & { readonly receivedAtMs: number };
type Stretch = { readonly fromMs: number; readonly toMs: number };
type Emergency = Stretch;

/** So many emergencies of a vehicle are known, and none of them longer than this. */
const emergenciesMax = 16;
const emergencyKnownMs = 72 * 3_600_000;

/** What a vehicle was when a gap began. */
type BeforeGap = {
  readonly lastAtMs: number;
  readonly place: PlainPlace | undefined;
  readonly motion: PlainMotion;
};

type VehicleState = {
  readonly vehicle: Vehicle;
  readonly live: PlainLane;
  /** There once something was told after the fact. */
  late: PlainLane | undefined;
  /** Since when the vehicle has reported without a gap, and what it was when that gap began. */
  coveredFromMs: number;
  beforeGap: BeforeGap | undefined;
  /** What was told late and not judged yet, as it came. */
  held: readonly Fix[];
  /** When it is judged: if nothing more comes, and whatever comes. */
  settleAtMs: number;
  untilMs: number;
  /** Stretches that the late lane has judged. */
  judged: readonly Stretch[];
  /** The newest emergencies, each from its first press to its last, the oldest first. */
  emergencies: readonly Emergency[];
};

/**
 * The work of the engine once more, as one writes it with what is at hand: JSON.parse, a map of vehicles as objects, flatbush
 * and turf, Intl. The same alarms as the engine's, and the same counts, of fleets in which nobody is silent for as long as a timer asks
 * about, but for the one that ends a zone's hours, and whose terminals do not tell how sure they are of a position.
 */
export class PlainEngine {
  fixes = 0;
  late = 0;
  reordered = 0;
  duplicates = 0;
  readonly rejects: Partial<Record<RejectReason, number>> = {};
  /** The newest receipt: what time it is. */
  #nowMs = -Infinity;
  #lookedAtMs = -Infinity;
  readonly #policy: Policy;
  readonly #time: Policy['time'];
  readonly #emergencyGoesOnMs: number;
  readonly #rules: PlainRules;
  readonly #vehicles: ReadonlyMap<string, VehicleState>;
  /** Vehicles that have something held. */
  readonly #holding = new Set<VehicleState>();
  /** Late lanes that have something in them, and when each was last fed. */
  readonly #fedAtMs = new Map<PlainLane, number>();

  constructor(policy: Policy, vehicles: Iterable<Vehicle>) {
    this.#policy = policy;
    this.#time = policy.time;
    this.#emergencyGoesOnMs = policy.sos.clearAfterS.value * 1_000;
    this.#rules = new PlainRules(policy);
    this.#vehicles = new Map(Iterator.from(vehicles).map((vehicle) => [vehicle.id, newState(vehicle, policy)]));
  }

  get derivedSpeeds(): number {
    return this.#rules.derivedSpeeds;
  }

  /** One record of JSON v1, produced at a time, and the steps of alarms that it causes. */
  take(text: string, producedAtMs = Infinity): PlainAlarm[] {
    const { fix, wrong } = readPlainFix(text);
    if (fix === undefined) this.#reject(wrong);
    else this.#hear({ ...fix, receivedAtMs: fix.receivedAtMs ?? producedAtMs }, producedAtMs, wrong);
    const { told } = this.#rules;
    this.#rules.told = [];
    return told;
  }

  #reject(reason: RejectReason): void {
    this.rejects[reason] = (this.rejects[reason] ?? 0) + 1;
  }

  #hear(fix: Received, producedAtMs: number, wrong: RejectReason | undefined): void {
    const heardAtMs = Math.min(fix.receivedAtMs, producedAtMs);
    this.#nowMs = Math.max(this.#nowMs, heardAtMs);
    this.#endOldStories();
    const ahead = fix.fixedAtMs > heardAtMs + this.#time.clockAheadMaxS.value * 1_000;
    if (Math.floor(this.#nowMs / lookEveryMs) > Math.floor(this.#lookedAtMs / lookEveryMs)) {
      this.#lookedAtMs = this.#nowMs;
      this.#lookAtSilent(wrong === undefined && !ahead ? fix : undefined);
    }
    const state = this.#vehicles.get(fix.vehicleId);
    if (state === undefined) {
      this.#reject('vehicle-unknown');
      return;
    }
    if (wrong === undefined && !ahead) {
      this.#takeGood(state, fix);
      return;
    }
    this.#reject(wrong ?? 'clock-ahead');
    if (isPressed(fix)) this.#pressAlone(state, ahead ? heardAtMs : fix.fixedAtMs);
    // Nothing is wrong but the clock: that the button is released counts, too.
    else if (wrong === undefined && fix.blindZone !== true) this.#rules.release(state.live, heardAtMs);
  }

  /** Zones whose hours are over are so also for those who are silent; who is heard just now says himself where he is. */
  #lookAtSilent(heard: Received | undefined): void {
    for (const { vehicle, live } of this.#vehicles.values()) {
      const { lastAtMs, receivedAtMs } = live;
      if (lastAtMs === undefined || !(this.#nowMs - receivedAtMs > this.#time.gapMaxS.value * 1_000)) continue;
      const isHeard = heard?.vehicleId === vehicle.id && heard.blindZone !== true && heard.fixedAtMs > lastAtMs;
      if (!isHeard) this.#rules.lookAtZones(live, this.#nowMs);
    }
  }

  #takeGood(state: VehicleState, fix: Received): void {
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
      noteGap(state);
    }
    if (isPressed(fix)) noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    live.receivedAtMs = fix.receivedAtMs;
    this.#rules.run(live, fix);
  }

  /** Told after the fact. What one of the lanes has judged is not judged twice; the rest waits until nothing more comes. */
  #takeLate(state: VehicleState, fix: Fix): void {
    const { fixedAtMs: atMs } = fix;
    const { live, coveredFromMs, held } = state;
    const lane = this.#lateLaneOf(state);
    const isCovered = live.lastAtMs !== undefined && atMs >= coveredFromMs && atMs <= live.lastAtMs;
    if (isCovered || isIn(state.judged, atMs)) {
      if (this.#isDuplicate(state, lane, fix)) return;
      lane.remember(fix);
      this.fixes += 1;
      this.late += 1;
      if (isPressed(fix) && isCovered) this.#pressAlone(state, atMs);
      else if (isPressed(fix)) this.#pressLate(state, atMs);
      return;
    }
    if (isPressed(fix)) this.#pressLate(state, atMs);
    if (held.some((one) => inOrder(one, fix) === 0)) {
      this.duplicates += 1;
      return;
    }
    this.fixes += 1;
    this.late += 1;
    if (held.length === 0) state.untilMs = wholeSecond(this.#nowMs + this.#time.lateLaneIdleS.value * 1_000);
    state.settleAtMs = Math.min(wholeSecond(this.#nowMs + this.#time.lateSettleS.value * 1_000), state.untilMs);
    state.held = [...held, fix];
    this.#holding.add(state);
    this.#fedAtMs.set(lane, this.#nowMs);
  }

  /** Sorts what was told late and runs the rules over it. */
  #judge(state: VehicleState): void {
    const lane = this.#lateLaneOf(state);
    const fixes = state.held.toSorted(inOrder);
    const [first, last] = [fixes[0]!.fixedAtMs, fixes.at(-1)!.fixedAtMs];
    // Nothing newer was heard from beyond the gap.
    if (last - (state.live.lastAtMs ?? last) > this.#time.gapMaxS.value * 1_000) noteGap(state);
    const { beforeGap } = state;
    // A step back in time: another story begins.
    if (lane.lastAtMs !== undefined && first < lane.lastAtMs) this.#endStory(lane, { fromMs: first, toMs: last });
    for (const fix of fixes) {
      const { fixedAtMs: atMs } = fix;
      const lastAtMs = lane.lastAtMs ?? -Infinity;
      if (beforeGap !== undefined && lastAtMs < beforeGap.lastAtMs && beforeGap.lastAtMs < atMs) {
        const { lastAtMs: departedAtMs } = beforeGap;
        const motion = beforeGap.motion.copy();
        Object.assign(lane, { ...beforeGap, departedAtMs, motion, doubted: [], prior: undefined });
      }
      if (atMs === lane.lastAtMs) continue;
      lane.remember(fix);
      this.#rules.run(lane, fix);
      const { judged } = state;
      state.judged = joined([...judged, { fromMs: atMs, toMs: atMs }], this.#time.gapMaxS.value * 1_000);
    }
    state.held = [];
  }

  /** A lane that has this fix already. That its button was pressed can be new all the same, once. */
  #isDuplicate(state: VehicleState, lane: PlainLane, fix: Fix): boolean {
    const known = lane.recentLike(fix);
    if (known === undefined) return false;
    this.duplicates += 1;
    if (isPressed(fix) && !known.pressed) {
      known.pressed = true;
      if (lane.late) this.#pressLate(state, fix.fixedAtMs);
      else this.#press(state, fix.fixedAtMs);
    }
    return true;
  }

  /** The emergency button in a fix that is of no other use. */
  #pressAlone(state: VehicleState, atMs: number): void {
    if (this.#isLongAgo(state, atMs)) this.#pressLate(state, atMs);
    else this.#press(state, atMs);
  }

  #press(state: VehicleState, atMs: number): void {
    noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    this.#rules.press(state.live, atMs);
  }

  /** Heard at once. What lies between it and the emergency that is open may have ended that one. */
  #pressLate(state: VehicleState, atMs: number): void {
    if (isIn(state.emergencies, atMs)) return;
    const lane = this.#lateLaneOf(state);
    const seenAtMs = lane.episodes.get('sos')?.seenAtMs ?? Infinity;
    for (const fix of state.held.toSorted(inOrder)) {
      const { fixedAtMs: heldAtMs } = fix;
      if (heldAtMs > seenAtMs && heldAtMs < atMs && !isPressed(fix)) this.#rules.release(lane, heldAtMs);
    }
    const open = lane.episodes.get('sos');
    const goesOn = open !== undefined && atMs >= open.seenAtMs;
    const isKnown =
      isIn(state.emergencies, atMs, this.#emergencyGoesOnMs) ||
      (open !== undefined && this.#isOneEmergency(state, atMs, open.seenAtMs));
    noteEmergency(state, atMs, this.#nowMs, this.#emergencyGoesOnMs);
    if (isKnown && !goesOn) return;
    if (!goesOn) this.#rules.endPress(lane);
    this.#rules.press(lane, atMs);
    this.#fedAtMs.set(lane, this.#nowMs);
  }

  /** Whether nothing that is held lets an emergency end between two times. */
  #isOneEmergency({ held }: VehicleState, fromMs: number, toMs: number): boolean {
    const between = held.toSorted(inOrder).filter((fix) => fix.fixedAtMs > fromMs && fix.fixedAtMs < toMs);
    const times = [fromMs, ...between.map((fix) => fix.fixedAtMs), toMs];
    const silenceMs = Math.max(...times.slice(1).map((atMs, i) => atMs - times[i]!));
    const endsAt = between.findIndex(({ fixedAtMs }, i) => {
      const first = between.slice(0, i).findLastIndex(isPressed) + 1;
      return !isPressed(between[i]!) && fixedAtMs - between[first]!.fixedAtMs >= this.#emergencyGoesOnMs;
    });
    return endsAt < 0 && silenceMs <= Math.max(3_600, this.#time.gapMaxS.value) * 1_000;
  }

  #isLongAgo({ live }: VehicleState, atMs: number): boolean {
    return live.lastAtMs !== undefined && atMs < live.lastAtMs - this.#time.reorderMaxS.value * 1_000;
  }

  #lateLaneOf(state: VehicleState): PlainLane {
    const { id, class: vehicleClass } = state.vehicle;
    return (state.late ??= new PlainLane(id, vehicleClass, this.#policy, state.live));
  }

  #endOldStories(): void {
    for (const state of this.#holding) {
      if (state.settleAtMs > this.#nowMs) continue;
      this.#holding.delete(state);
      this.#judge(state);
    }
    const idleMs = this.#time.lateLaneIdleS.value * 1_000;
    for (const [lane, fedAtMs] of this.#fedAtMs) if (fedAtMs + idleMs <= this.#nowMs) this.#endStory(lane);
  }

  /** @param goesOn emergencies of this time are not over yet. */
  #endStory(lane: PlainLane, goesOn?: Stretch): void {
    this.#rules.endAll(lane, goesOn);
    lane.lastAtMs = undefined;
    lane.place = undefined;
    lane.doubted = [];
    lane.prior = undefined;
    lane.motion = new PlainMotion(this.#policy);
    if (goesOn === undefined) this.#fedAtMs.delete(lane);
  }
}

function noteGap(state: VehicleState): void {
  const { lastAtMs, place, motion } = state.live;
  if (lastAtMs !== undefined) state.beforeGap = { lastAtMs, place, motion: motion.copy() };
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

function isIn(stretches: readonly Stretch[], atMs: number, aroundMs = 0): boolean {
  return stretches.some(({ fromMs, toMs }) => atMs >= fromMs - aroundMs && atMs <= toMs + aroundMs);
}

/** Stretches that lie no further apart are one. */
function joined(stretches: readonly Stretch[], holeMaxMs: number): Stretch[] {
  const all: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const before = all.at(-1);
    if (before === undefined || one.fromMs - before.toMs > holeMaxMs) all.push(one);
    else all[all.length - 1] = { ...before, toMs: Math.max(before.toMs, one.toMs) };
  }
  return all;
}

/** By time, then by place: 0 is the same fix. */
function inOrder(a: Fix, b: Fix): number {
  return a.fixedAtMs - b.fixedAtMs || toE7(a.lonDeg) - toE7(b.lonDeg) || toE7(a.latDeg) - toE7(b.latDeg);
}

function wholeSecond(ms: number): number {
  return Math.ceil(ms / 1_000) * 1_000;
}

function newState(vehicle: Vehicle, policy: Policy): VehicleState {
  return {
    vehicle,
    live: new PlainLane(vehicle.id, vehicle.class, policy),
    late: undefined,
    coveredFromMs: Infinity,
    beforeGap: undefined,
    held: [],
    settleAtMs: Infinity,
    untilMs: Infinity,
    judged: [],
    emergencies: [],
  };
}
