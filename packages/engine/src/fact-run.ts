import {
  accuracyAbsent,
  extraAt,
  extraWords,
  fixFlag,
  headingAbsent,
  loadOfStatus,
  signalCode,
  signalOf,
  signalShift,
  speedAbsent,
  type FixBatch,
} from '@haulwatch/domain';
import { distanceM } from '@haulwatch/geo';
import { motion, useBit, type Facts } from '@haulwatch/rules';
import { Books } from './books.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

const junctionBit = useBit('junction');
const plantBit = useBit('plant');
const loadShift = signalShift('load');
const empty = signalCode('load', 'empty');
const full = signalCode('load', 'full');

/** Bits of a signal's code in the packed word. */
const codeMask = 3;

/**
 * Derives what rules are shown of a fix, once for all of them, from the fix and from what the lane remembers, and keeps in the
 * lane what the next fix needs. Fixes that the engine's short road takes are caught up with here: nothing but time and
 * place has changed over them.
 */
export class FactRun {
  /** Fixes whose speed was derived from displacement. */
  derivedSpeeds = 0;
  readonly books = new Books();
  readonly #facts: Facts;
  /** Packed signals of this fix alone. */
  #toldSignals = 0;

  constructor(facts: Facts) {
    this.#facts = facts;
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
    this.#readExtra(batch, row);
    this.#readSpeed(lanes, lane, batch, row);
    this.#readManner(lanes, lane, batch, row);
  }

  /** Whether the position is good enough to tell that a border was crossed. */
  isAccurate(batch: FixBatch, row: number): boolean {
    const accuracyDm = batch.accuracyDm[row]!;
    return accuracyDm === accuracyAbsent || accuracyDm <= 10 * this.#facts.rules.motion.accuracyMaxM;
  }

  /** Motion, hours and signals, moved on to this fix. After the place is known. */
  remember(lanes: Lanes, lane: number, formerMask: number, batch: FixBatch, row: number): void {
    this.#countDriving(lanes, lane);
    this.#takeMotion(lanes, lane);
    this.#takeDriver(lanes, lane, batch, row);
    this.#takeSignals(lanes, lane, formerMask);
    this.#takeJunction(lanes, lane, formerMask, batch, row);
    this.#sumHours(lanes, lane);
    lanes.setWord(lane, wordAt.alarmFlags, this.#facts.alarmFlags | 0);
    const shorts = lanes.shortRow(lane);
    lanes.u16[shorts + shortAt.speedDkph] = batch.speedDkph[row]!;
    lanes.u16[shorts + shortAt.headingCdeg] = batch.headingCdeg[row]!;
  }

  /** Counts what was driven up to the newest fix: equal states then make equal snapshots, however fixes came to be taken. */
  catchUp(lanes: Lanes, lane: number): void {
    const flags = lanes.u8[lanes.byteRow(lane) + byteAt.place]!;
    const fromMs = lanes.get(lane, doubleAt.countedToMs);
    const lastAtMs = lanes.get(lane, doubleAt.lastAtMs);
    if (!(lastAtMs > fromMs)) return;
    lanes.set(lane, doubleAt.countedToMs, lastAtMs);
    this.#facts.classCode = lanes.u8[lanes.byteRow(lane) + byteAt.classCode]!;
    if ((flags & placeFlag.moving) !== 0) this.#drive(lanes, lane, fromMs, lastAtMs, (flags & placeFlag.night) !== 0);
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
    facts.speedDkph = -1;
    facts.eventCount = 0;
    facts.placeMask = lanes.getWord(lane, wordAt.placeMask);
    facts.signals = lanes.getWord(lane, wordAt.signals);
    facts.loadSinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    facts.loadPlaceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    facts.isNight = (flags & placeFlag.night) !== 0;
    if ((flags & placeFlag.moving) === 0) this.#rest(lanes, lane);
    this.#tellMotion(lanes, lane);
    this.#sumHours(lanes, lane);
  }

  #readExtra(batch: FixBatch, row: number): void {
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

  #readSpeed(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    const speedDkph = batch.speedDkph[row]!;
    const hasSpeed = speedDkph !== speedAbsent;
    facts.speedDkph = hasSpeed && facts.isPlaced ? speedDkph : -1;
    facts.derived = false;
    facts.movedM = Number.NaN;
    facts.impliedKph = Number.NaN;
    facts.isSamePlace = false;
    if (!facts.isPlaced) return;
    const sinceMs = facts.atMs - lanes.get(lane, doubleAt.positionAtMs);
    if (!(sinceMs > 0)) return;
    const [fromLonE7, fromLatE7] = [lanes.getWord(lane, wordAt.lonE7), lanes.getWord(lane, wordAt.latE7)];
    const [lonE7, latE7] = [batch.lonE7[row]!, batch.latE7[row]!];
    facts.isSamePlace = fromLonE7 === lonE7 && fromLatE7 === latE7;
    facts.movedM = distanceM(fromLonE7, fromLatE7, lonE7, latE7);
    facts.impliedKph = (facts.movedM / sinceMs) * 3_600;
    const { plausibleMaxKph, gapMaxMs } = facts.rules;
    if (hasSpeed || facts.impliedKph > plausibleMaxKph || sinceMs > gapMaxMs) return;
    facts.derived = true;
    facts.speedDkph = Math.round(facts.impliedKph * 10);
    this.derivedSpeeds += 1;
  }

  /** Change of speed and heading since the former fix, where both fixes tell them. */
  #readManner(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    facts.accelerationMss = Number.NaN;
    facts.lateralMss = Number.NaN;
    facts.formerKph = Number.NaN;
    const speedDkph = batch.speedDkph[row]!;
    if (!facts.isPlaced || speedDkph === speedAbsent || !(facts.sinceMs <= facts.rules.gapMaxMs)) return;
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

  /** Counts what was driven since the last count, as it was before this fix: its motion is from now on. */
  #countDriving(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const { atMs, lastAtMs, rules } = facts;
    const fromMs = lanes.get(lane, doubleAt.countedToMs);
    lanes.set(lane, doubleAt.countedToMs, atMs);
    if (Number.isNaN(fromMs)) return;
    const flags = lanes.u8[lanes.byteRow(lane) + byteAt.place]!;
    const wasNight = (flags & placeFlag.night) !== 0;
    const isGap = !(facts.sinceMs <= rules.gapMaxMs);
    // Nobody saw what it did in a gap: it drove if it came so far that it must have, else it stood.
    const drove = isGap ? facts.impliedKph * 10 >= rules.motion.movingFromDkph : (flags & placeFlag.moving) !== 0;
    if ((flags & placeFlag.moving) !== 0) this.#drive(lanes, lane, fromMs, lastAtMs, wasNight);
    if (drove) this.#drive(lanes, lane, lastAtMs, atMs, facts.isNight);
    if (isGap) this.#setMotion(lanes, lane, drove, lastAtMs);
    if (!drove) this.#rest(lanes, lane);
  }

  #drive(lanes: Lanes, lane: number, fromMs: number, toMs: number, isNight: boolean): void {
    if (!(toMs > fromMs)) return;
    const { rules, classCode } = this.#facts;
    lanes.set(lane, doubleAt.drivenMs, lanes.get(lane, doubleAt.drivenMs) + toMs - fromMs);
    if (isNight) lanes.set(lane, doubleAt.nightDrivenMs, lanes.get(lane, doubleAt.nightDrivenMs) + toMs - fromMs);
    if (rules.classRules[classCode]!.countsHours) this.books.add(lanes, lane, fromMs, toMs);
  }

  /** A stop that has lasted long enough is a rest: the count begins anew. */
  #rest(lanes: Lanes, lane: number): void {
    const { atMs, rules } = this.#facts;
    if (!(atMs - lanes.get(lane, doubleAt.motionSinceMs) >= rules.motion.restMinMs)) return;
    lanes.set(lane, doubleAt.drivenMs, 0);
    lanes.set(lane, doubleAt.nightDrivenMs, 0);
  }

  #takeMotion(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const { speedDkph, rules } = facts;
    const at = lanes.byteRow(lane) + byteAt.place;
    if (speedDkph >= 0) {
      const was = (lanes.u8[at]! & placeFlag.moving) !== 0;
      const isMoving = was ? speedDkph > rules.motion.stoppedToDkph : speedDkph >= rules.motion.movingFromDkph;
      const isNews = isMoving !== was || Number.isNaN(lanes.get(lane, doubleAt.motionSinceMs));
      if (isNews) this.#setMotion(lanes, lane, isMoving, facts.atMs);
    }
    lanes.u8[at] = (lanes.u8[at]! & ~placeFlag.night) | (facts.isNight ? placeFlag.night : 0);
    this.#tellMotion(lanes, lane);
  }

  /** Moving or standing since then; one that goes on keeps its beginning. */
  #setMotion(lanes: Lanes, lane: number, isMoving: boolean, sinceMs: number): void {
    const at = lanes.byteRow(lane) + byteAt.place;
    const was = (lanes.u8[at]! & placeFlag.moving) !== 0;
    if (was === isMoving && !Number.isNaN(lanes.get(lane, doubleAt.motionSinceMs))) return;
    lanes.u8[at] = isMoving ? lanes.u8[at]! | placeFlag.moving : lanes.u8[at]! & ~placeFlag.moving;
    lanes.set(lane, doubleAt.motionSinceMs, sinceMs);
  }

  #tellMotion(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const isMoving = (lanes.u8[lanes.byteRow(lane) + byteAt.place]! & placeFlag.moving) !== 0;
    facts.motionSinceMs = lanes.get(lane, doubleAt.motionSinceMs);
    const known = isMoving ? motion.moving : motion.stopped;
    facts.motion = Number.isNaN(facts.motionSinceMs) ? motion.unknown : known;
    facts.drivenMs = lanes.get(lane, doubleAt.drivenMs);
    facts.nightDrivenMs = lanes.get(lane, doubleAt.nightDrivenMs);
  }

  /** Another driver begins anew; one who is told for the first time goes on. */
  #takeDriver(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    const extra = batch.extra[row]!;
    const driver = extra < 0 ? 0 : batch.extras.words[extra * extraWords + extraAt.driver]! | 0;
    const former = lanes.getWord(lane, wordAt.driver);
    if (driver === 0 || driver === former) return;
    lanes.setWord(lane, wordAt.driver, driver);
    if (former === 0) {
      this.books.name(lanes, lane);
      return;
    }
    lanes.set(lane, doubleAt.drivenMs, 0);
    lanes.set(lane, doubleAt.nightDrivenMs, 0);
    this.#tellMotion(lanes, lane);
  }

  #takeSignals(lanes: Lanes, lane: number, formerMask: number): void {
    const facts = this.#facts;
    const former = lanes.getWord(lane, wordAt.signals);
    const told = this.#toldSignals;
    let signals = former;
    for (let shift = 0; shift < 16; shift += 2) {
      if (signalOf(told, shift) !== 0) signals = (signals & ~(codeMask << shift)) | (told & (codeMask << shift));
    }
    const at = lanes.byteRow(lane) + byteAt.place;
    const statusLoad = (facts.statusFlags >>> 8) & codeMask;
    const formerStatus = (lanes.u8[at]! & placeFlag.load) >>> placeFlag.loadShift;
    if (signalOf(told, loadShift) === 0) {
      // Status bits 00 are "empty" of a truck that has shown a load by them, and nothing of one that never has.
      const byStatus = statusLoad === 0 && formerStatus !== 0 ? empty : loadOfStatus(facts.statusFlags);
      const load = byStatus === 0 ? loadByPlant(formerMask, facts.placeMask) : byStatus;
      if (load !== 0) signals = (signals & ~(codeMask << loadShift)) | (load << loadShift);
    }
    lanes.u8[at] = (lanes.u8[at]! & ~placeFlag.load) | (statusLoad << placeFlag.loadShift);
    this.#takeLoad(lanes, lane, former, signals);
    lanes.setWord(lane, wordAt.signals, signals);
    facts.signals = signals;
  }

  /** When and where the load last changed. */
  #takeLoad(lanes: Lanes, lane: number, former: number, signals: number): void {
    const facts = this.#facts;
    const isLaden = signalOf(signals, loadShift) > empty;
    const was = signalOf(former, loadShift);
    // Laden for the first time that anybody told is a change; empty is how a truck begins.
    if (was > empty !== isLaden) {
      lanes.set(lane, doubleAt.loadSinceMs, facts.atMs);
      lanes.setWord(lane, wordAt.loadPlaceMask, facts.placeMask);
    }
    facts.loadSinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    facts.loadPlaceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
  }

  /** Turn and slowest speed within one junction zone. */
  #takeJunction(lanes: Lanes, lane: number, formerMask: number, batch: FixBatch, row: number): void {
    const facts = this.#facts;
    if ((facts.placeMask & junctionBit) === 0) {
      facts.turnedDeg = 0;
      facts.slowestKph = Number.NaN;
      return;
    }
    const isNew = (formerMask & junctionBit) === 0;
    const turned = turnedCdeg(lanes.u16[lanes.shortRow(lane) + shortAt.headingCdeg]!, batch.headingCdeg[row]!);
    const former = isNew ? 0 : lanes.getWord(lane, wordAt.turnedCdeg);
    const slowest = isNew ? -1 : lanes.getWord(lane, wordAt.slowestDkph);
    const { speedDkph } = facts;
    const now = speedDkph < 0 || (slowest >= 0 && slowest < speedDkph) ? slowest : speedDkph;
    lanes.setWord(lane, wordAt.turnedCdeg, former + (Number.isNaN(turned) ? 0 : turned));
    lanes.setWord(lane, wordAt.slowestDkph, now);
    facts.turnedDeg = lanes.getWord(lane, wordAt.turnedCdeg) / 100;
    facts.slowestKph = now < 0 ? Number.NaN : now / 10;
  }

  #sumHours(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const isAsked = facts.rules.classRules[facts.classCode]!.countsHours;
    facts.drivenOfDayMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 24) : 0;
    facts.drivenOfWeekMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 168) : 0;
  }
}

/** From one heading to another by the shorter way, 0.01 degrees, to the right above 0; NaN where one is absent. */
function turnedCdeg(from: number, to: number): number {
  if (from === headingAbsent || to === headingAbsent) return Number.NaN;
  return ((to - from + 54_000) % 36_000) - 18_000;
}

/** A mixer whose load nobody tells comes to the plant empty and leaves it full. 0: neither. */
function loadByPlant(formerMask: number, mask: number): number {
  const [was, is] = [(formerMask & plantBit) !== 0, (mask & plantBit) !== 0];
  if (was === is) return 0;
  return is ? empty : full;
}
