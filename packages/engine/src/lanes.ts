import { headingAbsent, speedAbsent } from '@haulwatch/domain';
import { emptySeat, seatAt } from '@haulwatch/geo';

/**
 * How many of a vehicle's newest fixes are remembered to know duplicates by: 8 at 1 Hz cover a retry of some seconds, have
 * one bit each in `recentPressed`, and fill half a line of the cache.
 */
const recentMax = 8;

/** Bytes of a lane: two lines of the cache that each fix reads and writes, and two that wait until something is up. */
const hotBytes = 128;
const coldBytes = 128;
export const laneBytes = hotBytes + coldBytes;
/** Elements of the hot part, by the view that reads them. */
export const hotAt = { bytes: hotBytes, shorts: hotBytes / 2, words: hotBytes / 4, doubles: hotBytes / 8 } as const;

/**
 * The memory of lanes: records of `laneBytes`, their hot halves in one buffer and their cold halves in another, so that what
 * each fix needs lies close together (measured 2026-11: a fifth of the engine's time with 200,000 vehicles). The engine
 * keeps two tables: the live lanes, where the row is the vehicle's dense index, and the late lanes, one for each vehicle that
 * ever reported after the fact. This is the whole layout of the engine's state; a snapshot is these records, their lists,
 * what late lanes hold and have judged, and the newest presses of emergency buttons.
 *
 * Places are counted in elements of the view that reads them, from the beginning of the hot half; from `hotAt` on they lie in
 * the cold one, which holds the facts that rules are shown.
 */
export const doubleAt = {
  /** Event time of the newest fix; NaN before the first. */
  lastAtMs: 0,
  /** Event time of the newest believed position (`Doubts`); NaN before the first. */
  positionAtMs: 1,
  /** Live: receipt of the newest fix, for maps and timers. */
  receivedAtMs: 2,
  /** Until this event time no rule can begin to hold while the vehicle goes on as it does. */
  dueAtMs: 12,
  /** Live: since when the vehicle has reported without a gap: from here on nothing told late is news. */
  coveredFromMs: 13,
  /** Late, in the same place: partition time at which the lane is over without further input. */
  idleAtMs: 13,
  /** Since when it moves or stands; NaN: not known. */
  motionSinceMs: 18,
  /** Driven since the last rest, and at night; what has been counted of it until when. */
  drivenMs: 19,
  nightDrivenMs: 20,
  countedToMs: 21,
  /** Since when the load is what it is; NaN: no change was seen. */
  loadSinceMs: 22,
  /** The same of the load before, for when this one turns out to be a flicker. */
  formerLoadSinceMs: 29,
  /** Since when such a vehicle has been no further from its anchor than its positions are sure; NaN: it has none. */
  anchorAtMs: 31,
} as const;

/** Where the seat in the fence index begins: six words (`seatAt`), of which the first two are the newest believed position. */
export const seatWord = 6;

export const wordAt = {
  lonE7: seatWord + seatAt.x,
  latE7: seatWord + seatAt.y,
  /** The first of the lane's episodes, or -1. */
  firstEpisode: 12,
  /** The newest fixes, a ring of `recentMax`: a hash of time and place. */
  recent: 16,
  /** Its doubt about where it is, and where it was before (`Doubts`), or -1. */
  firstDoubt: 28,
  /** The first of the lane's stays in watched fences, or -1. */
  firstPresence: 29,
  /** Number in the rule set of the fence whose limit is the lowest, or -1: the class's is. */
  limitFence: 30,
  /** Live: row of the vehicle's late lane, or -1. */
  lateLane: 31,
  /** Late, in the same place: dense index of the vehicle. */
  vehicle: 31,
  /** Live: what the vehicle was when its newest gap began (`Departures`), or -1; the late lane starts there. */
  firstDeparture: 34,
  /** And the first of the stays in watched fences that it had then, or -1. */
  firstFormerStay: 35,
  /** What the fences here are for, and where the load last changed. */
  placeMask: 46,
  loadPlaceMask: 47,
  /** Packed signals, the driver's hash, the newest alarm flags. */
  signals: 48,
  driver: 49,
  alarmFlags: 50,
  /** The first of its books of hours and of its tallies of alarms, or -1. */
  firstBook: 51,
  firstTally: 52,
  /** In a junction zone: turned, 0.01 degrees, and the slowest, 0.1 km/h, or -1. */
  turnedCdeg: 53,
  slowestDkph: 54,
  /** The lowest limit that applies, 0.1 km/h, while `placeFlag.known` stands. */
  limitDkph: 55,
  /** Metres driven since the routes of its permits were left. */
  offRouteM: 56,
  /** Of vehicles that tell no speed: from where on it is judged whether they move. */
  anchorLonE7: 57,
  anchorLatE7: 61,
  /** Where the load before the present one began. */
  formerLoadPlaceMask: 60,
} as const;

export const shortAt = {
  /** What is no faster than this breaks no limit and no bound of motion, 0.1 km/h, while `placeFlag.known` stands. */
  ceilingDkph: 26,
  /** Speed of the newest fix, 0.1 km/h. */
  speedDkph: 27,
  /** Heading of the newest fix, 0.01 degrees, or `headingAbsent`. */
  headingCdeg: 28,
  /** The stretch of the week (`RuleSet.scheduleEpochs`) for which the place is known. */
  scheduleEpoch: 29,
} as const;

export const byteAt = {
  /** Code of the vehicle's class. */
  classCode: 60,
  /** `placeFlag` bits. */
  place: 61,
  /** Where in the ring the next fix goes. */
  recentNext: 62,
  /** Bit i: the emergency button was pressed in fix i of the ring. */
  recentPressed: 63,
} as const;

/** What is known of the lane in bits: of the fences that hold its position, and of its motion. */
export const placeFlag = {
  /** Limit and closed zones are those of this position, schedule and policy. */
  known: 1,
  /** One of the fences is closed to the vehicle now. */
  closed: 2,
  /** Live: the newest fix has not been told to maps. */
  fresh: 4,
  /** It moves; else it stands, or nothing is known. */
  moving: 8,
  /** Two bits: the load by the status word of the newest fix. */
  loadShift: 4,
  load: 48,
  /** The policy has changed since the newest fix: fences that hold it now were not entered. */
  redrawn: 64,
  /** At the newest fix it was night. */
  night: 128,
} as const;

/** What a lane knows of itself, whatever becomes of the fences. */
const ownFlags = placeFlag.moving | placeFlag.load | placeFlag.redrawn | placeFlag.night;

const listHeads = [
  wordAt.firstEpisode,
  wordAt.firstPresence,
  wordAt.firstBook,
  wordAt.firstTally,
  wordAt.firstDoubt,
  wordAt.firstDeparture,
  wordAt.firstFormerStay,
];

export class Lanes {
  count = 0;
  /** Views of the hot halves; other arrays after `add`. Row r begins at `r * hotAt.doubles`, `r * hotAt.words` and so on. */
  f64!: Float64Array;
  i32!: Int32Array;
  u16!: Uint16Array;
  u8!: Uint8Array;
  #coldF64!: Float64Array;
  #coldI32!: Int32Array;
  readonly #isLate: boolean;
  #capacity = 0;

  constructor(kind: 'live' | 'late', capacity = 1_024) {
    this.#isLate = kind === 'late';
    this.#resize(capacity);
  }

  /** Where the row's seat in the fence index begins, in `i32`. */
  seatOf(row: number): number {
    return row * hotAt.words + seatWord;
  }

  shortRow(row: number): number {
    return row * hotAt.shorts;
  }

  byteRow(row: number): number {
    return row * hotAt.bytes;
  }

  /** A double of a row, by its place in `doubleAt`. */
  get(row: number, place: number): number {
    if (place < hotAt.doubles) return this.f64[row * hotAt.doubles + place]!;
    return this.#coldF64[row * (coldBytes / 8) + place - hotAt.doubles]!;
  }

  set(row: number, place: number, value: number): void {
    if (place < hotAt.doubles) this.f64[row * hotAt.doubles + place] = value;
    else this.#coldF64[row * (coldBytes / 8) + place - hotAt.doubles] = value;
  }

  /** A word of a row, by its place in `wordAt`. */
  getWord(row: number, place: number): number {
    if (place < hotAt.words) return this.i32[row * hotAt.words + place]!;
    return this.#coldI32[row * (coldBytes / 4) + place - hotAt.words]!;
  }

  setWord(row: number, place: number, value: number): void {
    if (place < hotAt.words) this.i32[row * hotAt.words + place] = value;
    else this.#coldI32[row * (coldBytes / 4) + place - hotAt.words] = value;
  }

  /** The dense index of the lane's vehicle. */
  vehicleOf(row: number): number {
    return this.#isLate ? this.getWord(row, wordAt.vehicle) : row;
  }

  /** Adds a lane and returns its row. A live one has its vehicle's index for a row: they come in that order. */
  add(vehicle: number, classCode: number): number {
    if (this.count === this.#capacity) this.#resize(this.#capacity * 2);
    const row = this.count;
    this.count += 1;
    if (this.#isLate) this.setWord(row, wordAt.vehicle, vehicle);
    else this.setWord(row, wordAt.lateLane, -1);
    for (const head of listHeads) this.setWord(row, head, -1);
    this.u16[this.shortRow(row) + shortAt.headingCdeg] = headingAbsent;
    this.u8[this.byteRow(row) + byteAt.classCode] = classCode;
    this.forget(row);
    return row;
  }

  /** Sets a lane back to "never reported". Its lists are the caller's to end. */
  forget(row: number): void {
    this.set(row, doubleAt.lastAtMs, Number.NaN);
    this.set(row, doubleAt.positionAtMs, Number.NaN);
    if (this.#isLate) this.set(row, doubleAt.idleAtMs, Infinity);
    else this.set(row, doubleAt.coveredFromMs, Number.NaN);
    this.set(row, doubleAt.motionSinceMs, Number.NaN);
    this.set(row, doubleAt.countedToMs, Number.NaN);
    this.set(row, doubleAt.loadSinceMs, Number.NaN);
    this.set(row, doubleAt.formerLoadSinceMs, Number.NaN);
    this.set(row, doubleAt.anchorAtMs, Number.NaN);
    this.set(row, doubleAt.dueAtMs, Infinity);
    this.set(row, doubleAt.drivenMs, 0);
    this.set(row, doubleAt.nightDrivenMs, 0);
    this.setWord(row, wordAt.limitDkph, 0);
    for (let word = wordAt.placeMask; word <= wordAt.alarmFlags; word += 1) this.setWord(row, word, 0);
    this.setWord(row, wordAt.offRouteM, 0);
    this.setWord(row, wordAt.formerLoadPlaceMask, 0);
    this.setWord(row, wordAt.turnedCdeg, 0);
    this.setWord(row, wordAt.slowestDkph, -1);
    this.u16[this.shortRow(row) + shortAt.speedDkph] = speedAbsent;
    this.u16[this.shortRow(row) + shortAt.headingCdeg] = headingAbsent;
    emptySeat(this.i32, this.seatOf(row));
    this.u8[this.byteRow(row) + byteAt.place]! &= placeFlag.fresh;
  }

  /** The policy has changed: what the fences mean for the lane is asked anew at its next fix. */
  forgetPlace(row: number): void {
    emptySeat(this.i32, this.seatOf(row));
    const at = this.byteRow(row) + byteAt.place;
    this.u8[at] = (this.u8[at]! & (placeFlag.fresh | ownFlags)) | placeFlag.redrawn;
    // Who is silent is looked at once more: other rules have other times.
    this.set(row, doubleAt.dueAtMs, -Infinity);
  }

  /** The code of its vehicle's class. */
  classOf(row: number): number {
    return this.u8[this.byteRow(row) + byteAt.classCode]!;
  }

  /** Another class, or other permits, of its vehicle: what fences and rules mean for the lane is asked anew, also if nothing more comes. */
  setClass(row: number, classCode: number): void {
    this.u8[this.byteRow(row) + byteAt.classCode] = classCode;
    this.u8[this.byteRow(row) + byteAt.place]! &= placeFlag.fresh | ownFlags;
    this.set(row, doubleAt.dueAtMs, -Infinity);
  }

  /** Which of the newest fixes of the lane has this time and place, or -1. */
  recentAt(row: number, atMs: number, lonE7: number, latE7: number): number {
    const hash = fixHash(atMs, lonE7, latE7);
    const ring = row * hotAt.words + wordAt.recent;
    for (let i = 0; i < recentMax; i += 1) if (this.i32[ring + i] === hash) return i;
    return -1;
  }

  /** Notes that the emergency button was pressed in one of the newest fixes. False: that was known. */
  notePress(row: number, recent: number): boolean {
    const at = this.byteRow(row) + byteAt.recentPressed;
    const known = this.u8[at]!;
    this.u8[at] = known | (1 << recent);
    return (known & (1 << recent)) === 0;
  }

  /** Adds a fix to the newest of the lane; the one that was added longest ago makes room. */
  remember(row: number, atMs: number, lonE7: number, latE7: number, pressed: boolean): void {
    const bytes = row * hotAt.bytes;
    const next = this.u8[bytes + byteAt.recentNext]!;
    this.i32[row * hotAt.words + wordAt.recent + next] = fixHash(atMs, lonE7, latE7);
    const known = this.u8[bytes + byteAt.recentPressed]! & ~(1 << next);
    this.u8[bytes + byteAt.recentPressed] = pressed ? known | (1 << next) : known;
    this.u8[bytes + byteAt.recentNext] = (next + 1) & (recentMax - 1);
  }

  /** The records, byte for byte, hot halves first, without what belongs to one build of the fence index: that is found again. */
  pack(): Uint8Array {
    const packed = new Lanes(this.#isLate ? 'late' : 'live', Math.max(1, this.count));
    packed.count = this.count;
    packed.#take(this.u8.subarray(0, this.count * hotBytes), this.#cold.subarray(0, this.count * coldBytes));
    for (let row = 0; row < this.count; row += 1) {
      const seat = packed.seatOf(row);
      packed.i32.fill(0, seat + seatAt.shift, seat + seatAt.high + 1);
      packed.setWord(row, wordAt.limitFence, 0);
      packed.setWord(row, wordAt.limitDkph, 0);
      for (const head of listHeads) packed.setWord(row, head, -1);
      packed.u16[packed.shortRow(row) + shortAt.ceilingDkph] = 0;
      packed.u8[packed.byteRow(row) + byteAt.place]! &= ownFlags;
    }
    const records = new Uint8Array(this.count * laneBytes);
    records.set(packed.u8.subarray(0, this.count * hotBytes));
    records.set(packed.#cold.subarray(0, this.count * coldBytes), this.count * hotBytes);
    return records;
  }

  /** Takes over packed records into an empty table. */
  unpack(records: Uint8Array): void {
    this.count = records.byteLength / laneBytes;
    if (this.count > this.#capacity) this.#resize(this.count);
    this.#take(records.subarray(0, this.count * hotBytes), records.subarray(this.count * hotBytes));
  }

  /** Lists that are younger than the records were no lists when these were packed. */
  forgetLists(): void {
    for (let row = 0; row < this.count; row += 1) for (const head of listHeads) this.setWord(row, head, -1);
  }

  get #cold(): Uint8Array {
    return new Uint8Array(this.#coldI32.buffer);
  }

  #take(hot: Uint8Array, cold: Uint8Array): void {
    this.u8.set(hot);
    this.#cold.set(cold);
  }

  #resize(capacity: number): void {
    const hot = new ArrayBuffer(capacity * hotBytes);
    const cold = new ArrayBuffer(capacity * coldBytes);
    const u8 = new Uint8Array(hot);
    if (this.#capacity > 0) {
      u8.set(this.u8);
      new Uint8Array(cold).set(this.#cold);
    }
    this.u8 = u8;
    this.f64 = new Float64Array(hot);
    this.i32 = new Int32Array(hot);
    this.u16 = new Uint16Array(hot);
    this.#coldF64 = new Float64Array(cold);
    this.#coldI32 = new Int32Array(cold);
    this.#capacity = capacity;
  }
}

/**
 * One number for a fix's time and place. Two fixes of one vehicle that collide would be one duplicate too many: 1 in 2^32, and
 * asked only of fixes that are not newer than the lane; at one place all times of 50 days differ.
 */
function fixHash(atMs: number, lonE7: number, latE7: number): number {
  const place = Math.imul(lonE7, 0x9e3779b1) ^ Math.imul(latE7, 0x85ebca6b);
  return Math.imul(place ^ (place >>> 15), 0xc2b2ae35) ^ Math.imul(atMs | 0, 0x27d4eb2f);
}
