import {
  alarmFlagSos,
  eventsPerFixMax,
  fixFlag,
  ruleIds,
  speedAbsent,
  type FixBatch,
  type Permit,
  type RuleId,
} from '@haulwatch/domain';
import { hitsMax } from '@haulwatch/geo';
import {
  derivePlace,
  inForce,
  newFacts,
  observeSos,
  scheduleEpochAt,
  useBit,
  type Facts,
  type RuleSet,
} from '@haulwatch/rules';
import { Departures } from './departures.ts';
import { EpisodeRun, type StepCounter } from './episode-run.ts';
import { FactRun } from './fact-run.ts';
import { Judge } from './judge.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';
import { Permits } from './permits.ts';
import { isStanding } from './stays.ts';
import type { StormScene } from './storms.ts';

const sos = ruleIds.indexOf('sos' satisfies RuleId);

const plantBit = useBit('plant');

/** The label of rules without fence or kind. */
const noLabel = -1;

const minuteMs = 60_000;

function minuteOf(atMs: number): number {
  return Math.floor(atMs / minuteMs);
}

/** A stretch of event time. */
export type KeptTime = { readonly fromMs: number; readonly toMs: number };

/**
 * Takes one fix of one lane: derives the facts, asks the rules, moves the lane's episodes on, queues the steps. One object for
 * each engine, filled anew for each fix.
 */
export class LaneRun {
  readonly facts: FactRun;
  readonly run: EpisodeRun;
  readonly judge: Judge;
  readonly departures: Departures;
  readonly #facts: Facts;
  readonly #permits: Permits;
  /** Made once: finds the fences that hold the lane's position, where somebody needs them. */
  readonly #needFences = (): void => this.judge.needFences(this.#lanes, this.#lane);
  #lanes!: Lanes;
  #lane = 0;

  constructor(
    rules: RuleSet,
    live: Lanes,
    count: StepCounter,
    permitsOf: (vehicle: number) => readonly Permit[] | undefined,
    scene: () => StormScene,
  ) {
    this.#facts = newFacts(rules, new Int32Array(hitsMax), new Float64Array(eventsPerFixMax));
    this.facts = new FactRun(this.#facts);
    this.departures = new Departures(live);
    this.run = new EpisodeRun(this.#facts, this.departures, count, scene);
    this.judge = new Judge(this.#facts, this.run);
    this.#permits = new Permits(this.#facts, permitsOf);
  }

  setRules(rules: RuleSet): void {
    this.#facts.rules = rules;
    this.run.labels.setRules(rules);
  }

  /** Every rule over a fix that is newer than all of its lane. In a late lane its button was heard before, when it came. */
  evaluate(lanes: Lanes, lane: number, late: boolean, batch: FixBatch, row: number): void {
    this.#begin(lanes, lane, batch.fixedAtMs[row]!, batch.alarmFlags[row]!);
    this.#name(late, batch, row);
    const facts = this.#facts;
    this.facts.read(lanes, lane, batch, row);
    const flagsAt = lanes.byteRow(lane) + byteAt.place;
    const former = lanes.u8[flagsAt]!;
    const maskBefore = lanes.getWord(lane, wordAt.placeMask);
    const formerPlaceAtMs = lanes.get(lane, doubleAt.positionAtMs);
    const isFirstPlace = Number.isNaN(formerPlaceAtMs);
    const isNewEpoch =
      lanes.u16[lanes.shortRow(lane) + shortAt.scheduleEpoch] !== scheduleEpochAt(facts.rules, facts.atMs);
    const isRedrawn = (former & placeFlag.redrawn) !== 0;
    let formerPlant = maskBefore & plantBit;
    if (facts.isBelieved && !isFirstPlace && (isNewEpoch || isRedrawn)) formerPlant = this.#maskThere() & plantBit;
    if (facts.isBelieved) this.#move(batch.lonE7[row]!, batch.latE7[row]!);
    // Speed is judged by the limit that holds now where the vehicle is taken to be.
    else if (facts.isPlaced) this.#move(lanes.getWord(lane, wordAt.lonE7), lanes.getWord(lane, wordAt.latE7));
    else this.#stay();
    if (facts.isBelieved) lanes.set(lane, doubleAt.positionAtMs, facts.atMs);
    // A plant that is drawn, opened, closed or deleted around a mixer was neither reached nor left by it, nor one that it is first seen in.
    if (isFirstPlace || !facts.isBelieved) formerPlant = facts.placeMask & plantBit;
    const formerMask = (maskBefore & ~plantBit) | formerPlant;
    this.facts.remember(lanes, lane, formerMask, batch, row);
    this.run.movedM = facts.movedM > 0 ? facts.movedM : 0;
    this.#permits.read(lanes, lane, this.#needFences);
    const { sighting } = this.judge;
    sighting.isFirst = isFirstPlace || isRedrawn;
    sighting.formerMinute = isFirstPlace ? facts.minuteOfWeek : facts.rules.localTime.minuteOfWeek(formerPlaceAtMs);
    sighting.sinceMinutes = isFirstPlace ? 0 : minuteOf(facts.atMs) - minuteOf(formerPlaceAtMs);
    const wasMoving = (former & placeFlag.moving) !== 0 || isFirstPlace;
    sighting.isVague = !this.facts.isAccurate(batch, row);
    sighting.marginM = this.facts.marginM(batch, row);
    sighting.isJitter =
      sighting.isVague || (!this.facts.isSettled && isStanding(facts, wasMoving, facts.atMs - formerPlaceAtMs));
    this.judge.judge(lanes, lane, (lanes.u8[flagsAt]! & placeFlag.closed) !== 0);
    if (!late) this.#sos(false);
    else if (!(this.#facts.atMs <= this.#sosSeenAtMs())) this.#sos(true);
    lanes.set(lane, doubleAt.lastAtMs, facts.atMs);
    this.#settle();
    if (facts.isBelieved) lanes.u8[flagsAt]! &= ~placeFlag.redrawn;
  }

  /** The emergency button alone, pressed or released, in a fix that no rule runs over, or not yet. */
  evaluateSos(lanes: Lanes, lane: number, late: boolean, atMs: number, batch: FixBatch, row: number): void {
    this.#begin(lanes, lane, atMs, batch.alarmFlags[row]!);
    // The alarm is up, and newer fixes say whether the button still is: what is older is no news.
    if (atMs < this.#sosSeenAtMs()) return;
    this.#name(late, batch, row);
    const isPlaced = batch.reject[row] === 0 && (batch.flags[row]! & fixFlag.positionInvalid) === 0;
    // The late lane is not there yet, or has been there long ago.
    if (late && isPlaced) this.run.tellAt(batch.lonE7[row]!, batch.latE7[row]!);
    this.#sos(false);
  }

  /** The button is not pressed in a fix of a late lane that is held. */
  releaseSos(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    if ((batch.alarmFlags[row]! & alarmFlagSos) !== 0) return;
    this.evaluateSos(lanes, lane, true, batch.fixedAtMs[row]!, batch, row);
  }

  /** Event time of the newest word about the lane's open emergency; NaN: there is none. */
  sosSeenAtMs(lanes: Lanes, lane: number): number {
    this.run.begin(lanes, lane);
    return this.#sosSeenAtMs();
  }

  /** Ends the open emergency of a late lane: another one is told that lies before it. */
  endSos(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    this.#begin(lanes, lane, this.sosSeenAtMs(lanes, lane), 0);
    this.#name(true, batch, row);
    this.run.end(this.run.find(sos, noLabel), 'late-lane-over');
  }

  /**
   * What the terminal itself alarms of in a fix that is no newer than the newest of its lane: beside it, or a little out of
   * order. Told at the time of the newest; that it does not alarm says nothing.
   */
  evaluateAlarms(lanes: Lanes, lane: number, late: boolean, batch: FixBatch, row: number): void {
    if (batch.extra[row]! < 0 && (batch.alarmFlags[row]! & this.#facts.rules.calm.alarmMask) === 0) return;
    this.#begin(lanes, lane, lanes.get(lane, doubleAt.lastAtMs), batch.alarmFlags[row]!);
    this.#name(late, batch, row);
    this.facts.readExtra(batch, row);
    this.judge.judgeAlarms();
  }

  /** A fix that was refused because its clock is ahead by so much. */
  evaluateClock(
    lanes: Lanes,
    lane: number,
    { atMs, aheadMs }: { readonly atMs: number; readonly aheadMs: number },
    batch: FixBatch,
    row: number,
  ): void {
    this.#begin(lanes, lane, atMs, 0);
    this.#facts.clockAheadMs = aheadMs;
    this.#name(false, batch, row);
    this.judge.judgeClock();
  }

  /** Nothing has been heard of a vehicle for some time: the rules that ask about silence, at the partition's time. */
  wake(lanes: Lanes, lane: number, timeMs: number, batch: FixBatch, row: number): void {
    this.run.begin(lanes, lane);
    this.#lanes = lanes;
    this.#lane = lane;
    this.facts.recall(lanes, lane, timeMs);
    this.#permits.read(lanes, lane, this.#needFences);
    this.#name(false, batch, row);
    this.judge.judgeSilence(lanes, lane);
    const { untilMs } = this.judge.quiet;
    // The next fix may be older than the partition's time: it is shown to all rules, whatever the timed ones have said.
    lanes.u8[lanes.byteRow(lane) + byteAt.place]! &= ~placeFlag.known;
    // What has begun or ended and is not told yet is asked about at the next look.
    lanes.set(lane, doubleAt.dueAtMs, this.run.isUnsettled ? this.#facts.atMs : untilMs);
  }

  /** A gap of the vehicle is over: what it was when the gap began is kept for what is told of it late. */
  depart(vehicle: number): void {
    const { departures } = this;
    this.facts.motion.catchUp(departures.live, vehicle);
    departures.note(vehicle, this.judge.stays.presences, this.#facts.rules.version);
  }

  /** A late lane becomes what its vehicle was when its newest gap began, and knows what the live lane knows of the time before. */
  takeOver(vehicle: number, late: Lanes, lane: number): void {
    const { departures } = this;
    departures.seed(vehicle, late, lane, this.judge.stays.presences, this.#facts.rules.version);
    this.facts.doubts.list.removeAll(late, lane);
    this.facts.motion.books.takeOver(departures.live, vehicle, late, lane, late.get(lane, doubleAt.lastAtMs));
  }

  /**
   * Ends a late lane: what is open is closed at its last sign of life, what is pending is forgotten.
   *
   * @param kept an emergency whose newest sign is of this time stays open.
   */
  close(lanes: Lanes, lane: number, batch: FixBatch, row: number, kept?: KeptTime): void {
    const { run } = this;
    for (let episode = run.episodes.first(lanes, lane); episode >= 0;) {
      const next = run.episodes.next(episode);
      run.begin(lanes, lane);
      const seenAtMs = run.word(episode, 'seenAtMs');
      this.#begin(lanes, lane, seenAtMs, 0);
      this.#name(true, batch, row);
      const isKept =
        kept !== undefined && run.word(episode, 'rule') === sos && seenAtMs >= kept.fromMs && seenAtMs <= kept.toMs;
      if (!isKept) run.end(episode, 'late-lane-over');
      episode = next;
    }
    this.judge.stays.presences.removeAll(lanes, lane);
    this.facts.motion.books.list.removeAll(lanes, lane);
    this.facts.doubts.list.removeAll(lanes, lane);
    run.hush.tallies.list.removeAll(lanes, lane);
  }

  #begin(lanes: Lanes, lane: number, atMs: number, alarmFlags: number): void {
    this.#lanes = lanes;
    this.#lane = lane;
    this.run.begin(lanes, lane);
    this.facts.begin(lanes, lane, atMs, alarmFlags);
  }

  #sosSeenAtMs(): number {
    const open = this.run.find(sos, noLabel);
    return open < 0 ? Number.NaN : this.run.word(open, 'seenAtMs');
  }

  /** Writes down what the steps of this fix will say of it. */
  #name(late: boolean, batch: FixBatch, row: number): void {
    const { head } = this.run;
    head.vehicle = this.#lanes.vehicleOf(this.#lane);
    head.late = late ? 1 : 0;
    head.atMs = this.#facts.atMs;
    head.offset = batch.offset[row]!;
    head.index = batch.index[row]!;
    head.producedAtMs = batch.producedAtMs[row]!;
  }

  /** What the fences of today, that are open now, say of the place where the lane still is. */
  #maskThere(): number {
    this.judge.findFences(this.#lanes.getWord(this.#lane, wordAt.lonE7), this.#lanes.getWord(this.#lane, wordAt.latE7));
    derivePlace(this.#facts);
    return this.#facts.placeMask;
  }

  /** Moves the lane to a place and finds out what the fences there mean for it now. */
  #move(lonE7: number, latE7: number): void {
    const lanes = this.#lanes;
    const lane = this.#lane;
    const facts = this.#facts;
    const { fenceIndex } = facts.rules;
    const seat = lanes.seatOf(lane);
    const stays = fenceIndex.stays(lanes.i32, seat, lonE7, latE7);
    const changed = !stays && fenceIndex.settle(lanes.i32, seat, lonE7, latE7, fenceIndex.entryAt(lonE7, latE7));
    const shorts = lanes.shortRow(lane);
    const flagsAt = lanes.byteRow(lane) + byteAt.place;
    const flags = lanes.u8[flagsAt]!;
    const epoch = scheduleEpochAt(facts.rules, facts.atMs);
    if (!changed && (flags & placeFlag.known) !== 0 && lanes.u16[shorts + shortAt.scheduleEpoch] === epoch) {
      this.#recallPlace();
      return;
    }
    this.judge.findFences(lonE7, latE7);
    const isClosed = derivePlace(facts);
    lanes.setWord(lane, wordAt.limitDkph, facts.limitDkph);
    lanes.u16[shorts + shortAt.scheduleEpoch] = epoch;
    lanes.setWord(lane, wordAt.limitFence, facts.limitFence);
    lanes.setWord(lane, wordAt.placeMask, facts.placeMask);
    lanes.u8[flagsAt] = (flags & ~placeFlag.closed) | placeFlag.known | (isClosed ? placeFlag.closed : 0);
  }

  /** The fences as they were at the former fix, and night as it is now. */
  #stay(): void {
    this.#recallPlace();
    this.#facts.isNight = inForce(this.#facts.rules.night, this.#facts.minuteOfWeek);
  }

  #recallPlace(): void {
    const lanes = this.#lanes;
    const facts = this.#facts;
    facts.limitDkph = lanes.getWord(this.#lane, wordAt.limitDkph);
    facts.limitFence = lanes.getWord(this.#lane, wordAt.limitFence);
    facts.placeMask = lanes.getWord(this.#lane, wordAt.placeMask);
    facts.isNight = (lanes.u8[lanes.byteRow(this.#lane) + byteAt.place]! & placeFlag.night) !== 0;
    facts.fenceCount = -1;
  }

  /** What the next fixes may do without being shown to any rule. */
  #settle(): void {
    const lanes = this.#lanes;
    const { rules, limitDkph, alarmFlags, atMs } = this.#facts;
    const { quiet } = this.judge;
    const isMoving = (lanes.u8[lanes.byteRow(this.#lane) + byteAt.place]! & placeFlag.moving) !== 0;
    const ceiling = Math.min(
      limitDkph,
      rules.plausibleMaxDkph,
      quiet.ceilingDkph,
      isMoving ? speedAbsent - 1 : rules.motion.movingFromDkph - 1,
    );
    lanes.u16[lanes.shortRow(this.#lane) + shortAt.ceilingDkph] = Math.max(0, Math.floor(ceiling));
    const isFlagged = (alarmFlags & rules.calm.alarmMask) !== 0;
    // What has begun or ended and is not told yet is asked about at the next look; where the vehicle is, by the next fix.
    const isDue = isFlagged || this.run.isUnsettled || this.facts.doubts.has(lanes, this.#lane);
    lanes.set(this.#lane, doubleAt.dueAtMs, isDue ? atMs : quiet.untilMs);
  }

  #sos(isToldPress: boolean): void {
    const { facts, run } = { facts: this.#facts, run: this.run };
    const isPressed = (facts.alarmFlags & alarmFlagSos) !== 0;
    if (!isPressed && !run.has(sos)) return;
    observeSos(facts, run.seen);
    // People have been called for it: it neither calls them again nor says that another emergency is over.
    if (isPressed && isToldPress) run.seen.state = 'unknown';
    run.apply(sos, noLabel, facts.rules.timing.sos);
  }
}
