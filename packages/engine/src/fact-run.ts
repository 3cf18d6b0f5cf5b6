import {
  accuracyAbsent,
  extraAt,
  extraWords,
  fixFlag,
  headingAbsent,
  speedAbsent,
  type FixBatch,
} from '@haulwatch/domain';
import { distanceM } from '@haulwatch/geo';
import { useBit, type Facts } from '@haulwatch/rules';
import { Doubts } from './doubts.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';
import { LoadRun } from './load-run.ts';
import { MotionRun } from './motion-run.ts';

const junctionBit = useBit('junction');

/**
 * Derives what rules are shown of a fix, once for all of them, from the fix and from what the lane remembers, and keeps in the
 * lane what the next fix needs. Fixes that the engine's short road takes are caught up with here: nothing but time and
 * place has changed over them.
 */
export class FactRun {
  /** Fixes whose speed was derived from displacement. */
  derivedSpeeds = 0;
  readonly motion: MotionRun;
  readonly doubts = new Doubts();
  /** With this fix enough agree with a place that had not been believed. */
  isSettled = false;
  readonly #load: LoadRun;
  readonly #facts: Facts;
  /** Packed signals of this fix alone. */
  #toldSignals = 0;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.motion = new MotionRun(facts);
    this.#load = new LoadRun(facts);
  }

  /** Time, flags and what the vehicle's class is: known of any fix, whatever is wrong with it. */
  begin(lanes: Lanes, lane: number, atMs: number, alarmFlags: number): void {
    const facts = this.#facts;
    facts.atMs = atMs;
    facts.lastAtMs = lanes.get(lane, doubleAt.lastAtMs);
    facts.sinceMs = Number.isNaN(facts.lastAtMs) ? Infinity : atMs - facts.lastAtMs;
    facts.silentMs = 0;
    facts.clockAheadMs = 0;
    facts.alarmFlags = alarmFlags;
    facts.placeMask = lanes.getWord(lane, wordAt.placeMask);
    facts.classCode = lanes.u8[lanes.byteRow(lane) + byteAt.classCode]!;
    facts.minuteOfWeek = facts.rules.localTime.minuteOfWeek(atMs);
  }

  /** What the fix itself says, and how it differs from the one before. Before the lane moves to its place. */
  read(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    facts.statusFlags = batch.statusFlags[row]!;
    facts.formerAlarmFlags = lanes.getWord(lane, wordAt.alarmFlags);
    facts.isPlaced = (batch.flags[row]! & fixFlag.positionInvalid) === 0;
    this.readExtra(batch, row);
    this.#readSpeed(lanes, lane, batch, row);
    this.#readManner(lanes, lane, batch, row);
  }

  /** Whether the position is good enough to tell that a border was crossed. */
  isAccurate(batch: FixBatch, row: number): boolean {
    return this.marginM(batch, row) <= this.#facts.rules.motion.accuracyMaxM;
  }

  /** How far off the position may be, metres: as much as any good one, or what the fix tells where that is more. */
  marginM(batch: FixBatch, row: number): number {
    const { accuracyMaxM } = this.#facts.rules.motion;
    const accuracyDm = batch.accuracyDm[row]!;
    return accuracyDm === accuracyAbsent ? accuracyMaxM : Math.max(accuracyMaxM, accuracyDm / 10);
  }

  /** Motion, hours and signals, moved on to this fix. After the place is known. */
  remember(lanes: Lanes, lane: number, formerMask: number, batch: FixBatch, row: number): void {
    this.motion.take(lanes, lane, batch, row);
    this.#load.take(lanes, lane, this.#toldSignals, formerMask);
    this.#takeJunction(lanes, lane, formerMask, batch, row);
    lanes.setWord(lane, wordAt.alarmFlags, this.#facts.alarmFlags | 0);
    const shorts = lanes.shortRow(lane);
    // Without a position a terminal says 0 for both, or what they were.
    const { isPlaced } = this.#facts;
    lanes.u16[shorts + shortAt.speedDkph] = isPlaced ? this.#toldDkph(batch, row) : speedAbsent;
    lanes.u16[shorts + shortAt.headingCdeg] = isPlaced ? batch.headingCdeg[row]! : headingAbsent;
  }

  /** What is known of a vehicle that nothing is heard of: what its last fix said, and for how long. */
  recall(lanes: Lanes, lane: number, timeMs: number): void {
    const facts = this.#facts;
    const flags = lanes.u8[lanes.byteRow(lane) + byteAt.place]!;
    this.begin(
      lanes,
      lane,
      Math.max(timeMs, lanes.get(lane, doubleAt.lastAtMs)),
      lanes.getWord(lane, wordAt.alarmFlags),
    );
    facts.silentMs = timeMs - lanes.get(lane, doubleAt.receivedAtMs);
    facts.isPlaced = false;
    facts.isBelieved = false;
    facts.speedDkph = -1;
    facts.eventCount = 0;
    facts.placeMask = lanes.getWord(lane, wordAt.placeMask);
    facts.signals = lanes.getWord(lane, wordAt.signals);
    facts.loadSinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    facts.loadPlaceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    facts.isNight = (flags & placeFlag.night) !== 0;
    this.motion.recall(lanes, lane);
  }

  /** What few fixes carry. */
  readExtra(batch: FixBatch, row: number): void {
    const facts = this.#facts;
    const extra = batch.extra[row]!;
    facts.eventCount = 0;
    this.#toldSignals = 0;
    facts.cargoTemperatureC = Number.NaN;
    facts.cargoPressureKpa = Number.NaN;
    if (extra < 0) return;
    const { words } = batch.extras;
    const at = extra * extraWords;
    this.#toldSignals = words[at + extraAt.signals]!;
    facts.cargoTemperatureC = words[at + extraAt.cargoTemperatureC]!;
    facts.cargoPressureKpa = words[at + extraAt.cargoPressureKpa]!;
    facts.eventCount = words[at + extraAt.eventCount]!;
    for (let i = 0; i < facts.eventCount; i += 1) facts.events[i] = words[at + extraAt.events + i]!;
  }

  /** A speed that no vehicle can have is a fault of the terminal: as good as none. */
  #toldDkph(batch: FixBatch, row: number): number {
    const speedDkph = batch.speedDkph[row]!;
    return speedDkph > this.#facts.rules.plausibleMaxDkph ? speedAbsent : speedDkph;
  }

  #readSpeed(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    const speedDkph = this.#toldDkph(batch, row);
    const hasSpeed = speedDkph !== speedAbsent;
    facts.speedDkph = hasSpeed && facts.isPlaced ? speedDkph : -1;
    facts.derived = false;
    facts.movedM = Number.NaN;
    facts.impliedKph = Number.NaN;
    facts.isSamePlace = false;
    facts.isBelieved = facts.isPlaced;
    this.isSettled = false;
    if (!facts.isPlaced) return;
    const [lonE7, latE7] = [batch.lonE7[row]!, batch.latE7[row]!];
    const sinceMs = this.#readPlace(lanes, lane, lonE7, latE7);
    if (hasSpeed || !facts.isBelieved || !(sinceMs <= facts.rules.gapMaxMs)) return;
    facts.derived = true;
    this.motion.measureAway(lanes, lane, lonE7, latE7);
    facts.speedDkph = Math.round(this.#derivedKph(lanes, lane, lonE7, latE7) * 10);
    this.derivedSpeeds += 1;
  }

  /**
   * No more than two intervals show: a position that is off by a kilometre for one fix is neither driven to nor back from. Where the
   * former speed was not derived, one interval is all that there is, as after a doubt that has settled.
   */
  #derivedKph(lanes: Lanes, lane: number, lonE7: number, latE7: number): number {
    const { impliedKph, atMs } = this.#facts;
    if (this.isSettled) return impliedKph;
    const formerAtMs = lanes.get(lane, doubleAt.positionAtMs);
    const kph = Math.min(impliedKph, this.doubts.kphFromPrior(lanes, lane, formerAtMs, atMs, lonE7, latE7));
    this.doubts.follow(lanes, lane, formerAtMs, atMs);
    return kph;
  }

  /** How the vehicle came to a position, and whether it can have (`Doubts`). Returns since when, ms; NaN: it is the first. */
  #readPlace(lanes: Lanes, lane: number, lonE7: number, latE7: number): number {
    const facts = this.#facts;
    const { doubts } = this;
    const { plausibleMaxKph } = facts.rules;
    const sinceMs = facts.atMs - lanes.get(lane, doubleAt.positionAtMs);
    if (!(sinceMs > 0)) return Number.NaN;
    const [fromLonE7, fromLatE7] = [lanes.getWord(lane, wordAt.lonE7), lanes.getWord(lane, wordAt.latE7)];
    facts.isSamePlace = fromLonE7 === lonE7 && fromLatE7 === latE7;
    facts.movedM = distanceM(fromLonE7, fromLatE7, lonE7, latE7);
    facts.impliedKph = (facts.movedM / sinceMs) * 3_600;
    if (facts.impliedKph <= plausibleMaxKph) {
      doubts.drop(lanes, lane);
      return sinceMs;
    }
    this.isSettled = doubts.settles(lanes, lane, facts.atMs, lonE7, latE7, plausibleMaxKph);
    facts.isBelieved = this.isSettled;
    facts.movedM = Number.NaN;
    if (!this.isSettled) return sinceMs;
    // Where it came from is the place that was doubted.
    facts.movedM = doubts.movedM;
    facts.impliedKph = (doubts.movedM / doubts.sinceMs) * 3_600;
    facts.isSamePlace = doubts.movedM === 0;
    return doubts.sinceMs;
  }

  /** Change of speed and heading since the former fix, where both fixes tell them. */
  #readManner(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    facts.accelerationMss = Number.NaN;
    facts.lateralMss = Number.NaN;
    facts.formerKph = Number.NaN;
    const speedDkph = this.#toldDkph(batch, row);
    const isSure = facts.isPlaced && this.isAccurate(batch, row);
    if (!isSure || speedDkph === speedAbsent || !(facts.sinceMs <= facts.rules.gapMaxMs)) return;
    const seconds = facts.sinceMs / 1_000;
    const shorts = lanes.shortRow(lane);
    const formerDkph = lanes.u16[shorts + shortAt.speedDkph]!;
    if (formerDkph !== speedAbsent) {
      facts.formerKph = formerDkph / 10;
      facts.accelerationMss = (speedDkph - formerDkph) / 36 / seconds;
    }
    const turned = turnedCdeg(lanes.u16[shorts + shortAt.headingCdeg]!, batch.headingCdeg[row]!);
    facts.lateralMss = ((speedDkph / 36) * Math.abs(turned) * Math.PI) / 18_000 / seconds;
  }

  /** Turn and slowest speed within one junction zone. */
  #takeJunction(lanes: Lanes, lane: number, formerMask: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    if ((facts.placeMask & junctionBit) === 0) {
      facts.turnedDeg = 0;
      facts.slowestKph = Number.NaN;
      return;
    }
    // Nobody saw what it did in a gap: what follows is another turn.
    const isGap = !(facts.sinceMs <= facts.rules.gapMaxMs);
    const isNew = isGap || (formerMask & junctionBit) === 0;
    const headingCdeg = isGap || !facts.isPlaced ? headingAbsent : batch.headingCdeg[row]!;
    const turned = turnedCdeg(lanes.u16[lanes.shortRow(lane) + shortAt.headingCdeg]!, headingCdeg);
    const former = isNew ? 0 : lanes.getWord(lane, wordAt.turnedCdeg);
    const slowest = isNew ? -1 : lanes.getWord(lane, wordAt.slowestDkph);
    const { speedDkph } = facts;
    const now = speedDkph < 0 || (slowest >= 0 && slowest < speedDkph) ? slowest : speedDkph;
    lanes.setWord(lane, wordAt.turnedCdeg, former + (Number.isNaN(turned) ? 0 : turned));
    lanes.setWord(lane, wordAt.slowestDkph, now);
    facts.turnedDeg = lanes.getWord(lane, wordAt.turnedCdeg) / 100;
    facts.slowestKph = now < 0 ? Number.NaN : now / 10;
  }
}

/** From one heading to another by the shorter way, 0.01 degrees, to the right above 0, straight back below; NaN where one is absent. */
function turnedCdeg(from: number, to: number): number {
  if (from === headingAbsent || to === headingAbsent) return Number.NaN;
  return ((to - from + 54_000) % 36_000) - 18_000;
}
