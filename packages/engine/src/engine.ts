import {
  alarmFlagSos,
  countersZero,
  fixFlag,
  rejectCode,
  rejectReason,
  suppressions,
  type AlarmStep,
  type AlarmStepKind,
  type EngineCounters,
  FixBatch,
  type Fleet,
  type RuleId,
  vehicleUnknown,
  type VehicleResolver,
} from '@haulwatch/domain';
import { scheduleEpochAt, type RuleSet } from '@haulwatch/rules';
import { isCalm } from './calm.ts';
import { LaneRun } from './lane-run.ts';
import { byteAt, doubleAt, hotAt, laneBytes, Lanes, placeFlag, seatWord, shortAt, wordAt } from './lanes.ts';
import { NewestFixes, type NewestFix } from './newest-fixes.ts';
import { isToldPress, notePress, type Presses } from './presses.ts';
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

/** Rows that are looked up together: what they touch fits the caches next to a core. */
const rowsTogether = 512;

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
  readonly #partition: number;
  /** From when to when the newest emergency of each vehicle lasted that has ever had one. */
  readonly #presses: Presses = new Map();
  /** Looks for vehicles that have fallen silent. */
  readonly #watch: SilenceWatch;
  /** When the first of the active late lanes is over. */
  #nextIdleAtMs = Infinity;
  /** The partition's time at which something is to be done without a fix that asks for it: the earlier of both. */
  #nextTimerAtMs = -Infinity;
  /** Rows whose vehicles have left their cell of the fence index, and the entries of the cells they are in now. */
  readonly #leaving = new Int32Array(rowsTogether);
  readonly #entries = new Int32Array(rowsTogether);
  /** Stands for the record that says what time it is. */
  readonly #clock = new FixBatch(1);
  /** What the reads ahead came to: kept, so that they are not optimised away. */
  readAhead = 0;
  readonly #newest: NewestFixes;

  constructor(options: EngineOptions, snapshot?: EngineSnapshot) {
    const { fleet, rules, partition, isHome } = options;
    this.#rules = rules;
    this.#live = new Lanes('live');
    this.#late = new Lanes('late', 16);
    this.#newest = new NewestFixes(this.#live);
    this.#partition = partition;
    this.#run = new LaneRun(
      rules,
      (kind, rule, suppressedBy) => this.#count(kind, rule, suppressedBy),
      (vehicle) => this.#table.known[vehicle]?.permits,
      () => ({ timeMs: this.#timeMs, heardVehicles: this.#watch.heardVehicles }),
    );
    const restored = snapshot === undefined ? undefined : unpackState(snapshot, this.#parts);
    this.#watch = new SilenceWatch(this.#live, this.#run, restored?.scannedAtMs, restored?.heardVehicles);
    const lanes = {
      add: (index: number, code: number) => void this.#live.add(index, code),
      setClass: (index: number, code: number) => this.#setClass(index, code),
    };
    this.#table = new VehicleTable({ fleet, unknownVehicles: rules.policy.unknownVehicles, isHome, lanes });
    this.vehicles = this.#table;
    this.counters = restored?.counters ?? countersZero();
    this.#timeMs = restored?.timeMs ?? -Infinity;
    for (const vehicleId of restored?.vehicleIds ?? []) this.#table.restore(vehicleId);
    if (restored !== undefined && restored.policyVersion !== rules.version) this.#forgetPlaces();
    for (let lane = 0; lane < this.#late.count; lane += 1) {
      this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, this.#late.get(lane, doubleAt.idleAtMs));
    }
  }

  /** What a snapshot holds, beside numbers. */
  get #parts(): EngineParts {
    const { run, judge, facts } = this.#run;
    const { episodes, tallies, labels, storms } = run;
    const [presences, books, doubts] = [judge.stays.presences, facts.motion.books.list, facts.doubts.list];
    const lists = { episodes, tallies, presences, books, doubts };
    return { live: this.#live, late: this.#late, lists, labels, presses: this.#presses, storms };
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
    this.#forgetPlaces();
    this.#table.setUnknownVehicles(rules.policy.unknownVehicles);
  }

  #forgetPlaces(): void {
    for (const lanes of [this.#live, this.#late]) {
      for (let lane = 0; lane < lanes.count; lane += 1) lanes.forgetPlace(lane);
    }
  }

  /**
   * Takes every fix of the batch in order and returns the alarm steps they caused, oldest first. Fixes that the engine
   * itself turns down get their reason written into `batch.reject`.
   */
  process(batch: FixBatch): AlarmStep[] {
    for (let from = 0; from < batch.count; from += rowsTogether) {
      const to = Math.min(batch.count, from + rowsTogether);
      this.#readAhead(batch, from, to);
      this.#takeAll(batch, from, to);
    }
    const { facts, run } = this.#run;
    this.counters.derivedSpeeds += facts.derivedSpeeds;
    facts.derivedSpeeds = 0;
    return run.steps.drain(this.#table, run.labels, this.#partition);
  }

  /** It is this late, and nothing was received since: what the partition's time asks for. The record that says so is the cause. */
  advance(timeMs: number, offset: number, producedAtMs: number): AlarmStep[] {
    const clock = this.#clock;
    clock.vehicle[0] = vehicleUnknown;
    clock.offset[0] = offset;
    clock.producedAtMs[0] = producedAtMs;
    this.#timeMs = Math.max(this.#timeMs, Math.min(timeMs, producedAtMs));
    if (this.#timeMs >= this.#nextTimerAtMs) this.#ring(clock, 0);
    return this.#run.run.steps.drain(this.#table, this.#run.run.labels, this.#partition);
  }

  /**
   * Reads what the rows will need: dozens of waits for memory at once, where row after row would wait one by one. Changes
   * nothing, so it may be wrong about a vehicle that has several rows here.
   */
  #readAhead(batch: FixBatch, from: number, to: number): void {
    const { vehicle, lonE7, latE7 } = batch;
    const { i32 } = this.#live;
    const { fenceIndex } = this.#rules;
    let read = 0;
    for (let row = from; row < to; row += 1) {
      const at = this.#live.seatOf(Math.max(0, vehicle[row]!));
      read ^= i32[at]! ^ i32[at + hotAt.words / 2]!;
    }
    let leaving = 0;
    for (let row = from; row < to; row += 1) {
      const seat = this.#live.seatOf(Math.max(0, vehicle[row]!));
      if (!fenceIndex.wouldStay(i32, seat, lonE7[row]!, latE7[row]!)) this.#leaving[leaving++] = row;
    }
    fenceIndex.entriesAt(this.#leaving, leaving, lonE7, latE7, this.#entries);
    for (let i = 0; i < leaving; i += 1) read ^= fenceIndex.touch(this.#entries[i]!);
    this.readAhead ^= read;
  }

  /** Counts a record that could not be read at all, so that the partition's books balance. */
  countReject(reason: Parameters<typeof rejectCode>[0]): void {
    this.counters.rejects[reason] = (this.counters.rejects[reason] ?? 0) + 1;
  }

  /** The newest fixes of vehicles that moved on since the last call, at most `limit`; the rest waits for the next call. */
  drainNewest(limit: number): NewestFix[] {
    return this.#newest.drain(limit, this.#table.known);
  }

  /** The whole state as it stands between two batches. */
  snapshot(): EngineSnapshot {
    for (const lanes of [this.#live, this.#late]) {
      for (let lane = 0; lane < lanes.count; lane += 1) this.#run.facts.motion.catchUp(lanes, lane);
    }
    return packState({
      ...this.#parts,
      scannedAtMs: this.#watch.scannedAtMs,
      heardVehicles: this.#watch.heardVehicles,
      counters: this.counters,
      timeMs: this.#timeMs,
      vehicleIds: this.#table.known.map((vehicle) => vehicle.id),
      policyVersion: this.#rules.version,
    });
  }

  /**
   * Takes rows in order. Most fixes change nothing but where their vehicle is: newer than the last, without a gap, in the
   * same cell and hour, within what the rules have said they need not see. Those are told here from the rest by comparing
   * numbers, and need nothing of what `#take` does for all (measured 2026-11: half of the engine's time;
   * benchmarks/engine.bench.ts). The seat moves in the last comparison, so a row that fails leaves no trace.
   */
  #takeAll(batch: FixBatch, from: number, to: number): void {
    const { vehicle, fixedAtMs, receivedAtMs, producedAtMs, lonE7, latE7, speedDkph, headingCdeg } = batch;
    const { alarmFlags, statusFlags, extra, flags, reject } = batch;
    const { f64, i32, u16, u8 } = this.#live;
    const rules = this.#rules;
    const { fenceIndex, gapMaxMs, clockAheadMaxMs } = rules;
    const { alarmMask } = rules.calm;
    const { stoppedToDkph } = rules.motion;
    let plain = 0;
    for (let row = from; row < to; row += 1) {
      const lane = vehicle[row]!;
      const atMs = fixedAtMs[row]!;
      const doubles = lane * hotAt.doubles;
      const words = lane * hotAt.words;
      const shorts = lane * hotAt.shorts;
      const bytes = lane * hotAt.bytes;
      const sinceMs = atMs - f64[doubles + doubleAt.lastAtMs]!;
      const heardAtMs = Math.min(receivedAtMs[row]!, producedAtMs[row]!);
      const lon = lonE7[row]!;
      const lat = latE7[row]!;
      const speed = speedDkph[row]!;
      const place = u8[bytes + byteAt.place]!;
      if (
        lane < 0 ||
        (reject[row]! | flags[row]! | (alarmFlags[row]! & alarmMask)) !== 0 ||
        extra[row]! >= 0 ||
        // NaN (never reported) compares false.
        !(sinceMs > 0 && sinceMs <= gapMaxMs) ||
        atMs > heardAtMs + clockAheadMaxMs ||
        heardAtMs >= this.#nextTimerAtMs ||
        i32[words + wordAt.firstEpisode]! >= 0 ||
        (place & (placeFlag.known | placeFlag.closed)) !== placeFlag.known ||
        (place & placeFlag.load) >>> placeFlag.loadShift !== ((statusFlags[row]! >>> 8) & 3) ||
        // A speed that is absent is higher than any ceiling.
        speed > u16[shorts + shortAt.ceilingDkph]! ||
        ((place & placeFlag.moving) !== 0 && speed <= stoppedToDkph) ||
        atMs >= f64[doubles + doubleAt.dueAtMs]! ||
        u16[shorts + shortAt.scheduleEpoch] !== scheduleEpochAt(rules, atMs) ||
        !isCalm(
          rules.calm,
          sinceMs,
          speed,
          u16[shorts + shortAt.speedDkph]!,
          headingCdeg[row]!,
          u16[shorts + shortAt.headingCdeg]!,
          Math.abs(lon - i32[words + wordAt.lonE7]!) + Math.abs(lat - i32[words + wordAt.latE7]!),
        ) ||
        !(fenceIndex.stays(i32, words + seatWord, lon, lat) || this.#settles(lane, lon, lat))
      ) {
        this.#take(batch, row);
        continue;
      }
      plain += 1;
      if (heardAtMs > this.#timeMs) this.#timeMs = heardAtMs;
      f64[doubles + doubleAt.lastAtMs] = atMs;
      f64[doubles + doubleAt.positionAtMs] = atMs;
      f64[doubles + doubleAt.receivedAtMs] = receivedAtMs[row]!;
      u16[shorts + shortAt.speedDkph] = speed;
      u16[shorts + shortAt.headingCdeg] = headingCdeg[row]!;
      this.#live.remember(lane, atMs, lon, lat, false);
      if ((place & placeFlag.fresh) === 0) this.#newest.note(lane);
    }
    this.counters.fixes += plain;
  }

  /**
   * Whether the lane has come to another cell that lies in the same fences, and has been moved there. If not it stays where it
   * was, but what its fences mean is to be found anew.
   */
  #settles(lane: number, lonE7: number, latE7: number): boolean {
    const { fenceIndex } = this.#rules;
    const live = this.#live;
    const fromLonE7 = live.getWord(lane, wordAt.lonE7);
    const fromLatE7 = live.getWord(lane, wordAt.latE7);
    const changed = fenceIndex.settle(live.i32, live.seatOf(lane), lonE7, latE7, fenceIndex.entryAt(lonE7, latE7));
    if (!changed) return true;
    live.setWord(lane, wordAt.lonE7, fromLonE7);
    live.setWord(lane, wordAt.latE7, fromLatE7);
    live.u8[live.byteRow(lane) + byteAt.place]! &= ~placeFlag.known;
    return false;
  }

  #take(batch: FixBatch, row: number): void {
    const vehicle = batch.vehicle[row]!;
    // The receipt is the producer's word: one later than the record itself is a wrong clock too.
    const receivedAtMs = Math.min(batch.receivedAtMs[row]!, batch.producedAtMs[row]!);
    if (receivedAtMs > this.#timeMs) this.#timeMs = receivedAtMs;
    const ahead = batch.fixedAtMs[row]! > receivedAtMs + this.#rules.clockAheadMaxMs;
    if (batch.reject[row] === 0 && ahead) batch.reject[row] = clockAheadCode;
    if (this.#timeMs >= this.#nextTimerAtMs) this.#ring(batch, row);
    if (batch.reject[row] !== 0) {
      this.countReject(rejectReason(batch.reject[row]!));
      // A button that was pressed counts whatever else is wrong; a wrong clock gives way to the time of receipt.
      if (vehicle >= 0) {
        this.#pressAlone(vehicle, ahead ? receivedAtMs : batch.fixedAtMs[row]!, batch, row);
        if (ahead) this.#takeClock(vehicle, receivedAtMs, batch, row);
      }
      return;
    }
    if (vehicle < 0)
      throw new RangeError(`row ${row} has no vehicle and no reject: the decoder must give it one of both`);
    const atMs = batch.fixedAtMs[row]!;
    const lastAtMs = this.#live.get(vehicle, doubleAt.lastAtMs);
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
      this.#run.evaluateAlarms(this.#live, vehicle, batch, row);
      return;
    }
    this.#takeLive(vehicle, batch, row);
  }

  /** A refused fix says one thing: how wrong the vehicle's clock is, at the time of its receipt. */
  #takeClock(vehicle: number, receivedAtMs: number, batch: FixBatch, row: number): void {
    const lastAtMs = this.#live.get(vehicle, doubleAt.lastAtMs);
    // NaN (never reported) compares false.
    const atMs = receivedAtMs <= lastAtMs ? lastAtMs : receivedAtMs;
    this.#run.evaluateClock(this.#live, vehicle, { atMs, aheadMs: batch.fixedAtMs[row]! - receivedAtMs }, batch, row);
  }

  /** Counts and drops a fix that the lane has. */
  #duplicate(lanes: Lanes, lane: number, batch: FixBatch, row: number): boolean {
    const recent = lanes.recentAt(lane, batch.fixedAtMs[row]!, batch.lonE7[row]!, batch.latE7[row]!);
    if (recent < 0) return false;
    this.counters.duplicates += 1;
    // The button can have been pressed within the second of a report: that is news, its repetition is none.
    const news = isPressed(batch, row) && lanes.notePress(lane, recent);
    if (news) this.#press(lanes, lane, batch.fixedAtMs[row]!, batch, row);
    // So can the terminal's own alarms, which it reports beside the fix of that second.
    const isNewest = lanes === this.#live && batch.fixedAtMs[row] === lanes.get(lane, doubleAt.lastAtMs);
    if (isNewest) this.#run.evaluateAlarms(lanes, lane, batch, row);
    return true;
  }

  #takeLive(vehicle: number, batch: FixBatch, row: number): void {
    const live = this.#live;
    const atMs = batch.fixedAtMs[row]!;
    live.remember(vehicle, atMs, batch.lonE7[row]!, batch.latE7[row]!, isPressed(batch, row));
    // NaN (never reported) compares false.
    if (!(atMs - live.get(vehicle, doubleAt.lastAtMs) <= this.#rules.gapMaxMs)) {
      live.set(vehicle, doubleAt.coveredFromMs, atMs);
      live.set(vehicle, doubleAt.gapAtMs, live.get(vehicle, doubleAt.positionAtMs));
      live.setWord(vehicle, wordAt.gapLonE7, live.getWord(vehicle, wordAt.lonE7));
      live.setWord(vehicle, wordAt.gapLatE7, live.getWord(vehicle, wordAt.latE7));
    }
    if (isPressed(batch, row)) notePress(this.#presses, vehicle, atMs, this.#rules.timing.sos.clearAfterMs);
    this.#run.evaluate(live, vehicle, false, batch, row);
    live.set(vehicle, doubleAt.receivedAtMs, batch.receivedAtMs[row]!);
    // A place is known where there ever was a valid position.
    const place = live.u8[live.byteRow(vehicle) + byteAt.place]!;
    if ((place & (placeFlag.fresh | placeFlag.known)) === placeFlag.known) this.#newest.note(vehicle);
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
    if (atMs <= late.get(lane, doubleAt.lastAtMs)) this.#endLateLane(lane, batch, row);
    if (Number.isNaN(late.get(lane, doubleAt.lastAtMs))) this.#seedFromGap(lane, vehicle, atMs);
    this.#run.evaluate(late, lane, true, batch, row);
    this.#keepLateLane(lane);
  }

  /** A late lane lives on while it gets input. */
  #keepLateLane(lane: number): void {
    const idleAtMs = this.#timeMs + this.#rules.lateLaneIdleMs;
    this.#late.set(lane, doubleAt.idleAtMs, idleAtMs);
    this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, idleAtMs);
    this.#setTimer();
  }

  #lateLaneOf(vehicle: number): number {
    const lane = this.#live.getWord(vehicle, wordAt.lateLane);
    if (lane >= 0) return lane;
    const added = this.#late.add(vehicle, this.#table.classCode(vehicle));
    this.#live.setWord(vehicle, wordAt.lateLane, added);
    return added;
  }

  /** What is told of a gap begins where the gap began. */
  #seedFromGap(lane: number, vehicle: number, atMs: number): void {
    const live = this.#live;
    if (!(atMs > live.get(vehicle, doubleAt.gapAtMs))) return;
    this.#late.set(lane, doubleAt.positionAtMs, live.get(vehicle, doubleAt.gapAtMs));
    this.#late.setWord(lane, wordAt.lonE7, live.getWord(vehicle, wordAt.gapLonE7));
    this.#late.setWord(lane, wordAt.latE7, live.getWord(vehicle, wordAt.gapLatE7));
  }

  /** The emergency button in a fix that no lane takes; its time says whose alarm it is. */
  #pressAlone(vehicle: number, atMs: number, batch: FixBatch, row: number): void {
    if (!isPressed(batch, row)) return;
    const late = atMs < this.#live.get(vehicle, doubleAt.lastAtMs) - this.#rules.reorderMaxMs;
    if (late && isToldPress(this.#presses, vehicle, atMs)) return;
    if (late) this.#press(this.#late, this.#lateLaneOf(vehicle), atMs, batch, row);
    else this.#press(this.#live, vehicle, atMs, batch, row);
  }

  #press(lanes: Lanes, lane: number, atMs: number, batch: FixBatch, row: number): void {
    const late = lanes === this.#late;
    if (!late) notePress(this.#presses, lane, atMs, this.#rules.timing.sos.clearAfterMs);
    this.#run.evaluateSos(lanes, lane, late, atMs, batch, row);
    if (late) this.#keepLateLane(lane);
  }

  /** Whether the live lane has seen the stretch around this time without a gap. */
  #isCovered(vehicle: number, atMs: number): boolean {
    return (
      atMs >= this.#live.get(vehicle, doubleAt.coveredFromMs) && atMs <= this.#live.get(vehicle, doubleAt.lastAtMs)
    );
  }

  /** After anything that may have changed when something is to be done without a fix that asks for it. */
  #setTimer(): void {
    this.#nextTimerAtMs = Math.min(this.#nextIdleAtMs, this.#watch.nextAtMs);
  }

  /** Does what the partition's time asks for, before the row that has told it. */
  #ring(batch: FixBatch, row: number): void {
    if (this.#timeMs >= this.#nextIdleAtMs) this.#endIdleLateLanes(batch, row);
    if (this.#timeMs >= this.#watch.nextAtMs) this.#watch.look(this.#rules, this.#timeMs, batch, row);
    this.#setTimer();
  }

  #endIdleLateLanes(batch: FixBatch, row: number): void {
    this.#nextIdleAtMs = Infinity;
    for (let lane = 0; lane < this.#late.count; lane += 1) {
      const idleAtMs = this.#late.get(lane, doubleAt.idleAtMs);
      if (idleAtMs <= this.#timeMs) this.#endLateLane(lane, batch, row);
      else this.#nextIdleAtMs = Math.min(this.#nextIdleAtMs, idleAtMs);
    }
  }

  #endLateLane(lane: number, batch: FixBatch, row: number): void {
    this.#run.close(this.#late, lane, true, 'late-lane-over', batch, row);
    this.#late.forget(lane);
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
    const late = this.#live.getWord(vehicle, wordAt.lateLane);
    if (late >= 0) this.#late.setClass(late, code);
  }
}

function isPressed(batch: FixBatch, row: number): boolean {
  return (batch.alarmFlags[row]! & alarmFlagSos) !== 0;
}
