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
import { inForce, motion, useBit, type Facts } from '@haulwatch/rules';
import { Books } from './books.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

const junctionBit = useBit('junction');
const plantBit = useBit('plant');
const loadShift = signalShift('load');
const empty = signalCode('load', 'empty');
const full = signalCode('load', 'full');

const minuteMs = 60_000;

/** A vehicle that tells no speed stands when it has been in one place for so long. Our choice: two reports of the usual 30 s. */
const standsAfterMs = 60_000;

/** Bits of a signal's code in the packed word. */
const codeMask = 3;
/** In the lane's word of signals, above all of them: sensor or status bits have told a load. Then no plant does. */
const loadTold = 1 << 16;

/** No truck is loaded or emptied and back within a minute: a load that lasts no longer was a sensor that flickered. Our choice. */
const flickerMaxMs = 60_000;

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
  /** Metres from the anchor, where the speed is derived. */
  #awayM = 0;

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
    this.readExtra(batch, row);
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
    // Without a position a terminal says 0 for both, or what they were.
    const { isPlaced } = this.#facts;
    lanes.u16[shorts + shortAt.speedDkph] = isPlaced ? batch.speedDkph[row]! : speedAbsent;
    lanes.u16[shorts + shortAt.headingCdeg] = isPlaced ? batch.headingCdeg[row]! : headingAbsent;
  }

  /** Counts what was driven up to the newest fix: equal states then make equal snapshots, however fixes came to be taken. */
  catchUp(lanes: Lanes, lane: number): void {
    const flags = lanes.u8[lanes.byteRow(lane) + byteAt.place]!;
    const fromMs = lanes.get(lane, doubleAt.countedToMs);
    const lastAtMs = lanes.get(lane, doubleAt.lastAtMs);
    if (!(lastAtMs > fromMs)) return;
    lanes.set(lane, doubleAt.countedToMs, lastAtMs);
    this.#facts.classCode = lanes.u8[lanes.byteRow(lane) + byteAt.classCode]!;
    if ((flags & placeFlag.moving) === 0) return;
    this.#drive(lanes, lane, fromMs, lastAtMs, (flags & placeFlag.night) === 0 ? 0 : lastAtMs - fromMs);
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
    this.#measureAway(lanes, lane, lonE7, latE7);
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
    // The short road has taken nothing across a border of night.
    if ((flags & placeFlag.moving) !== 0) this.#drive(lanes, lane, fromMs, lastAtMs, wasNight ? lastAtMs - fromMs : 0);
    if (drove) this.#drive(lanes, lane, lastAtMs, atMs, this.#nightMs(lastAtMs, atMs));
    // Of a vehicle that has never been seen anywhere a gap says nothing.
    const isKnown = !Number.isNaN(facts.impliedKph) || !Number.isNaN(lanes.get(lane, doubleAt.motionSinceMs));
    if (isGap && isKnown) this.#setMotion(lanes, lane, drove, lastAtMs);
    if (!drove) this.#rest(lanes, lane);
  }

  /** How much of a time is night: gaps and borders of night may lie in it. */
  #nightMs(fromMs: number, toMs: number): number {
    const { night, localTime } = this.#facts.rules;
    let nightMs = 0;
    for (let from = fromMs; from < toMs;) {
      const to = Math.min(toMs, (Math.floor(from / minuteMs) + 1) * minuteMs);
      if (inForce(night, localTime.minuteOfWeek(from))) nightMs += to - from;
      from = to;
    }
    return nightMs;
  }

  #drive(lanes: Lanes, lane: number, fromMs: number, toMs: number, nightMs: number): void {
    if (!(toMs > fromMs)) return;
    const { rules, classCode } = this.#facts;
    lanes.set(lane, doubleAt.drivenMs, lanes.get(lane, doubleAt.drivenMs) + toMs - fromMs);
    lanes.set(lane, doubleAt.nightDrivenMs, lanes.get(lane, doubleAt.nightDrivenMs) + nightMs);
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
      const bySpeed = was ? speedDkph > rules.motion.stoppedToDkph : speedDkph >= rules.motion.movingFromDkph;
      const isMoving = facts.derived ? this.#movesAway(lanes, lane, was, bySpeed) : bySpeed;
      const sinceMs = facts.derived && !isMoving ? lanes.get(lane, doubleAt.anchorAtMs) : facts.atMs;
      const isNews = isMoving !== was || Number.isNaN(lanes.get(lane, doubleAt.motionSinceMs));
      if (isNews) this.#setMotion(lanes, lane, isMoving, sinceMs);
    }
    lanes.u8[at] = (lanes.u8[at]! & ~placeFlag.night) | (facts.isNight ? placeFlag.night : 0);
    this.#tellMotion(lanes, lane);
  }

  /** How far a vehicle that tells no speed is from its anchor: the place of its former fix, where that one told a speed. */
  #measureAway(lanes: Lanes, lane: number, lonE7: number, latE7: number): void {
    const isOld = lanes.u16[lanes.shortRow(lane) + shortAt.speedDkph] !== speedAbsent;
    if (isOld || Number.isNaN(lanes.get(lane, doubleAt.anchorAtMs))) {
      lanes.set(lane, doubleAt.anchorAtMs, lanes.get(lane, doubleAt.positionAtMs));
      lanes.setWord(lane, wordAt.anchorLonE7, lanes.getWord(lane, wordAt.lonE7));
      lanes.setWord(lane, wordAt.anchorLatE7, lanes.getWord(lane, wordAt.latE7));
    }
    const anchor = [lanes.getWord(lane, wordAt.anchorLonE7), lanes.getWord(lane, wordAt.anchorLatE7)] as const;
    this.#awayM = distanceM(...anchor, lonE7, latE7);
  }

  /**
   * Whether a vehicle moves that tells no speed. Positions jump about by some metres in each fix, which looks like a speed: it
   * moves when it has come further than they are sure, and until it has come no further for a minute.
   */
  #movesAway(lanes: Lanes, lane: number, was: boolean, bySpeed: boolean): boolean {
    const { atMs, rules } = this.#facts;
    if (this.#awayM <= rules.motion.accuracyMaxM)
      return was && atMs - lanes.get(lane, doubleAt.anchorAtMs) < standsAfterMs;
    lanes.set(lane, doubleAt.anchorAtMs, atMs);
    lanes.setWord(lane, wordAt.anchorLonE7, lanes.getWord(lane, wordAt.lonE7));
    lanes.setWord(lane, wordAt.anchorLatE7, lanes.getWord(lane, wordAt.latE7));
    return was || bySpeed;
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
    if (signalOf(told, loadShift) !== 0) signals |= loadTold;
    else {
      // Status bits 00 are "empty" of a truck that has shown a load by them, and nothing of one that never has.
      const byStatus = statusLoad === 0 && formerStatus !== 0 ? empty : loadOfStatus(facts.statusFlags);
      if (byStatus !== 0) signals |= loadTold;
      const load = (signals & loadTold) === 0 ? loadByPlant(formerMask, facts.placeMask) : byStatus;
      if (load !== 0) signals = (signals & ~(codeMask << loadShift)) | (load << loadShift);
    }
    lanes.u8[at] = (lanes.u8[at]! & ~placeFlag.load) | (statusLoad << placeFlag.loadShift);
    // A sensor that tells for the first time has seen no change, nor has the first fix of all.
    const isFound =
      signalOf(former, loadShift) === 0 && (signalOf(told, loadShift) !== 0 || Number.isNaN(facts.lastAtMs));
    if (!isFound) this.#takeLoad(lanes, lane, former, signals);
    facts.loadSinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    facts.loadPlaceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    lanes.setWord(lane, wordAt.signals, signals);
    facts.signals = signals;
  }

  /** When and where the load last changed; after a flicker, as it was before. */
  #takeLoad(lanes: Lanes, lane: number, former: number, signals: number): void {
    const { atMs, placeMask } = this.#facts;
    // Empty is how a truck begins that tells its load by status bits or by leaving the plant.
    if (signalOf(former, loadShift) > empty === signalOf(signals, loadShift) > empty) return;
    const sinceMs = lanes.get(lane, doubleAt.loadSinceMs);
    const sinceMask = lanes.getWord(lane, wordAt.loadPlaceMask);
    const isFlicker = atMs - sinceMs < flickerMaxMs;
    lanes.set(lane, doubleAt.loadSinceMs, isFlicker ? lanes.get(lane, doubleAt.formerLoadSinceMs) : atMs);
    lanes.setWord(lane, wordAt.loadPlaceMask, isFlicker ? lanes.getWord(lane, wordAt.formerLoadPlaceMask) : placeMask);
    lanes.set(lane, doubleAt.formerLoadSinceMs, isFlicker ? Number.NaN : sinceMs);
    lanes.setWord(lane, wordAt.formerLoadPlaceMask, isFlicker ? 0 : sinceMask);
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

  #sumHours(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const isAsked = facts.rules.classRules[facts.classCode]!.countsHours;
    facts.drivenOfDayMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 24) : 0;
    facts.drivenOfWeekMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 168) : 0;
  }
}

/** From one heading to another by the shorter way, 0.01 degrees, to the right above 0, straight back below; NaN where one is absent. */
function turnedCdeg(from: number, to: number): number {
  if (from === headingAbsent || to === headingAbsent) return Number.NaN;
  return ((to - from + 54_000) % 36_000) - 18_000;
}

/** A mixer whose load nobody has ever told comes to the plant empty and leaves it full. 0: neither. */
function loadByPlant(formerMask: number, mask: number): number {
  const [was, is] = [(formerMask & plantBit) !== 0, (mask & plantBit) !== 0];
  if (was === is) return 0;
  return is ? empty : full;
}
