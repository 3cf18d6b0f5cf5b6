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
    this.count = 0;
    let at = leaf + leafHeaderWords;
    let lastHeld = -1;
    for (let parts = cells[leaf]! >>> 5; parts > 0; parts -= 1) {
      const slot = cells[at]!;
      const word = cells[at + 1]!;
      const from = at + partHeaderWords;
      at = from + (word >>> partLengthShift);
      const kind = word & partBit.kind;
      const holds =
        kind === partKind.polygon
          ? this.#polygonHolds(from, at, word, x, y, x0, y0)
          : this.#beyondReachM(from, at, kind, x, y) <= 0;
      // Parts of one fence follow one another; one that holds the point is enough.
      if (!holds || slot === lastHeld) continue;
      lastHeld = slot;
      this.low ^= printLow(slot);
      this.high ^= printHigh(slot);
      if (this.count < this.slots.length) this.slots[this.count] = slot;
      this.count += 1;
    }
  }

  /** How far a point of a leaf is from everything that passes it: moved by less in both directions, within its leaf, it meets no edge. */
  clearanceAt(leaf: number, x: number, y: number): number {
    const cells = this.#cells;
    let clearance = clearanceMax;
    let at = leaf + leafHeaderWords;
    for (let parts = cells[leaf]! >>> 5; parts > 0; parts -= 1) {
      const word = cells[at + 1]!;
      const from = at + partHeaderWords;
      at = from + (word >>> partLengthShift);
      const kind = word & partBit.kind;
      if (kind !== partKind.polygon) {
        const clear = Math.floor((Math.abs(this.#beyondReachM(from, at, kind, x, y)) * 0.999) / metresPerStep) - 1;
        clearance = Math.max(0, Math.min(clearance, clear)) | 0;
      } else if ((word & partBit.long) === 0) clearance = this.#clearOfEdges(from, at, x, y, clearance);
      else clearance = this.#clearOfLongEdges(from, at, x, y, clearance);
    }
    return clearance;
  }

  /**
   * Nothing is skipped and nothing branches: which edge is the nearest nobody can predict, and a wrong guess costs more than the
   * arithmetic of an edge. Short edges lie so near that all differences fit 32 bits.
   */
  #clearOfEdges(from: number, to: number, x: number, y: number, clearanceBefore: number): number {
    const cells = this.#cells;
    let clearance = clearanceBefore;
    for (let at = from; at < to; at += 2) {
      const end = at + 2 * cells[at]! - 1;
      let ax = (cells[at + 1]! - x) | 0;
      let ay = (cells[at + 2]! - y) | 0;
      for (at += 1; at < end; at += 2) {
        const bx = (cells[at + 2]! - x) | 0;
        const by = (cells[at + 3]! - y) | 0;
        clearance = lesser(clearance, clearOfEdge(ax, ay, bx, by));
        ax = bx;
        ay = by;
      }
    }
    return clearance;
  }

  #clearOfLongEdges(from: number, to: number, x: number, y: number, clearanceBefore: number): number {
    const cells = this.#cells;
    let clearance = clearanceBefore;
    for (let at = from; at < to; at += 2) {
      const end = at + 2 * cells[at]! - 1;
      for (at += 1; at < end; at += 2) {
        const clear = clearOfLongEdge(cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!, x, y);
        if (clear < clearance) clearance = clear;
      }
    }
    return clearance;
  }

  /** Along the path from the reference point to the point; on an edge is inside. */
  #polygonHolds(from: number, to: number, word: number, x: number, y: number, x0: number, y0: number): boolean {
    const cells = this.#cells;
    let inside = (word & partBit.inside) !== 0;
    const isLong = (word & partBit.long) !== 0;
    for (let at = from; at < to; at += 2) {
      const end = at + 2 * cells[at]! - 1;
      let ax = cells[at + 1]!;
      let ay = cells[at + 2]!;
      for (at += 1; at < end; at += 2) {
        const bx = cells[at + 2]!;
        const by = cells[at + 3]!;
        if (ay > y !== by > y) {
          const side = isLong ? orientation(ax, ay, bx, by, x, y) : shortOrientation(ax, ay, bx, by, x, y);
          if (side === 0) return true;
          // The edge crosses the point's row left of it.
          if (side < 0 === by > ay && crossesRowRightOf(ax, ay, bx, by, x0, y)) inside = !inside;
        } else if ((ay === y || by === y) && isOnFlatEdge(ax, ay, bx, by, x, y)) return true;
        if (ax >= x0 !== bx >= x0 && crossesColumn(ax, ay, bx, by, x0, y0, y)) inside = !inside;
        ax = bx;
        ay = by;
      }
    }
    return inside;
  }

  /** Circles and corridors: how many metres beyond their reach the point is; less than 0 inside. */
  #beyondReachM(from: number, to: number, kind: number, x: number, y: number): number {
    const cells = this.#cells;
    const distance =
      kind === partKind.circle
        ? distanceM(cells[from + 1]!, cells[from + 2]!, x, y)
        : this.#distanceToChains(from + 1, to, x, y);
    return distance - this.#metres[cells[from]!]!;
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
 * How far a point can move in either direction without meeting an edge whose ends lie at a and b, seen from it: as far as the
 * edge's bounding box is, or its line where that is more. In the maximum norm the line is |cross| / (|dx| + |dy|) away, and a
 * part of a unit is no step.
 */
function clearOfEdge(ax: number, ay: number, bx: number, by: number): number {
  const spanX = Math.abs(bx - ax) | 0;
  const spanY = Math.abs(by - ay) | 0;
  // The middle of the box is half the sum of its ends away.
  const box = larger((Math.abs(ax + bx) | 0) - spanX, (Math.abs(ay + by) | 0) - spanY) >> 1;
  const line = (Math.abs(ax * by - ay * bx) / (spanX + spanY)) | 0;
  return larger(box, line);
}

/** The same anywhere on the lattice, from the point (x, y). */
function clearOfLongEdge(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  const beyondX = Math.max(Math.min(ax, bx) - x, x - Math.max(ax, bx));
  const beyondY = Math.max(Math.min(ay, by) - y, y - Math.max(ay, by));
  const line = Math.abs(orientation(ax, ay, bx, by, x, y)) / (Math.abs(bx - ax) + Math.abs(by - ay));
  return Math.min(clearanceMax, Math.max(beyondX, beyondY, Math.floor(line)));
}

/** The larger of two whole numbers that are less than 2^31 apart, without a branch. */
function larger(a: number, b: number): number {
  return a - ((a - b) & ((a - b) >> 31));
}

function lesser(a: number, b: number): number {
  return b + ((a - b) & ((a - b) >> 31));
}

/** The edge does not cross the row half-open and the point is on its line: it can be an end, or lie on a level edge. */
function isOnFlatEdge(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  if (ay === y && by === y) return ax < bx ? x >= ax && x <= bx : x >= bx && x <= ax;
  return (ay === y && ax === x) || (by === y && bx === x);
}
