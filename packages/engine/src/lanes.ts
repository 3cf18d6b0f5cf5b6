import { headingAbsent } from '@haulwatch/domain';
import { emptySeat, seatAt } from '@haulwatch/geo';

/**
 * How many of a vehicle's newest fixes are remembered to know duplicates by: 8 at 1 Hz cover a retry of some seconds, have
 * one bit each in `recentPressed`, and fill half a line of the cache.
 */
const recentMax = 8;

/** Bytes of a lane: two lines of the cache. */
export const laneBytes = 128;
export const laneDoubles = laneBytes / 8;
export const laneWords = laneBytes / 4;
export const laneShorts = laneBytes / 2;

/**
 * The memory of lanes: records of `laneBytes` in one buffer. The engine keeps two tables: the live lanes, where the row is
 * the vehicle's dense index, and the late lanes, one for each vehicle that ever reported after the fact. This is the whole
 * layout of the engine's state; a snapshot is these records, the episodes and the newest presses of emergency buttons.
 *
 * Places are counted in elements of the view that reads them. The first line of the cache (bytes 0-63) is what each fix
 * reads and writes; the second (64-127) is written by each fix (`recent`) and read where something is up.
 */
export const doubleAt = {
  /** Event time of the newest fix; NaN before the first. */
  lastAtMs: 0,
  /** Event time of the newest valid position; NaN before the first. */
  positionAtMs: 1,
  /** Live: receipt of the newest fix, for maps. */
  receivedAtMs: 2,
  /** Live: since when the vehicle has reported without a gap: from here on nothing told late is news. */
  coveredFromMs: 12,
  /** Late, in the same place: partition time at which the lane is over without further input. */
  idleAtMs: 12,
  /** Live: where the vehicle was when its newest gap began; the late lane starts there. */
  gapAtMs: 13,
} as const;

/** Where the seat in the fence index begins: six words (`seatAt`), of which the first two are the newest valid position. */
export const seatWord = 6;

export const wordAt = {
  lonE7: seatWord + seatAt.x,
  latE7: seatWord + seatAt.y,
  /** The first of the lane's episodes in `Episodes`, or -1. */
  firstEpisode: 12,
  /** The newest fixes, a ring of `recentMax`: a hash of time and place. */
  recent: 16,
  gapLonE7: 28,
  /** Late, in the same place: dense index of the vehicle. */
  vehicle: 28,
  gapLatE7: 29,
  /** Number in the rule set of the fence whose limit is the lowest, or -1: the class's is. */
  limitFence: 30,
  /** Live: row of the vehicle's late lane, or -1. */
  lateLane: 31,
} as const;

export const shortAt = {
  /** The lowest limit that applies, 0.1 km/h, while `placeFlag.known` stands. */
  limitDkph: 26,
  /** Live: speed of the newest fix, 0.1 km/h. */
  speedDkph: 27,
  /** Live: heading of the newest fix, 0.01 degrees, or `headingAbsent`. */
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

/** What is known of the fences that hold the lane's position. */
export const placeFlag = {
  /** Limit and closed zones are those of this position, schedule and policy. */
  known: 1,
  /** One of the fences is closed to the vehicle now. */
  closed: 2,
  /** Live: the newest fix has not been told to maps. */
  fresh: 4,
} as const;

export class Lanes {
  count = 0;
  /** Views of the records; other arrays after `add`. Row r begins at `r * laneDoubles`, `r * laneWords` and so on. */
  f64!: Float64Array;
  i32!: Int32Array;
  u16!: Uint16Array;
  u8!: Uint8Array;
  readonly #isLate: boolean;
  #capacity = 0;

  constructor(kind: 'live' | 'late', capacity = 1_024) {
    this.#isLate = kind === 'late';
    this.#resize(capacity);
  }

  /** Where the row's seat in the fence index begins, in `i32`. */
  seatOf(row: number): number {
    return row * laneWords + seatWord;
  }

  shortRow(row: number): number {
    return row * laneShorts;
  }

  byteRow(row: number): number {
    return row * laneBytes;
  }

  /** A double of a row, by its place in `doubleAt`. */
  get(row: number, place: number): number {
    return this.f64[row * laneDoubles + place]!;
  }

  set(row: number, place: number, value: number): void {
    this.f64[row * laneDoubles + place] = value;
  }

  /** A word of a row, by its place in `wordAt`. */
  getWord(row: number, place: number): number {
    return this.i32[row * laneWords + place]!;
  }

  setWord(row: number, place: number, value: number): void {
    this.i32[row * laneWords + place] = value;
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
    this.setWord(row, wordAt.lateLane, -1);
    this.setWord(row, wordAt.firstEpisode, -1);
    this.u16[this.shortRow(row) + shortAt.headingCdeg] = headingAbsent;
    this.u8[this.byteRow(row) + byteAt.classCode] = classCode;
    this.forget(row);
    return row;
  }

  /** Sets a lane back to "never reported". Its episodes are the caller's to end. */
  forget(row: number): void {
    this.set(row, doubleAt.lastAtMs, Number.NaN);
    this.set(row, doubleAt.positionAtMs, Number.NaN);
    this.set(row, doubleAt.gapAtMs, Number.NaN);
    if (this.#isLate) this.set(row, doubleAt.idleAtMs, Infinity);
    else this.set(row, doubleAt.coveredFromMs, Number.NaN);
    this.forgetPlace(row);
  }

  /** What the fences mean for the lane is asked anew at its next fix. */
  forgetPlace(row: number): void {
    emptySeat(this.i32, this.seatOf(row));
    this.u8[this.byteRow(row) + byteAt.place]! &= placeFlag.fresh;
  }

  setClass(row: number, classCode: number): void {
    this.u8[this.byteRow(row) + byteAt.classCode] = classCode;
    this.u8[this.byteRow(row) + byteAt.place]! &= placeFlag.fresh;
  }

  /** Which of the newest fixes of the lane has this time and place, or -1. */
  recentAt(row: number, atMs: number, lonE7: number, latE7: number): number {
    const hash = fixHash(atMs, lonE7, latE7);
    const ring = row * laneWords + wordAt.recent;
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
    const bytes = row * laneBytes;
    const next = this.u8[bytes + byteAt.recentNext]!;
    this.i32[row * laneWords + wordAt.recent + next] = fixHash(atMs, lonE7, latE7);
    const known = this.u8[bytes + byteAt.recentPressed]! & ~(1 << next);
    this.u8[bytes + byteAt.recentPressed] = pressed ? known | (1 << next) : known;
    this.u8[bytes + byteAt.recentNext] = (next + 1) & (recentMax - 1);
  }

  /** The records, byte for byte, without what belongs to one build of the fence index: that is found again. */
  pack(): Uint8Array {
    const packed = new Lanes(this.#isLate ? 'late' : 'live', Math.max(1, this.count));
    packed.count = this.count;
    packed.u8.set(this.u8.subarray(0, this.count * laneBytes));
    for (let row = 0; row < this.count; row += 1) {
      const seat = packed.seatOf(row);
      packed.i32.fill(0, seat + seatAt.shift, seat + seatAt.high + 1);
      packed.setWord(row, wordAt.limitFence, 0);
      packed.setWord(row, wordAt.firstEpisode, -1);
      packed.u16[packed.shortRow(row) + shortAt.limitDkph] = 0;
      packed.u16[packed.shortRow(row) + shortAt.scheduleEpoch] = 0;
      packed.u8[packed.byteRow(row) + byteAt.place] = 0;
    }
    return packed.u8.subarray(0, this.count * laneBytes);
  }

  /** Takes over packed records into an empty table. */
  unpack(records: Uint8Array): void {
    this.count = records.byteLength / laneBytes;
    if (this.count > this.#capacity) this.#resize(this.count);
    this.u8.set(records);
  }

  #resize(capacity: number): void {
    const buffer = new ArrayBuffer(capacity * laneBytes);
    const u8 = new Uint8Array(buffer);
    if (this.#capacity > 0) u8.set(this.u8);
    this.u8 = u8;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
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
