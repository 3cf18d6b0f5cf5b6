import {
  childrenPerCell,
  entryTag,
  fanShift,
  leafHeaderWords,
  partBit,
  partHeaderWords,
  partLengthShift,
  type CellTree,
} from './cell-tree.ts';
import { distanceM, distanceToSegmentM, metresPerE7 } from './distance.ts';
import { partKind } from './fence-parts.ts';

/** Beyond 89.9 degrees a metre is so many degrees of longitude that the box is the whole row. */
const cosLatMin = 0.001;

/**
 * Looks for the border of one fence around a point. Slow beside `LeafTest`, for it visits all cells within reach: to be asked
 * only where a position is doubtful. One object for an index, its fields the search, so that it allocates nothing.
 *
 * Where parts of one fence overlap, the edge of one inside of another may count: errs to "near". Fences are seen as far as the
 * antimeridian and beyond it as the index has them, on both of its sides.
 */
export class BorderSearch {
  readonly #tree: CellTree;
  readonly #numbers: Int32Array;
  #fence = 0;
  #x = 0;
  #y = 0;
  #west = 0;
  #east = 0;
  #south = 0;
  #north = 0;
  /** Metres to the nearest edge, and to the middle of a corridor; Infinity: none was found. */
  #edgeM = Infinity;
  #middleM = Infinity;
  #halfWidthM = 0;

  constructor(tree: CellTree, numbers: Int32Array) {
    this.#tree = tree;
    this.#numbers = numbers;
  }

  /** Metres from the point to the border of the fence, or Infinity where it is further than `withinM`. */
  distanceM(fence: number, x: number, y: number, withinM: number): number {
    const reach = Math.ceil(withinM / metresPerE7);
    const reachLon = Math.ceil(reach / Math.max(cosLatMin, Math.cos((y / 1e7) * (Math.PI / 180))));
    this.#fence = fence;
    this.#x = x;
    this.#y = y;
    this.#west = x - reachLon;
    this.#east = x + reachLon;
    this.#south = y - reach;
    this.#north = y + reach;
    this.#edgeM = Infinity;
    this.#middleM = Infinity;
    this.#visitRoots();
    const besideM = this.#middleM === Infinity ? Infinity : Math.abs(this.#middleM - this.#halfWidthM);
    const nearestM = Math.min(this.#edgeM, besideM);
    return nearestM <= withinM ? nearestM : Infinity;
  }

  #visitRoots(): void {
    const { rootShift, firstColumn, firstRow, columns, rows, roots } = this.#tree;
    const width = 2 ** rootShift;
    const lastColumn = Math.min(columns - 1, Math.floor(this.#east / width) - firstColumn);
    const lastRow = Math.min(rows - 1, Math.floor(this.#north / width) - firstRow);
    for (let row = Math.max(0, Math.floor(this.#south / width) - firstRow); row <= lastRow; row += 1) {
      for (let column = Math.max(0, Math.floor(this.#west / width) - firstColumn); column <= lastColumn; column += 1) {
        const entry = roots[row * columns + column]!;
        this.#visit(entry, rootShift, (column + firstColumn) * width, (row + firstRow) * width);
      }
    }
  }

  #visit(entry: number, shift: number, x0: number, y0: number): void {
    const width = 2 ** shift;
    if (x0 > this.#east || x0 + width < this.#west || y0 > this.#north || y0 + width < this.#south) return;
    const tag = entry & 3;
    if (tag === entryTag.leaf) this.#measureLeaf(entry >>> 2);
    if (tag !== entryTag.children) return;
    const childWidth = width / 4;
    for (let i = 0; i < childrenPerCell; i += 1) {
      const child = this.#tree.cells[(entry >>> 2) + i]!;
      this.#visit(child, shift - fanShift, x0 + (i & 3) * childWidth, y0 + (i >> 2) * childWidth);
    }
  }

  #measureLeaf(leaf: number): void {
    const { cells, metres } = this.#tree;
    let at = leaf + leafHeaderWords;
    for (let parts = cells[leaf]! >>> 5; parts > 0; parts -= 1) {
      const word = cells[at + 1]!;
      const from = at + partHeaderWords;
      const to = from + (word >>> partLengthShift);
      if (this.#numbers[cells[at]!] === this.#fence) {
        const kind = word & partBit.kind;
        if (kind === partKind.polygon) this.#edgeM = Math.min(this.#edgeM, this.#toChainsM(from, to));
        else if (kind === partKind.circle) {
          const centreM = distanceM(cells[from + 1]!, cells[from + 2]!, this.#x, this.#y);
          this.#edgeM = Math.min(this.#edgeM, Math.abs(centreM - metres[cells[from]!]!));
        } else {
          this.#halfWidthM = metres[cells[from]!]!;
          this.#middleM = Math.min(this.#middleM, this.#toChainsM(from + 1, to));
        }
      }
      at = to;
    }
  }

  #toChainsM(from: number, to: number): number {
    const { cells } = this.#tree;
    let least = Infinity;
    for (let at = from; at < to;) {
      const end = at + 1 + 2 * cells[at]!;
      for (at += 1; at + 2 < end; at += 2) {
        const beside = distanceToSegmentM(cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!, this.#x, this.#y);
        if (beside < least) least = beside;
      }
      at = end;
    }
    return least;
  }
}
