import {
  alarmFlagSos,
  countersZero,
  fixFlag,
  fromE7,
  rejectCode,
  rejectReason,
  speedAbsent,
  type AlarmStep,
  type EngineCounters,
  type FixBatch,
  type Fleet,
  type VehicleResolver,
} from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import { LaneRun } from './lane-run.ts';
import { Lanes } from './lanes.ts';
import { packState, unpackState, type EngineSnapshot } from './snapshot.ts';
import { VehicleTable } from './vehicle-table.ts';

export type EngineOptions = {
  readonly fleet: Fleet;
  readonly rules: RuleSet;
  /** The telemetry partition that this engine serves; part of each alarm's cause. */
  readonly partition: number;
  /** Whether this partition is the vehicle's home. */
  readonly isHome: (vehicleId: string) => boolean;
};

/** A vehicle's newest live fix, for maps. */
export type NewestFix = {
  readonly vehicleId: string;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly speedKph?: number;
  readonly headingDeg?: number;
};

const clockAheadCode = rejectCode('clock-ahead');

/**
 * The engine of one partition: fixes in, alarm steps out. Its state is a pure function of the fixes it was given and
 * the rules and registry that stood at the time; how they were cut into batches does not matter. No clock: time is
 * the receipt time that the fixes carry.
 */
export class Engine {
  /** Names to dense indices, for decoders. */
  readonly vehicles: VehicleResolver;
  readonly counters: EngineCounters;
  /** The newest receipt time seen: the partition's clock. */
  #timeMs: number;
  #rules: RuleSet;
  readonly #table: VehicleTable;
  readonly #live: Lanes;
  readonly #late: Lanes;
  readonly #run: LaneRun;
  #steps: AlarmStep[] = [];
  /** When the first of the active late lanes is over. */
  #nextIdleAtMs = Infinity;
  /** Vehicles whose newest fix has not been drained, and a mark for each vehicle. */
  #fresh: number[] = [];
  #isFresh: boolean[] = [];

  constructor(options: EngineOptions, snapshot?: EngineSnapshot) {
    const { fleet, rules, partition, isHome } = options;
    this.#rules = rules;
    this.#live = new Lanes();
    this.#late = new Lanes(16);
    this.#table = new VehicleTable(fleet, rules.policy.unknownVehicles, isHome, (index) => this.#live.add(index));
    this.vehicles = this.#table;
    const restored = snapshot === undefined ? undefined : unpackState(snapshot, this.#live, this.#late);
    this.counters = restored?.counters ?? countersZero();
    this.#timeMs = restored?.timeMs ?? -Infinity;
    for (const vehicleId of restored?.vehicleIds ?? []) this.#table.restore(vehicleId);
    for (let lane = 0; lane < this.#late.count; lane += 1) {
      this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, this.#late.idleAtMs[lane]!);
    }
    this.#run = new LaneRun(rules, this.#table, partition, (step) => this.#tell(step));
  }

  /** How many vehicles have reported here. */
  get vehicleCount(): number {
    return this.#table.known.length;
  }

  /** The policy that judges fixes now. */
  get policyVersion(): number {
    return this.#rules.version;
  }

  /** From the next fix on this policy holds. Open alarms keep the version that raised them. */
  setRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#run.setRules(rules);
    this.#table.setUnknownVehicles(rules.policy.unknownVehicles);
  }

  /**
   * Takes every fix of the batch in order and returns the alarm steps they caused, oldest first. Fixes that the engine
   * itself turns down get their reason written into `batch.reject`.
   */
  process(batch: FixBatch): AlarmStep[] {
    this.#steps = [];
    for (let row = 0; row < batch.count; row += 1) this.#take(batch, row);
    this.counters.derivedSpeeds += this.#run.derivedSpeeds;
    this.#run.derivedSpeeds = 0;
    return this.#steps;
  }

  /** Counts a record that could not be read at all, so that the partition's books balance. */
  countReject(reason: Parameters<typeof rejectCode>[0]): void {
    this.counters.rejects[reason] = (this.counters.rejects[reason] ?? 0) + 1;
  }

  /** The newest fixes of vehicles that moved on since the last call, at most `limit`; the rest waits for the next call. */
  drainNewest(limit: number): NewestFix[] {
    const vehicles = this.#fresh.splice(0, limit);
    return vehicles.map((vehicle) => {
      this.#isFresh[vehicle] = false;
      const speedDkph = this.#live.speedDkph[vehicle]!;
      const headingDeg = this.#live.headingDeg[vehicle]!;
      return {
        vehicleId: this.#table.known[vehicle]!.id,
        fixedAtMs: this.#live.lastAtMs[vehicle]!,
        receivedAtMs: this.#live.receivedAtMs[vehicle]!,
        lonDeg: fromE7(this.#live.lonE7[vehicle]!),
        latDeg: fromE7(this.#live.latE7[vehicle]!),
        ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
        ...(Number.isNaN(headingDeg) ? {} : { headingDeg: Math.round(headingDeg * 100) / 100 }),
      };
    });
  }

  /** The whole state as it stands between two batches. */
  snapshot(): EngineSnapshot {
    return packState({
      live: this.#live,
      late: this.#late,
      counters: this.counters,
      timeMs: this.#timeMs,
      vehicleIds: this.#table.known.map((vehicle) => vehicle.id),
      policyVersion: this.#rules.version,
    });
  }

  #take(batch: FixBatch, row: number): void {
    const vehicle = batch.vehicle[row]!;
    // The receipt is the producer's word: one later than the record itself is a wrong clock too.
    const receivedAtMs = Math.min(batch.receivedAtMs[row]!, batch.producedAtMs[row]!);
    if (receivedAtMs > this.#timeMs) this.#timeMs = receivedAtMs;
    if (this.#timeMs >= this.#nextIdleAtMs) this.#endIdleLateLanes(batch, row);
    const ahead = batch.fixedAtMs[row]! > receivedAtMs + this.#rules.clockAheadMaxMs;
    if (batch.reject[row] === 0 && ahead) batch.reject[row] = clockAheadCode;
    if (batch.reject[row] !== 0) {
      this.countReject(rejectReason(batch.reject[row]!));
      // A button that was pressed counts whatever else is wrong; a wrong clock gives way to the time of receipt.
      if (vehicle >= 0) this.#pressAlone(vehicle, ahead ? receivedAtMs : batch.fixedAtMs[row]!, batch, row);
      return;
    }
    if (vehicle < 0)
      throw new RangeError(`row ${row} has no vehicle and no reject: the decoder must give it one of both`);
    const atMs = batch.fixedAtMs[row]!;
    const lastAtMs = this.#live.lastAtMs[vehicle]!;
    const blindZone = (batch.flags[row]! & fixFlag.blindZone) !== 0;
    // NaN (never reported) compares false: the first fix is live.
    const old = atMs <= lastAtMs;
    if (old && this.#duplicate(this.#live, vehicle, batch, row)) return;
    if (blindZone || atMs < lastAtMs - this.#rules.reorderMaxMs) {
      this.#takeLate(vehicle, batch, row);
      return;
    }
    this.counters.fixes += 1;
    if (old) {
      this.counters.reordered += 1;
      this.#live.remember(vehicle, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
      this.#pressAlone(vehicle, atMs, batch, row);
      return;
    }
    this.#takeLive(vehicle, batch, row);
  }

  /** Counts and drops a fix that the lane has. */
  #duplicate(lanes: Lanes, lane: number, batch: FixBatch, row: number): boolean {
    const recent = lanes.recentAt(lane, batch.fixedAtMs[row]!, batch.lonE7[row]!, batch.latE7[row]!);
    if (recent < 0) return false;
    this.counters.duplicates += 1;
    // The button can have been pressed within the second of a report: that is news, its repetition is none.
    const news = isPressed(batch, row) && lanes.notePress(lane, recent);
    if (news) this.#press(lanes, lane, batch.fixedAtMs[row]!, batch, row);
    return true;
  }

  #takeLive(vehicle: number, batch: FixBatch, row: number): void {
    const live = this.#live;
    const atMs = batch.fixedAtMs[row]!;
    live.remember(vehicle, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
    // NaN (never reported) compares false.
    if (!(atMs - live.lastAtMs[vehicle]! <= this.#rules.gapMaxMs)) {
      live.coveredFromMs[vehicle] = atMs;
      live.gapAtMs[vehicle] = live.positionAtMs[vehicle]!;
      live.gapLonE7[vehicle] = live.lonE7[vehicle]!;
      live.gapLatE7[vehicle] = live.latE7[vehicle]!;
    }
    if (isPressed(batch, row)) this.#notePress(vehicle, atMs);
    this.#run.evaluate(live, vehicle, false, batch, row);
    live.receivedAtMs[vehicle] = batch.receivedAtMs[row]!;
    live.speedDkph[vehicle] = batch.speedDkph[row]!;
    live.headingDeg[vehicle] = batch.headingDeg[row]!;
    if (this.#isFresh[vehicle] !== true && !Number.isNaN(live.positionAtMs[vehicle]!)) {
      this.#isFresh[vehicle] = true;
      this.#fresh.push(vehicle);
    }
  }

  /**
   * A fix told after the fact runs through the vehicle's late lane, which never touches the live one. One of a stretch
   * that the live lane has seen without a gap is a straggler or a repetition: it is counted, its button is heard, and no
   * rule runs over it, for the rules have judged that stretch and a second telling is not a second alarm.
   */
  #takeLate(vehicle: number, batch: FixBatch, row: number): void {
    const late = this.#late;
    const atMs = batch.fixedAtMs[row]!;
    const lane = this.#lateLaneOf(vehicle);
    if (this.#duplicate(late, lane, batch, row)) return;
    late.remember(lane, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
    this.counters.fixes += 1;
    this.counters.late += 1;
    if (this.#isCovered(vehicle, atMs)) {
      this.#pressAlone(vehicle, atMs, batch, row);
      return;
    }
    if (atMs <= late.lastAtMs[lane]!) this.#endLateLane(lane, batch, row);
    if (Number.isNaN(late.lastAtMs[lane]!)) this.#seedFromGap(lane, vehicle, atMs);
    this.#run.evaluate(late, lane, true, batch, row);
    this.#keepLateLane(lane);
  }

  /** A late lane lives on while it gets input. */
  #keepLateLane(lane: number): void {
    const idleAtMs = this.#timeMs + this.#rules.lateLaneIdleMs;
    this.#late.idleAtMs[lane] = idleAtMs;
    this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, idleAtMs);
  }

  #lateLaneOf(vehicle: number): number {
    const lane = this.#live.lateLane[vehicle]!;
    if (lane >= 0) return lane;
    const added = this.#late.add(vehicle);
    this.#live.lateLane[vehicle] = added;
    return added;
  }

  /** What is told of a gap begins where the gap began. */
  #seedFromGap(lane: number, vehicle: number, atMs: number): void {
    const { gapAtMs, gapLonE7, gapLatE7 } = this.#live;
    if (!(atMs > gapAtMs[vehicle]!)) return;
    this.#late.positionAtMs[lane] = gapAtMs[vehicle]!;
    this.#late.lonE7[lane] = gapLonE7[vehicle]!;
    this.#late.latE7[lane] = gapLatE7[vehicle]!;
  }

  /** The emergency button in a fix that no lane takes; its time says whose alarm it is. */
  #pressAlone(vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    if (!isPressed(batch, row)) return;
    const late = atMs < this.#live.lastAtMs[vehicle]! - this.#rules.reorderMaxMs;
    if (late && this.#isToldPress(vehicle, atMs)) return;
    if (late) this.#press(this.#late, this.#lateLaneOf(vehicle), atMs, batch, row);
    else this.#press(this.#live, vehicle, atMs, batch, row);
  }

  #press(lanes: Lanes, lane: number, atMs: number, batch: FixBatch, row: number): void {
    const late = lanes === this.#late;
    if (!late) this.#notePress(lane, atMs);
    this.#run.evaluateSos(lanes, lane, late, atMs, batch, row);
    if (late) this.#keepLateLane(lane);
  }

  /** Whether the live lane has seen the stretch around this time without a gap. */
  #isCovered(vehicle: number, atMs: number): boolean {
    return atMs >= this.#live.coveredFromMs[vehicle]! && atMs <= this.#live.lastAtMs[vehicle]!;
  }

  /** Remembers from when to when the newest emergency lasted. */
  #notePress(vehicle: number, atMs: number): void {
    const { pressFromMs, pressToMs } = this.#live;
    if (atMs - pressToMs[vehicle]! <= this.#rules.timing.sos.clearAfterMs) {
      pressToMs[vehicle] = Math.max(pressToMs[vehicle]!, atMs);
      pressFromMs[vehicle] = Math.min(pressFromMs[vehicle]!, atMs);
    } else {
      pressFromMs[vehicle] = atMs;
      pressToMs[vehicle] = atMs;
    }
  }

  /** Whether a press at this time belongs to the newest emergency, which people have been called for. */
  #isToldPress(vehicle: number, atMs: number): boolean {
    return atMs >= this.#live.pressFromMs[vehicle]! && atMs <= this.#live.pressToMs[vehicle]!;
  }

  #endIdleLateLanes(batch: FixBatch, row: number): void {
    this.#nextIdleAtMs = Infinity;
    for (let lane = 0; lane < this.#late.count; lane += 1) {
      if (this.#late.idleAtMs[lane]! <= this.#timeMs) this.#endLateLane(lane, batch, row);
      else this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, this.#late.idleAtMs[lane]!);
    }
  }

  #endLateLane(lane: number, batch: FixBatch, row: number): void {
    this.#run.close(this.#late, lane, true, 'late-lane-over', batch, row);
    this.#late.forget(lane);
  }

  #tell(step: AlarmStep): void {
    if (step.kind === 'raised') {
      this.counters.alarmsRaised += 1;
      this.counters.alarmsByRule[step.rule] = (this.counters.alarmsByRule[step.rule] ?? 0) + 1;
    }
    if (step.kind === 'cleared') this.counters.alarmsCleared += 1;
    this.#steps.push(step);
  }
}

function isPressed(batch: FixBatch, row: number): boolean {
  return (batch.alarmFlags[row]! & alarmFlagSos) !== 0;
}
