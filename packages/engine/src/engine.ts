import {
  countersZero,
  FixBatch,
  suppressions,
  vehicleUnknown,
  type AlarmStep,
  type AlarmStepKind,
  type EngineCounters,
  type Fleet,
  type RejectReason,
  type RuleId,
  type VehicleResolver,
} from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import { FixOrder } from './fix-order.ts';
import { LaneRun } from './lane-run.ts';
import { laneBytes, Lanes } from './lanes.ts';
import { LateLanes } from './late-lanes.ts';
import { NewestFixes, type NewestFix } from './newest-fixes.ts';
import { PartitionClock } from './partition-clock.ts';
import type { Presses } from './presses.ts';
import { ReadAhead, rowsTogether } from './read-ahead.ts';
import { ShortRoad } from './short-road.ts';
import { SilenceWatch } from './silence-watch.ts';
import { packState, unpackState, type EngineParts, type EngineSnapshot } from './snapshot.ts';
import { VehicleTable } from './vehicle-table.ts';

export type EngineOptions = {
  readonly fleet: Fleet;
  readonly rules: RuleSet;
  /** The telemetry partition that this engine serves; part of each alarm's cause. */
  readonly partition: number;
  /** Whether this partition is the vehicle's home. */
  readonly isHome: (vehicleId: string) => boolean;
};

/**
 * The engine of one partition: fixes in, alarm steps out. Its state is a pure function of the fixes it was given and
 * the rules and registry that stood at the time; how they were cut into batches does not matter. No clock: time is
 * the receipt time that the fixes carry.
 */
export class Engine {
  /** Names to dense indices, for decoders. */
  readonly vehicles: VehicleResolver;
  readonly counters: EngineCounters;
  #rules: RuleSet;
  readonly #table: VehicleTable;
  readonly #live = new Lanes('live');
  readonly #late: LateLanes;
  readonly #run: LaneRun;
  readonly #partition: number;
  /** From when to when the newest emergencies of each vehicle lasted that has ever had one. */
  readonly #presses: Presses = new Map();
  /** Looks for vehicles that have fallen silent. */
  readonly #watch: SilenceWatch;
  readonly #clock: PartitionClock;
  readonly #ahead: ReadAhead;
  readonly #shortRoad: ShortRoad;
  /** Takes what the short road does not. */
  readonly #order: FixOrder;
  /** Stands for the record that says what time it is. */
  readonly #clockRecord = new FixBatch(1);
  /** What the reads ahead came to: kept, so that they are not optimised away. */
  readAhead = 0;
  readonly #newest: NewestFixes;

  constructor(options: EngineOptions, snapshot?: EngineSnapshot) {
    const { fleet, rules, partition, isHome } = options;
    const live = this.#live;
    this.#rules = rules;
    this.#partition = partition;
    this.#newest = new NewestFixes(live);
    this.#ahead = new ReadAhead(live);
    this.#run = new LaneRun(
      rules,
      live,
      (kind, rule, suppressedBy) => this.#count(kind, rule, suppressedBy),
      (vehicle) => this.#table.known[vehicle]?.permits,
      () => ({ timeMs: this.#clock.timeMs, heardVehicles: this.#watch.heardVehicles }),
    );
    this.#late = new LateLanes(live, this.#run);
    const restored = snapshot === undefined ? undefined : unpackState(snapshot, this.#parts);
    this.counters = restored?.counters ?? countersZero();
    this.#watch = new SilenceWatch(live, this.#run, restored?.scannedAtMs, restored?.heardVehicles);
    this.#clock = new PartitionClock(this.#late, this.#watch, restored?.timeMs);
    const [late, run, presses, newest, clock] = [this.#late, this.#run, this.#presses, this.#newest, this.#clock];
    this.#order = new FixOrder({ rules, live, late, run, presses, newest, clock, counters: this.counters });
    this.#shortRoad = new ShortRoad({ live, newest, clock, counters: this.counters, order: this.#order });
    const lanes = {
      add: (index: number, code: number) => void live.add(index, code),
      classOf: (index: number) => live.classOf(index),
      setClass: (index: number, code: number) => this.#setClass(index, code),
    };
    this.#table = new VehicleTable({ fleet, unknownVehicles: rules.policy.unknownVehicles, isHome, lanes });
    this.vehicles = this.#table;
    for (const vehicleId of restored?.vehicleIds ?? []) this.#table.restore(vehicleId);
    if (restored !== undefined && restored.policyVersion !== rules.version) this.#forgetPlaces();
    this.#late.restore();
  }

  /** What a snapshot holds, beside numbers. */
  get #parts(): EngineParts {
    const { run, judge, facts, departures: past } = this.#run;
    const { episodes, labels } = run;
    const { storms } = run.hush;
    const tallies = run.hush.tallies.list;
    const [presences, books, doubts] = [judge.stays.presences, facts.motion.books.list, facts.doubts.list];
    const { lanes: late, held, judged } = this.#late;
    const [departures, formerStays] = [past.list, past.stays];
    const lists = { episodes, tallies, presences, books, doubts, departures, formerStays };
    return { live: this.#live, late, lists, labels, held, judged, presses: this.#presses, storms };
  }

  /** How many vehicles have reported here. */
  get vehicleCount(): number {
    return this.#table.known.length;
  }

  /** The policy that judges fixes now. */
  get policyVersion(): number {
    return this.#rules.version;
  }

  /** Bytes that a vehicle takes in the engine's memory. */
  get bytesPerVehicle(): number {
    return laneBytes;
  }

  /**
   * From the next fix on this policy holds. Open alarms keep the version that raised them. Which fences hold a vehicle is
   * found anew at its next fix; that the fences around it have changed is neither entry nor exit.
   */
  setRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#run.setRules(rules);
    this.#order.setRules(rules);
    this.#forgetPlaces();
    this.#table.setUnknownVehicles(rules.policy.unknownVehicles);
  }

  #forgetPlaces(): void {
    for (const lanes of [this.#live, this.#late.lanes]) {
      for (let lane = 0; lane < lanes.count; lane += 1) lanes.forgetPlace(lane);
    }
  }

  /**
   * Takes every fix of the batch in order and returns the alarm steps they caused, oldest first. Fixes that the engine
   * itself turns down get their reason written into `batch.reject`.
   */
  process(batch: FixBatch): AlarmStep[] {
    this.#table.followFleet();
    for (let from = 0; from < batch.count; from += rowsTogether) {
      const to = Math.min(batch.count, from + rowsTogether);
      this.readAhead ^= this.#ahead.read(this.#rules, batch, from, to);
      this.#shortRoad.takeAll(this.#rules, batch, from, to);
    }
    return this.#drain();
  }

  /** It is this late, and nothing was received since: what the partition's time asks for. The record that says so is the cause. */
  advance(timeMs: number, offset: number, producedAtMs: number): AlarmStep[] {
    this.#table.followFleet();
    const clock = this.#clock;
    const record = this.#clockRecord;
    record.vehicle[0] = vehicleUnknown;
    record.offset[0] = offset;
    record.producedAtMs[0] = producedAtMs;
    clock.timeMs = Math.max(clock.timeMs, Math.min(timeMs, producedAtMs));
    if (clock.timeMs >= clock.timerAtMs) clock.ring(this.#rules, record, 0);
    return this.#drain();
  }

  /** Nothing more will come: what was told late and still waits for more is judged. */
  settle(): AlarmStep[] {
    this.#table.followFleet();
    this.#late.settle(this.#rules, Infinity);
    this.#clock.setTimer();
    return this.#drain();
  }

  #drain(): AlarmStep[] {
    const { facts, run } = this.#run;
    this.counters.derivedSpeeds += facts.derivedSpeeds;
    facts.derivedSpeeds = 0;
    return run.steps.drain(this.#table, run.labels, this.#partition);
  }

  /** Counts a record that could not be read at all, so that the partition's books balance. */
  countReject(reason: RejectReason): void {
    this.#order.countReject(reason);
  }

  /** The newest fixes of vehicles that moved on since the last call, at most `limit`; the rest waits for the next call. */
  drainNewest(limit: number): NewestFix[] {
    return this.#newest.drain(limit, this.#table.known);
  }

  /** The whole state as it stands between two batches. */
  snapshot(): EngineSnapshot {
    this.#table.followFleet();
    for (const lanes of [this.#live, this.#late.lanes]) {
      for (let lane = 0; lane < lanes.count; lane += 1) this.#run.facts.motion.catchUp(lanes, lane);
    }
    return packState({
      ...this.#parts,
      scannedAtMs: this.#watch.scannedAtMs,
      heardVehicles: this.#watch.heardVehicles,
      counters: this.counters,
      timeMs: this.#clock.timeMs,
      vehicleIds: this.#table.known.map((vehicle) => vehicle.id),
      policyVersion: this.#rules.version,
    });
  }

  #count(kind: AlarmStepKind, rule: RuleId, suppressedBy: number): void {
    if (kind === 'raised') {
      this.counters.alarmsRaised += 1;
      this.counters.alarmsByRule[rule] = (this.counters.alarmsByRule[rule] ?? 0) + 1;
      const by = suppressions[suppressedBy - 1];
      if (by !== undefined) this.counters.suppressed[by] = (this.counters.suppressed[by] ?? 0) + 1;
    }
    if (kind === 'cleared') this.counters.alarmsCleared += 1;
  }

  /** The registry has another class for the vehicle: its limits and zones are others too. */
  #setClass(vehicle: number, code: number): void {
    this.#live.setClass(vehicle, code);
    this.#late.setClass(vehicle, code);
  }
}
