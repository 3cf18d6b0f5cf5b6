import type { Episode } from '@haulwatch/rules';

export type LaneColumn = { readonly data: ArrayBufferView; readonly perLane: number; readonly elementBytes: number };

/**
 * How many of a vehicle's newest fixes are remembered to know duplicates by: 8 at 1 Hz cover a retry of some seconds, and
 * have one bit each in `recentPressed`.
 */
const recentMax = 8;

/**
 * The memory of lanes, in columns. The engine keeps two tables: the live lanes, where the row is the vehicle's dense
 * index, and the late lanes, one for each vehicle that ever reported after the fact. This is the whole layout of the
 * engine's state; a snapshot is these columns and the episodes.
 *
 * | column | of | meaning |
 * |---|---|---|
 * | vehicle | all | dense index of the vehicle |
 * | lateLane | live | row of the vehicle's late lane, or -1 |
 * | lastAtMs | all | event time of the newest fix; NaN before the first |
 * | lonE7, latE7, positionAtMs | all | newest valid position and its time; positionAtMs NaN before the first |
 * | coveredFromMs | live | since when the vehicle has reported without a gap: from here on nothing told late is news |
 * | pressFromMs, pressToMs | live | first and newest press of the newest emergency; NaN before any |
 * | gapAtMs, gapLonE7, gapLatE7 | live | where the vehicle was when its newest gap began; the late lane starts there |
 * | idleAtMs | late | partition time at which the lane is over without further input |
 * | receivedAtMs, speedDkph, headingDeg | live | the rest of the newest fix, for maps |
 * | recentAtMs, recentPlace, recentNext | all | times and places (hashed) of the newest fixes, a ring of `recentMax` |
 * | recentPressed | all | bit i: the emergency button was pressed in fix i of that ring |
 */
export class Lanes {
  count = 0;
  vehicle!: Int32Array;
  lateLane!: Int32Array;
  lastAtMs!: Float64Array;
  lonE7!: Int32Array;
  latE7!: Int32Array;
  positionAtMs!: Float64Array;
  coveredFromMs!: Float64Array;
  pressFromMs!: Float64Array;
  pressToMs!: Float64Array;
  gapAtMs!: Float64Array;
  gapLonE7!: Int32Array;
  gapLatE7!: Int32Array;
  idleAtMs!: Float64Array;
  receivedAtMs!: Float64Array;
  speedDkph!: Uint16Array;
  headingDeg!: Float32Array;
  recentAtMs!: Float64Array;
  recentPlace!: Uint32Array;
  recentNext!: Uint8Array;
  recentPressed!: Uint8Array;
  /** Episodes of each lane that has any: few lanes do. */
  episodes: (Episode[] | undefined)[] = [];
  #capacity = 0;

  constructor(capacity = 1_024) {
    this.#resize(capacity);
  }

  /** Adds a lane and returns its row. */
  add(vehicle: number): number {
    if (this.count === this.#capacity) this.#resize(this.#capacity * 2);
    const row = this.count;
    this.count += 1;
    this.vehicle[row] = vehicle;
    this.lateLane[row] = -1;
    this.headingDeg[row] = Number.NaN;
    this.recentAtMs.fill(Number.NaN, row * recentMax, (row + 1) * recentMax);
    this.forget(row);
    return row;
  }

  /** Sets a lane back to "never reported". */
  forget(row: number): void {
    this.lastAtMs[row] = Number.NaN;
    this.positionAtMs[row] = Number.NaN;
    this.coveredFromMs[row] = Number.NaN;
    this.pressFromMs[row] = Number.NaN;
    this.pressToMs[row] = Number.NaN;
    this.gapAtMs[row] = Number.NaN;
    this.idleAtMs[row] = Infinity;
    this.episodes[row] = undefined;
  }

  /** Which of the newest fixes of the lane has this time and place, or -1. */
  recentAt(row: number, atMs: number, lonE7: number, latE7: number): number {
    const place = placeHash(lonE7, latE7);
    const base = row * recentMax;
    for (let i = 0; i < recentMax; i += 1) {
      if (this.recentAtMs[base + i] === atMs && this.recentPlace[base + i] === place) return i;
    }
    return -1;
  }

  /** Notes that the emergency button was pressed in one of the newest fixes. False: that was known. */
  notePress(row: number, recent: number): boolean {
    const known = this.recentPressed[row]!;
    this.recentPressed[row] = known | (1 << recent);
    return (known & (1 << recent)) === 0;
  }

  /** Adds a fix to the newest of the lane; the one that was added longest ago makes room. */
  remember(row: number, atMs: number, lonE7: number, latE7: number, pressed: boolean): void {
    const next = this.recentNext[row]!;
    this.recentAtMs[row * recentMax + next] = atMs;
    this.recentPlace[row * recentMax + next] = placeHash(lonE7, latE7);
    this.recentPressed[row] = (this.recentPressed[row]! & ~(1 << next)) | (Number(pressed) << next);
    this.recentNext[row] = (next + 1) % recentMax;
  }

  /** The packed columns each with its elements a lane: what a snapshot writes and reads, in this order. */
  columns(): readonly LaneColumn[] {
    return packedColumns.map(({ name, perLane }) => ({
      data: this[name],
      perLane,
      elementBytes: this[name].BYTES_PER_ELEMENT,
    }));
  }

  #resize(capacity: number): void {
    for (const { name, perLane, make } of packedColumns) {
      const column = make(capacity * perLane);
      const former = this[name] as typeof column | undefined;
      if (former !== undefined) column.set(former);
      (this as Record<ColumnName, unknown>)[name] = column;
    }
    this.#capacity = capacity;
  }
}

/** Two places of one time that collide would be one duplicate too many: 1 in 2^32, for one vehicle and millisecond. */
function placeHash(lonE7: number, latE7: number): number {
  return (Math.imul(lonE7, 0x9e3779b1) ^ Math.imul(latE7, 0x85ebca6b)) >>> 0;
}

const float64 = (length: number): Float64Array => new Float64Array(length);
const float32 = (length: number): Float32Array => new Float32Array(length);
const int32 = (length: number): Int32Array => new Int32Array(length);
const uint32 = (length: number): Uint32Array => new Uint32Array(length);
const uint16 = (length: number): Uint16Array => new Uint16Array(length);
const uint8 = (length: number): Uint8Array => new Uint8Array(length);

/** The order is the snapshot's: 8-byte columns first, so that each column lies aligned. */
const packedColumns = [
  { name: 'lastAtMs', perLane: 1, make: float64 },
  { name: 'positionAtMs', perLane: 1, make: float64 },
  { name: 'coveredFromMs', perLane: 1, make: float64 },
  { name: 'pressFromMs', perLane: 1, make: float64 },
  { name: 'pressToMs', perLane: 1, make: float64 },
  { name: 'gapAtMs', perLane: 1, make: float64 },
  { name: 'idleAtMs', perLane: 1, make: float64 },
  { name: 'receivedAtMs', perLane: 1, make: float64 },
  { name: 'recentAtMs', perLane: recentMax, make: float64 },
  { name: 'recentPlace', perLane: recentMax, make: uint32 },
  { name: 'vehicle', perLane: 1, make: int32 },
  { name: 'lateLane', perLane: 1, make: int32 },
  { name: 'lonE7', perLane: 1, make: int32 },
  { name: 'latE7', perLane: 1, make: int32 },
  { name: 'gapLonE7', perLane: 1, make: int32 },
  { name: 'gapLatE7', perLane: 1, make: int32 },
  { name: 'headingDeg', perLane: 1, make: float32 },
  { name: 'speedDkph', perLane: 1, make: uint16 },
  { name: 'recentNext', perLane: 1, make: uint8 },
  { name: 'recentPressed', perLane: 1, make: uint8 },
] as const;

type ColumnName = (typeof packedColumns)[number]['name'];
