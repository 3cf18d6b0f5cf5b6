import { emptySeat, seatAt } from '@haulwatch/geo';

/**
 * How many of a vehicle's newest fixes are remembered to know duplicates by: 8 at 1 Hz cover a retry of some seconds, have
 * one bit each in `recentPressed`, and fill one line of the cache.
 */
const recentMax = 8;

/** Bytes of a lane: three lines of the cache, of which a fix that breaks nothing reads one and writes two. */
export const laneBytes = 192;
const doubles = laneBytes / 8;
const words = laneBytes / 4;
const shorts = laneBytes / 2;

/**
 * The memory of lanes: records of `laneBytes` in one buffer. The engine keeps two tables: the live lanes, where the row is
 * the vehicle's dense index, and the late lanes, one for each vehicle that ever reported after the fact. This is the whole
 * layout of the engine's state; a snapshot is these records and the episodes. Places are counted in elements of the
 * view that reads them.
 *
 * Line 1, every fix.
 */
export const doubleAt = {
  /** Event time of the newest fix; NaN before the first. */
  lastAtMs: 0,
  /** Event time of the newest valid position; NaN before the first. */
  positionAtMs: 1,
  /** Live: receipt of the newest fix, for maps. */
  receivedAtMs: 2,
  /** Line 3. Live: since when the vehicle has reported without a gap: from here on nothing told late is news. */
  coveredFromMs: 16,
  /** Live: first and newest press of the newest emergency; NaN before any. */
  pressFromMs: 17,
  pressToMs: 18,
  /** Live: where the vehicle was when its newest gap began; the late lane starts there. */
  gapAtMs: 19,
  /** Late: partition time at which the lane is over without further input. */
  idleAtMs: 20,
} as const;

const seatWord = 6;

export const wordAt = {
  /** The newest valid position, which is the seat in the fence index too: six words (`seatAt`). */
  lonE7: seatWord + seatAt.x,
  latE7: seatWord + seatAt.y,
  /** The first of the lane's episodes in `Episodes`, or -1. */
  firstEpisode: 12,
  /** Line 2: the newest fixes, a ring of `recentMax`: low 32 bits of the time, hash of the place. */
  recent: 16,
  /** Line 3. Number in the rule set of the fence whose limit is the lowest, or -1: the class's is. */
  limitFence: 42,
  gapLonE7: 43,
  gapLatE7: 44,
  /** Dense index of the vehicle. */
  vehicle: 45,
  /** Live: row of the vehicle's late lane, or -1. */
  lateLane: 46,
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

export const headingAbsent = 0xffff;

export class Lanes {
  count = 0;
  /** Views of the records; other arrays after `add`. Row r begins at `doubleRow(r)`, `wordRow(r)` and so on. */
  f64!: Float64Array;
  i32!: Int32Array;
  u16!: Uint16Array;
  u8!: Uint8Array;
  #capacity = 0;

  constructor(capacity = 1_024) {
    this.#resize(capacity);
  }

  doubleRow(row: number): number {
    return row * doubles;
  }

  wordRow(row: number): number {
    return row * words;
  }

  /** Where the row's seat in the fence index begins, in `i32`. */
  seatOf(row: number): number {
    return row * words + seatWord;
  }

  shortRow(row: number): number {
    return row * shorts;
  }

  byteRow(row: number): number {
    return row * laneBytes;
  }

  /** A double of a row, by its place in `doubleAt`. */
  get(row: number, place: number): number {
    return this.f64[row * doubles + place]!;
  }

  set(row: number, place: number, value: number): void {
    this.f64[row * doubles + place] = value;
  }

  /** A word of a row, by its place in `wordAt`. */
  getWord(row: number, place: number): number {
    return this.i32[row * words + place]!;
  }

  setWord(row: number, place: number, value: number): void {
    this.i32[row * words + place] = value;
  }

  /** Adds a lane and returns its row. */
  add(vehicle: number, classCode: number): number {
    if (this.count === this.#capacity) this.#resize(this.#capacity * 2);
    const row = this.count;
    this.count += 1;
    this.setWord(row, wordAt.vehicle, vehicle);
    this.setWord(row, wordAt.lateLane, -1);
    this.setWord(row, wordAt.firstEpisode, -1);
    this.u16[this.shortRow(row) + shortAt.headingCdeg] = headingAbsent;
    this.u8[this.byteRow(row) + byteAt.classCode] = classCode;
    this.forget(row);
    return row;
  }

  /** Sets a lane back to "never reported". Its episodes are the caller's to end. */
  forget(row: number): void {
    this.f64.fill(Number.NaN, row * doubles, row * doubles + doubleAt.receivedAtMs);
    this.f64.fill(Number.NaN, row * doubles + doubleAt.coveredFromMs, row * doubles + doubleAt.idleAtMs);
    this.set(row, doubleAt.idleAtMs, Infinity);
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

  /**
   * Which of the newest fixes of the lane has this time and place, or -1. A fix exactly 2^32 ms (50 days) older at the very
   * same place would be taken for one too.
   */
  recentAt(row: number, atMs: number, lonE7: number, latE7: number): number {
    const time = lowBits(atMs);
    const place = placeHash(lonE7, latE7);
    const ring = row * words + wordAt.recent;
    for (let i = 0; i < recentMax; i += 1) {
      if (this.i32[ring + 2 * i] === time && this.i32[ring + 2 * i + 1] === place) return i;
    }
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
    const at = row * words + wordAt.recent + 2 * next;
    this.i32[at] = lowBits(atMs);
    this.i32[at + 1] = placeHash(lonE7, latE7);
    const known = this.u8[bytes + byteAt.recentPressed]! & ~(1 << next);
    this.u8[bytes + byteAt.recentPressed] = pressed ? known | (1 << next) : known;
    this.u8[bytes + byteAt.recentNext] = (next + 1) % recentMax;
  }

  /** The records, byte for byte, without what belongs to one build of the fence index: that is found again. */
  pack(): Uint8Array {
    const packed = new Lanes(Math.max(1, this.count));
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

function lowBits(atMs: number): number {
  return atMs | 0;
}

/** Two places of one time that collide would be one duplicate too many: 1 in 2^32, for one vehicle and millisecond. */
function placeHash(lonE7: number, latE7: number): number {
  return Math.imul(lonE7, 0x9e3779b1) ^ Math.imul(latE7, 0x85ebca6b);
}
