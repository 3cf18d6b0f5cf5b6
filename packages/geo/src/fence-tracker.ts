import { hitsMax, type FenceIndex } from './fence-index.ts';
import { emptySeat, seatAt, seatWords } from './seat.ts';

/** What a vehicle did to a fence. `passed`: it lies outside before and after, and its way led over a thin fence. */
export const crossingKind = { entered: 1, exited: 2, passed: 3 } as const;

/** Crossings in columns, one after the other as they happened. */
export class Crossings {
  count = 0;
  /** Crossings that found no room: empty the columns before they are full. */
  lost = 0;
  /** The row of the batch that the vehicle moved by. */
  readonly row: Int32Array;
  readonly fence: Int32Array;
  readonly kind: Uint8Array;

  constructor(capacity: number) {
    this.row = new Int32Array(capacity);
    this.fence = new Int32Array(capacity);
    this.kind = new Uint8Array(capacity);
  }

  clear(): void {
    this.count = 0;
    this.lost = 0;
  }

  push(row: number, fence: number, kind: number): void {
    if (this.count === this.row.length) {
      this.lost += 1;
      return;
    }
    this.row[this.count] = row;
    this.fence[this.count] = fence;
    this.kind[this.count] = kind;
    this.count += 1;
  }
}

/** Rows that are looked up together. Their waits for memory overlap; what they touch fits the second-level cache. */
const rowsTogether = 2_048;

/** Words of a vehicle: its seat, in which look-up together it was last put off, and the entry of its cell. Half a line of the cache. */
const putOffAt = seatWords;
const entryAt = seatWords + 1;
const vehicleWords = 8;

/**
 * Which fences vehicles enter and leave. The first sight of a vehicle is no entry. After `swap` the fences that a vehicle
 * lies in are those of the new index at its old place, and only what it does from there is told: a fence drawn around a
 * parked vehicle is no entry, a deleted one no exit, a moved border neither.
 */
export class FenceTracker {
  #index: FenceIndex;
  readonly #vehicles: Int32Array;
  /** Rows whose vehicle did not stay in its seat, and the entries of their new cells. */
  readonly #left = new Int32Array(rowsTogether);
  readonly #entries = new Int32Array(rowsTogether);
  /** Of those that are in another cell now: where they stand in `#left`, their rows, the entries of their new cells. */
  readonly #strayAt = new Int32Array(rowsTogether);
  readonly #strayRows = new Int32Array(rowsTogether);
  readonly #strayEntries = new Int32Array(rowsTogether);
  /** Of those that may have crossed something: where they stand in `#left`, their last places, the entries of those. */
  readonly #crossingAt = new Int32Array(rowsTogether);
  readonly #lastX = new Int32Array(rowsTogether);
  readonly #lastY = new Int32Array(rowsTogether);
  readonly #lastEntries = new Int32Array(rowsTogether);
  /** The fences that held a vehicle, that hold it, that lay on its way, and how many. */
  readonly #beforeHits = new Int32Array(hitsMax);
  readonly #afterHits = new Int32Array(hitsMax);
  readonly #overHits = new Int32Array(hitsMax);
  #before = 0;
  #after = 0;
  #togetherNumber = 0;
  /** What the reads ahead came to: kept, so that they are not optimised away. */
  readAhead = 0;

  constructor(index: FenceIndex, vehicleCount: number) {
    this.#index = index;
    this.#vehicles = new Int32Array(vehicleCount * vehicleWords);
    for (let vehicle = 0; vehicle < vehicleCount; vehicle += 1) {
      this.#vehicles[vehicle * vehicleWords + seatAt.x] = unknownPlace;
    }
  }

  get index(): FenceIndex {
    return this.#index;
  }

  /** From the next move on another index holds. Costs nothing for a vehicle that does not move. */
  swap(index: FenceIndex): void {
    this.#index = index;
    for (let seat = 0; seat < this.#vehicles.length; seat += vehicleWords) emptySeat(this.#vehicles, seat);
  }

  /** Moves vehicles to their places, row after row, and appends what they crossed. */
  moveAll(vehicle: Int32Array, lonE7: Int32Array, latE7: Int32Array, count: number, out: Crossings): void {
    const index = this.#index;
    for (let from = 0; from < count; from += rowsTogether) {
      const to = Math.min(count, from + rowsTogether);
      const left = this.#findLeft(vehicle, lonE7, latE7, from, to);
      this.#findEntries(left, vehicle, lonE7, latE7);
      this.#touch(this.#entries, left);
      let crossings = 0;
      for (let i = 0; i < left; i += 1) {
        const row = this.#left[i]!;
        const at = vehicle[row]! * vehicleWords;
        const lastX = this.#vehicles[at + seatAt.x]!;
        const lastY = this.#vehicles[at + seatAt.y]!;
        if (!this.#move(at, lonE7[row]!, latE7[row]!, this.#entries[i]!)) continue;
        this.#crossingAt[crossings] = i;
        this.#lastX[crossings] = lastX;
        this.#lastY[crossings] = lastY;
        crossings += 1;
      }
      index.entriesAt(inOrder, crossings, this.#lastX, this.#lastY, this.#lastEntries);
      this.#touch(this.#lastEntries, crossings);
      for (let i = 0; i < crossings; i += 1) {
        const at = this.#crossingAt[i]!;
        const row = this.#left[at]!;
        this.#after = index.fencesIn(this.#entries[at]!, lonE7[row]!, latE7[row]!, this.#afterHits);
        this.#before = index.fencesIn(this.#lastEntries[i]!, this.#lastX[i]!, this.#lastY[i]!, this.#beforeHits);
        this.#tell(row, out);
        this.#tellPassed(this.#lastX[i]!, this.#lastY[i]!, lonE7[row]!, latE7[row]!, row, out);
      }
    }
  }

  /** The entries of the cells of rows that left: most are where their vehicle was, only nearer to an edge. */
  #findEntries(left: number, vehicle: Int32Array, lonE7: Int32Array, latE7: Int32Array): void {
    const vehicles = this.#vehicles;
    let strays = 0;
    for (let i = 0; i < left; i += 1) {
      const row = this.#left[i]!;
      const at = vehicle[row]! * vehicleWords;
      if (this.#index.isInCell(vehicles, at, lonE7[row]!, latE7[row]!)) {
        this.#entries[i] = vehicles[at + entryAt]!;
        continue;
      }
      this.#strayAt[strays] = i;
      this.#strayRows[strays] = row;
      strays += 1;
    }
    this.#index.entriesAt(this.#strayRows, strays, lonE7, latE7, this.#strayEntries);
    for (let i = 0; i < strays; i += 1) this.#entries[this.#strayAt[i]!] = this.#strayEntries[i]!;
  }

  #touch(entries: Int32Array, count: number): void {
    let touched = 0;
    for (let i = 0; i < count; i += 1) touched ^= this.#index.touch(entries[i]!);
    this.readAhead ^= touched;
  }

  /** Writes the fences that hold a vehicle into `hits`, ascending; returns how many. */
  membership(vehicle: number, hits: Int32Array): number {
    const at = vehicle * vehicleWords;
    const x = this.#vehicles[at + seatAt.x]!;
    return x === unknownPlace ? 0 : this.#index.fencesAt(x, this.#vehicles[at + seatAt.y]!, hits);
  }

  /** Notes the rows that need a look-up; the others only move their vehicle's seat. */
  #findLeft(vehicle: Int32Array, lonE7: Int32Array, latE7: Int32Array, from: number, to: number): number {
    const vehicles = this.#vehicles;
    const index = this.#index;
    const together = (this.#togetherNumber + 1) | 0;
    this.#togetherNumber = together;
    let left = 0;
    // Reads alone first: dozens of them wait for memory at once, where the tests below would wait one by one.
    // Both ends: nobody knows how memory is aligned, and every other record may lie across two lines of the cache.
    let touched = 0;
    for (let row = from; row < to; row += 1) {
      const at = vehicle[row]! * vehicleWords;
      touched ^= vehicles[at]! ^ vehicles[at + vehicleWords - 1]!;
    }
    this.readAhead ^= touched;
    for (let row = from; row < to; row += 1) {
      const at = vehicle[row]! * vehicleWords;
      const x = lonE7[row]!;
      const y = latE7[row]!;
      // A vehicle that was put off moves in its rows' order: its seat is not yet where it will be.
      const leaves = vehicles[at + putOffAt] === together ? -1 : index.leaves(vehicles, at, x, y);
      vehicles[at + putOffAt] = together & leaves;
      this.#left[left] = row;
      left -= leaves;
    }
    return left;
  }

  /** Moves a vehicle that did not stay. True: there may be something to tell. */
  #move(at: number, lonE7: number, latE7: number, entry: number): boolean {
    const vehicles = this.#vehicles;
    const lastX = vehicles[at + seatAt.x]!;
    const lastY = vehicles[at + seatAt.y]!;
    const isFirst = lastX === unknownPlace;
    if (this.#index.staysInLeaf(vehicles, at, lonE7, latE7, entry)) return false;
    // Of another index (or on an edge): the old place is the first in this one.
    if (!isFirst && vehicles[at + seatAt.clearance] === 0) this.#index.move(vehicles, at, lastX, lastY);
    const changed = this.#index.settle(vehicles, at, lonE7, latE7, entry);
    vehicles[at + entryAt] = entry;
    return !isFirst && (changed || this.#index.mayCross(lastX, lastY, lonE7, latE7));
  }

  /** Tells the difference between the fences before and after. */
  #tell(row: number, out: Crossings): void {
    for (let i = 0, j = 0; i < this.#before || j < this.#after;) {
      const was = i < this.#before ? this.#beforeHits[i]! : Infinity;
      const is = j < this.#after ? this.#afterHits[j]! : Infinity;
      if (was < is) out.push(row, was, crossingKind.exited);
      else if (is < was) out.push(row, is, crossingKind.entered);
      if (was <= is) i += 1;
      if (is <= was) j += 1;
    }
  }

  /** Tells the thin fences on the way that hold neither end of it. */
  #tellPassed(lastX: number, lastY: number, lonE7: number, latE7: number, row: number, out: Crossings): void {
    if (!this.#index.mayCross(lastX, lastY, lonE7, latE7)) return;
    const over = this.#index.cross(lastX, lastY, lonE7, latE7, this.#overHits);
    for (let i = 0; i < over; i += 1) {
      const fence = this.#overHits[i]!;
      const before = this.#beforeHits.indexOf(fence);
      const after = this.#afterHits.indexOf(fence);
      const holdsAnEnd = (before >= 0 && before < this.#before) || (after >= 0 && after < this.#after);
      if (!holdsAnEnd) out.push(row, fence, crossingKind.passed);
    }
  }
}

const inOrder = Int32Array.from({ length: rowsTogether }, (_, i) => i);

/** No longitude: the vehicle has not been seen. */
const unknownPlace = -(2 ** 31);
