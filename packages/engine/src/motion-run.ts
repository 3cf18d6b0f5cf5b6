import { extraAt, extraWords, speedAbsent, type FixBatch } from '@haulwatch/domain';
import { distanceM } from '@haulwatch/geo';
import { inForce, motion, type Facts } from '@haulwatch/rules';
import { Books } from './books.ts';
import { byteAt, doubleAt, placeFlag, shortAt, wordAt, type Lanes } from './lanes.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A vehicle that tells no speed stands when it has been in one place for so long. Our choice: two reports of the usual 30 s. */
const standsAfterMs = 60_000;

/** Whether a vehicle moves, since when, who drives it, and how long it has been driven. */
export class MotionRun {
  readonly books = new Books();
  readonly #facts: Facts;
  /** Metres from the anchor, where the speed is derived. */
  #awayM = 0;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Moves it on to a fix whose place is known. */
  take(lanes: Lanes, lane: number, batch: FixBatch, row: number): void {
    this.#countDriving(lanes, lane);
    this.#takeMotion(lanes, lane);
    this.#takeDriver(lanes, lane, batch, row);
    this.#sumHours(lanes, lane);
  }

  /**
   * Of a vehicle that nothing is heard of: as it was, and one that stood when it was last heard of has had its rest when that is
   * over. The lane stays what it was: the next fix, or what is told late, may say that it drove on.
   */
  recall(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    this.#tellMotion(lanes, lane);
    this.#sumHours(lanes, lane);
    if (facts.motion !== motion.stopped || !this.#isRested(lanes, lane)) return;
    facts.drivenMs = 0;
    facts.nightDrivenMs = 0;
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
    // Nobody saw what it did in a gap: it drove if it came so far that it must have, else it stood. Nobody drives for a day.
    const impliedKph = facts.isBelieved ? facts.impliedKph : Number.NaN;
    const cameFar = facts.sinceMs <= dayMs && impliedKph * 10 >= rules.motion.movingFromDkph;
    const drove = isGap ? cameFar : (flags & placeFlag.moving) !== 0;
    // The short road has taken nothing across a border of night.
    if ((flags & placeFlag.moving) !== 0) this.#drive(lanes, lane, fromMs, lastAtMs, wasNight ? lastAtMs - fromMs : 0);
    if (drove) this.#drive(lanes, lane, lastAtMs, atMs, this.#nightMs(lastAtMs, atMs));
    // Of a vehicle that has never been seen anywhere a gap says nothing.
    const isKnown = !Number.isNaN(impliedKph) || !Number.isNaN(lanes.get(lane, doubleAt.motionSinceMs));
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
    if (!this.#isRested(lanes, lane)) return;
    lanes.set(lane, doubleAt.drivenMs, 0);
    lanes.set(lane, doubleAt.nightDrivenMs, 0);
  }

  #isRested(lanes: Lanes, lane: number): boolean {
    const { atMs, rules } = this.#facts;
    return atMs - lanes.get(lane, doubleAt.motionSinceMs) >= rules.motion.restMinMs;
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
  measureAway(lanes: Lanes, lane: number, lonE7: number, latE7: number): void {
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

  #sumHours(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const isAsked = facts.rules.classRules[facts.classCode]!.countsHours;
    facts.drivenOfDayMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 24) : 0;
    facts.drivenOfWeekMs = isAsked ? this.books.sum(lanes, lane, facts.atMs, 168) : 0;
  }
}
