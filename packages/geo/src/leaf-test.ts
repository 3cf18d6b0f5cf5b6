import {
  leafHeaderWords,
  partHeaderWords,
  printHigh,
  printLow,
  type CellTree,
  partBit,
  partLengthShift,
} from './cell-tree.ts';
import { distanceM, distanceToSegmentM, metresPerE7 } from './distance.ts';
import { partKind } from './fence-parts.ts';
import { crossesColumn, crossesRowRightOf, orientation, shortOrientation } from './orientation.ts';

/** Farther than any cell is wide. */
export const clearanceMax = 0x7fff_ffff;
/** A step of one unit in both directions moves a point at most so many metres (and a thousandth less is counted on, for rounding). */
const metresPerStep = metresPerE7 * Math.SQRT2;

/**
 * Tests a point against what passes its leaf. One object for an index, its fields the answer, so that a test allocates
 * nothing.
 */
export class LeafTest {
  /** Slots of the leaf's parts that hold the point, each fence once, after `run`. */
  readonly slots: Int32Array;
  count = 0;
  /** Fingerprint of everything that holds the point, the leaf's own set included. */
  low = 0;
  high = 0;
  /** The point can move by less than this in both directions, within its leaf, and lies in the same fences. */
  clearance = 0;
  readonly #cells: Int32Array;
  readonly #metres: Float64Array;

  constructor({ cells, metres }: CellTree, slotsMax: number) {
    this.#cells = cells;
    this.#metres = metres;
    this.slots = new Int32Array(slotsMax);
  }

  /** @param leaf place of the record in `cells`. */
  run(leaf: number, x: number, y: number): void {
    const cells = this.#cells;
    const shift = cells[leaf]! & 31;
    const x0 = (x >> shift) << shift;
    const y0 = (y >> shift) << shift;
    this.low = cells[leaf + 2]!;
    this.high = cells[leaf + 3]!;
    this.clearance = clearanceMax;
    this.count = 0;
    let at = leaf + leafHeaderWords;
    let lastHeld = -1;
    for (let parts = cells[leaf]! >>> 5; parts > 0; parts -= 1) {
      const slot = cells[at]!;
      const word = cells[at + 1]!;
      const from = at + partHeaderWords;
      at = from + (word >>> partLengthShift);
      const holds =
        (word & partBit.kind) === partKind.polygon
          ? this.#polygon(from, at, word, x, y, x0, y0)
          : this.#around(from, at, (word & partBit.kind) === partKind.circle, x, y);
      // Parts of one fence follow one another; one that holds the point is enough.
      if (!holds || slot === lastHeld) continue;
      lastHeld = slot;
      this.low ^= printLow(slot);
      this.high ^= printHigh(slot);
      if (this.count < this.slots.length) this.slots[this.count] = slot;
      this.count += 1;
    }
  }

  /** Along the path from the reference point to the point; on an edge is inside. */
  #polygon(from: number, to: number, word: number, x: number, y: number, x0: number, y0: number): boolean {
    const cells = this.#cells;
    let inside = (word & partBit.inside) !== 0;
    const isLong = (word & partBit.long) !== 0;
    let clearance = this.clearance;
    for (let at = from; at < to; at += 2) {
      const end = at + 2 * cells[at]! - 1;
      let ax = cells[at + 1]!;
      let ay = cells[at + 2]!;
      for (at += 1; at < end; at += 2) {
        const bx = cells[at + 2]!;
        const by = cells[at + 3]!;
        const crossesRow = ay > y !== by > y;
        const beyond = beyondBox(ax, ay, bx, by, x, y);
        // An edge that is farther than another and does not cross the row says nothing more; one that the point lies on is never farther.
        if (crossesRow || beyond <= clearance) {
          const side = isLong ? orientation(ax, ay, bx, by, x, y) : shortOrientation(ax, ay, bx, by, x, y);
          if (side === 0 && (crossesRow || isOnFlatEdge(ax, ay, bx, by, x, y))) return this.#onEdge();
          // The edge crosses the point's row left of it.
          if (crossesRow && side < 0 === by > ay && crossesRowRightOf(ax, ay, bx, by, x0, y)) inside = !inside;
          if (beyond < clearance) clearance = Math.min(clearance, Math.max(beyond, beyondLine(ax, ay, bx, by, side)));
        }
        if (ax >= x0 !== bx >= x0 && crossesColumn(ax, ay, bx, by, x0, y0, y)) inside = !inside;
        ax = bx;
        ay = by;
      }
    }
    this.clearance = clearance;
    return inside;
  }

  #onEdge(): boolean {
    this.clearance = 0;
    return true;
  }

  /** Circles and corridors: by distance. */
  #around(from: number, to: number, isCircle: boolean, x: number, y: number): boolean {
    const cells = this.#cells;
    const reachM = this.#metres[cells[from]!]!;
    const distance = isCircle
      ? distanceM(cells[from + 1]!, cells[from + 2]!, x, y)
      : this.#distanceToChains(from + 1, to, x, y);
    const clear = Math.floor((Math.abs(distance - reachM) * 0.999) / metresPerStep) - 1;
    this.clearance = Math.max(0, Math.min(this.clearance, clear)) | 0;
    return distance <= reachM;
  }

  #distanceToChains(from: number, to: number, x: number, y: number): number {
    const cells = this.#cells;
    let least = Infinity;
    for (let at = from; at < to; at += 2) {
      const end = at + 2 * cells[at]! - 1;
      for (at += 1; at < end; at += 2) {
        const distance = distanceToSegmentM(cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!, x, y);
        if (distance < least) least = distance;
      }
    }
    return least;
  }
}

/**
 * How far a point can move in either direction without meeting the edge's bounding box; below 0 inside. What an edge leaves
 * free is this, or how far its line is where that is more.
 */
function beyondBox(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  const beyondX = ax < bx ? Math.max(ax - x, x - bx) : Math.max(bx - x, x - ax);
  const beyondY = ay < by ? Math.max(ay - y, y - by) : Math.max(by - y, y - ay);
  return Math.max(beyondX, beyondY);
}

/** The same for the edge's line: in the maximum norm it is |side| / (|dx| + |dy|) away, and a part of a unit is no step. */
function beyondLine(ax: number, ay: number, bx: number, by: number, side: number): number {
  return Math.min(clearanceMax, Math.abs(side) / (Math.abs(bx - ax) + Math.abs(by - ay))) | 0;
}

/** The edge does not cross the row half-open and the point is on its line: it can be an end, or lie on a level edge. */
function isOnFlatEdge(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  if (ay === y && by === y) return ax < bx ? x >= ax && x <= bx : x >= bx && x <= ax;
  return (ay === y && ax === x) || (by === y && bx === x);
}
