import type { FenceShape } from '@haulwatch/domain';
import { BorderSearch } from './border-search.ts';
import { entryTag, fanShift, pureEntry, pureSet, pureShift, treeBytes, type CellTree } from './cell-tree.ts';
import { FenceIndexBuilder, type FenceIndexData } from './fence-index-builder.ts';
import { clearanceMax, LeafTest } from './leaf-test.ts';
import { seatAt } from './seat.ts';
import { sortFew } from './sort-few.ts';
import { ThinCells } from './thin-cells.ts';
import { ThinFences } from './thin-fences.ts';

/** Fences that one point can lie in; beyond it the rest is not reported and `overflows` counts it. */
export const hitsMax = 256;

const antimeridianE7 = 1_800_000_000;

/**
 * Answers which fences hold a point. Fences are numbered as they were given; boundaries are closed, holes' boundaries too.
 * Edges are straight in longitude and latitude, as RFC 7946 has them. Exact on the whole lattice.
 *
 * Never changed once built; `FenceIndexBuilder` makes the next version. How it is laid out: `cell-tree.ts`.
 */
export class FenceIndex {
  /** How many fences there are. */
  readonly size: number;
  /** Points that lay in more than `hitsMax` fences. */
  overflows = 0;
  readonly #tree: CellTree;
  readonly #roots: Int32Array;
  readonly #cells: Int32Array;
  readonly #numbers: Int32Array;
  /** Slots are numbers already: always so in an index that was built in one go. */
  readonly #isPlain: boolean;
  readonly #thin: ThinFences;
  /** Made when they are first asked for: an engine that looks for no thin fences needs none. */
  #thinCells: ThinCells | undefined;
  readonly #leaf: LeafTest;
  readonly #border: BorderSearch;

  constructor(data: FenceIndexData) {
    this.#tree = data.tree;
    this.#roots = data.tree.roots;
    this.#cells = data.tree.cells;
    this.#numbers = data.numbers;
    this.#isPlain = data.numbers.every((number, slot) => number === slot);
    this.size = data.numbers.reduce((count, number) => count + (number < 0 ? 0 : 1), 0);
    this.#thin = new ThinFences(data.thin);
    this.#leaf = new LeafTest(data.tree, hitsMax);
    this.#border = new BorderSearch(data.tree, data.numbers);
  }

  /** Builds an index in one go, on this thread: for tests, tools and small policies. */
  static of(shapes: readonly FenceShape[]): FenceIndex {
    return new FenceIndex(new FenceIndexBuilder().build(shapes.map((shape, i) => ({ id: String(i), shape }))));
  }

  /** Bytes of the index, all arrays together. */
  get byteLength(): number {
    return (
      treeBytes(this.#tree) + this.#numbers.byteLength + this.#thin.byteLength + (this.#thinCells?.byteLength ?? 0)
    );
  }

  /** Writes the numbers of the fences that hold the point into `hits` (at least `hitsMax` long), ascending; returns how many. */
  fencesAt(lonE7: number, latE7: number, hits: Int32Array): number {
    return this.fencesIn(this.entryAt(lonE7, latE7), lonE7, latE7, hits);
  }

  /** The same where the entry of the point's cell is known already. */
  fencesIn(entry: number, lonE7: number, latE7: number, hits: Int32Array): number {
    const { setStarts, setSlots, cells } = this.#tree;
    let set = pureSet(entry);
    let count = 0;
    if ((entry & 3) === entryTag.leaf) {
      const leaf = this.#leaf;
      leaf.run(entry >>> 2, onOneMeridian(lonE7), latE7);
      set = cells[(entry >>> 2) + 1]!;
      for (let i = 0; i < leaf.count && i < hitsMax; i += 1) hits[count++] = leaf.slots[i]!;
      this.overflows += Math.max(0, leaf.count - hitsMax);
    }
    for (let at = setStarts[set]!; at < setStarts[set + 1]!; at += 1) {
      if (count < hitsMax) hits[count++] = setSlots[at]!;
      else this.overflows += 1;
    }
    if (!this.#isPlain) for (let i = 0; i < count; i += 1) hits[i] = this.#numbers[hits[i]!]!;
    sortFew(hits, count);
    return count;
  }

  /** Metres from a point to the border of a fence, or Infinity where that is further than `withinM`: some microseconds. */
  borderM(fence: number, lonE7: number, latE7: number, withinM: number): number {
    return this.#border.distanceM(fence, onOneMeridian(lonE7), latE7, withinM);
  }

  /** Writes the numbers of the thin fences that the way from a to b touches into `hits`, ascending; returns how many. */
  cross(lonE7A: number, latE7A: number, lonE7B: number, latE7B: number, hits: Int32Array): number {
    let count = this.#thin.crossed(lonE7A, latE7A, lonE7B, latE7B, hits, 0);
    const turn = Math.sign(lonE7B - lonE7A) * 2 * antimeridianE7;
    if (Math.abs(lonE7B - lonE7A) > antimeridianE7) {
      // The short way over the antimeridian, as either side has it.
      count = this.#thin.crossed(lonE7A, latE7A, lonE7B - turn, latE7B, hits, 0);
      count = this.#thin.crossed(lonE7A + turn, latE7A, lonE7B, latE7B, hits, count);
    }
    for (let i = 0; i < count; i += 1) hits[i] = this.#numbers[hits[i]!]!;
    sortFew(hits, count);
    return count;
  }

  /** Whether `cross` can find anything between a and b: asked first, for it costs a few reads. */
  mayCross(lonE7A: number, latE7A: number, lonE7B: number, latE7B: number): boolean {
    if (this.#thin.isEmpty) return false;
    if (Math.abs(lonE7B - lonE7A) > antimeridianE7) return true;
    this.#thinCells ??= new ThinCells(this.#tree, this.#thin.parts);
    return this.#thinCells.meets(lonE7A, latE7A, lonE7B, latE7B);
  }

  /** The entry of the cell that holds a point: what `settle` takes. */
  entryAt(lonE7: number, latE7: number): number {
    const cells = this.#cells;
    const x = onOneMeridian(lonE7);
    let shift = this.#tree.rootShift;
    let entry = this.#rootAt(x, latE7);
    while ((entry & 3) === entryTag.children) {
      shift -= fanShift;
      entry = cells[childAt(entry, shift, x, latE7)]!;
    }
    return entry;
  }

  /**
   * The entries of the cells that hold the points of some rows, written into `entries`. Level by level for all of them: where
   * one look-up after the other would wait for memory at each of its steps, dozens wait at once.
   */
  entriesAt(rows: Int32Array, count: number, lonE7: Int32Array, latE7: Int32Array, entries: Int32Array): void {
    const cells = this.#cells;
    let below = 0;
    for (let i = 0; i < count; i += 1) {
      const row = rows[i]!;
      const entry = this.#rootAt(onOneMeridian(lonE7[row]!), latE7[row]!);
      entries[i] = entry;
      below |= (entry & 3) === entryTag.children ? 1 : 0;
    }
    for (let shift = this.#tree.rootShift - fanShift; below !== 0; shift -= fanShift) {
      below = 0;
      for (let i = 0; i < count; i += 1) {
        const entry = entries[i]!;
        if ((entry & 3) !== entryTag.children) continue;
        const row = rows[i]!;
        entries[i] = cells[childAt(entry, shift, onOneMeridian(lonE7[row]!), latE7[row]!)]!;
        below = 1;
      }
    }
  }

  #rootAt(x: number, y: number): number {
    const { rootShift, firstColumn, firstRow, columns, rows } = this.#tree;
    const column = (x >> rootShift) - firstColumn;
    const row = (y >> rootShift) - firstRow;
    const isIn = column >= 0 && column < columns && row >= 0 && row < rows;
    return isIn ? this.#roots[row * columns + column]! : pureEntry(0, rootShift);
  }

  /** Reads words of what an entry leads to, so that they are in the cache: a leaf reaches over three or four lines of it. */
  touch(entry: number): number {
    const cells = this.#cells;
    const at = entry >>> 2;
    const last = cells.length - 1;
    if ((entry & 3) === entryTag.leaf) {
      return cells[at]! ^ cells[Math.min(at + 16, last)]! ^ cells[Math.min(at + 32, last)]!;
    }
    return this.#tree.setPrints[2 * pureSet(entry)]!;
  }

  /**
   * Moves a vehicle's seat to a point. True: the fences that hold it are not those that held it before. An empty seat
   * takes the point as its first.
   */
  move(seats: Int32Array, seat: number, lonE7: number, latE7: number): boolean {
    if (this.stays(seats, seat, lonE7, latE7)) return false;
    const entry = this.entryAt(lonE7, latE7);
    return !this.staysInLeaf(seats, seat, lonE7, latE7, entry) && this.settle(seats, seat, lonE7, latE7, entry);
  }

  /**
   * Moves the seat where the vehicle is still in its cell and can have crossed no edge: nothing has to be looked up. False:
   * it may have left, and the seat is as it was.
   */
  stays(seats: Int32Array, seat: number, lonE7: number, latE7: number): boolean {
    return this.leaves(seats, seat, lonE7, latE7) === 0;
  }

  /** The same as a mask of bits, without any branch: 0 where the vehicle stays, -1 where it may have left. */
  leaves(seats: Int32Array, seat: number, lonE7: number, latE7: number): number {
    const left = clearanceLeft(seats, seat, lonE7, latE7);
    const leaves = (left | (left - 1)) >> 31;
    const x = seats[seat + seatAt.x]!;
    const y = seats[seat + seatAt.y]!;
    const clearance = seats[seat + seatAt.clearance]!;
    seats[seat + seatAt.x] = lonE7 ^ ((lonE7 ^ x) & leaves);
    seats[seat + seatAt.y] = latE7 ^ ((latE7 ^ y) & leaves);
    seats[seat + seatAt.clearance] = left ^ ((left ^ clearance) & leaves);
    return leaves;
  }

  /** What `stays` would say, without moving the seat: for reading ahead. */
  wouldStay(seats: Int32Array, seat: number, lonE7: number, latE7: number): boolean {
    return clearanceLeft(seats, seat, lonE7, latE7) > 0;
  }

  /** Whether a place lies in the cell of a vehicle's seat. False: perhaps not. */
  isInCell(seats: Int32Array, seat: number, lonE7: number, latE7: number): boolean {
    const apart = (seats[seat + seatAt.x]! ^ lonE7) | (seats[seat + seatAt.y]! ^ latE7);
    const otherCell = apart >> seats[seat + seatAt.shift]!;
    return otherCell === 0 && seats[seat + seatAt.clearance] !== 0;
  }

  /**
   * Moves the seat where the vehicle is still in its leaf and comes to a place that is farther from any edge than from the last
   * one: then its way met no edge, and which fences hold it need not be asked. False: the seat is as it was.
   *
   * @param entry of the new place's cell.
   */
  staysInLeaf(seats: Int32Array, seat: number, lonE7: number, latE7: number, entry: number): boolean {
    if ((entry & 3) !== entryTag.leaf || seats[seat + seatAt.clearance] === 0) return false;
    const x = onOneMeridian(lonE7);
    const lastX = seats[seat + seatAt.x]!;
    const lastY = seats[seat + seatAt.y]!;
    if (((lastX ^ x) | (lastY ^ latE7)) >> this.#cells[entry >>> 2]! !== 0) return false;
    const clearance = this.#leaf.clearanceAt(entry >>> 2, x, latE7);
    if (Math.abs(x - lastX) >= clearance || Math.abs(latE7 - lastY) >= clearance) return false;
    seats[seat + seatAt.x] = x;
    seats[seat + seatAt.y] = latE7;
    seats[seat + seatAt.clearance] = clearance;
    return true;
  }

  /** The last part of `move`, for a vehicle that did not stay: `entry` is that of its new place. */
  settle(seats: Int32Array, seat: number, lonE7: number, latE7: number, entry: number): boolean {
    let low: number;
    let high: number;
    if ((entry & 3) === entryTag.leaf) {
      const leaf = this.#leaf;
      const { cells } = this.#tree;
      leaf.run(entry >>> 2, onOneMeridian(lonE7), latE7);
      low = leaf.low;
      high = leaf.high;
      seats[seat + seatAt.shift] = cells[entry >>> 2]! & 31;
      seats[seat + seatAt.clearance] = leaf.clearanceAt(entry >>> 2, onOneMeridian(lonE7), latE7);
    } else {
      const { setPrints } = this.#tree;
      low = setPrints[2 * pureSet(entry)]!;
      high = setPrints[2 * pureSet(entry) + 1]!;
      seats[seat + seatAt.shift] = pureShift(entry);
      seats[seat + seatAt.clearance] = clearanceMax;
    }
    const changed = seats[seat + seatAt.low] !== low || seats[seat + seatAt.high] !== high;
    // As it was looked up: -180 degrees seen from the cells of +180 would be far from all that is near.
    seats[seat + seatAt.x] = onOneMeridian(lonE7);
    seats[seat + seatAt.y] = latE7;
    seats[seat + seatAt.low] = low;
    seats[seat + seatAt.high] = high;
    return changed;
  }
}

/**
 * How far a seated vehicle could move on after this move; nothing or less where it has left its cell or may have crossed an
 * edge. No branch on where a truck goes: nobody can predict it, and a wrong guess waits for memory.
 */
function clearanceLeft(seats: Int32Array, seat: number, lonE7: number, latE7: number): number {
  const x = seats[seat + seatAt.x]!;
  const y = seats[seat + seatAt.y]!;
  const dx = Math.abs((lonE7 - x) | 0);
  const dy = Math.abs((latE7 - y) | 0);
  const larger = dx - ((dx - dy) & ((dx - dy) >> 31));
  const otherCell = ((x ^ lonE7) | (y ^ latE7)) >> seats[seat + seatAt.shift]!;
  // Any bit of `otherCell` becomes the sign.
  return (seats[seat + seatAt.clearance]! - larger) | ((otherCell | -otherCell) & signBit);
}

const signBit = 1 << 31;

/** Where the entry of the child that holds a point stands in `cells`; `shift` is the child's. */
function childAt(entry: number, shift: number, x: number, y: number): number {
  return (entry >>> 2) + ((((y >> shift) & 3) << 2) | ((x >> shift) & 3));
}

/** The antimeridian is one meridian, whichever way it is written. */
function onOneMeridian(lonE7: number): number {
  return lonE7 === -antimeridianE7 ? antimeridianE7 : lonE7;
}
