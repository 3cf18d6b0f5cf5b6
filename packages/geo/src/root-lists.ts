import { cellSide, sideOfCell } from './cell-geometry.ts';
import type { CellTree } from './cell-tree.ts';
import { partKind, type FenceGeometry, type FencePart } from './fence-parts.ts';
import { crossesRowRightOf } from './orientation.ts';
import { PackedInts } from './packed-ints.ts';

type Window = Pick<CellTree, 'rootShift' | 'firstColumn' | 'firstRow' | 'columns' | 'rows'>;

/** `RootLists.pool`: the words of an item before its edges. */
export const itemAt = { next: 0, part: 1, inside: 2, count: 3, edges: 4 } as const;
/** `itemAt.count` of a part that holds the whole root cell. */
export const holdsAllCount = -1;

/**
 * What lies in each root cell: a list of items, one for each part that has edges there or holds it all, ascending by
 * part when parts are added in descending order.
 */
export class RootLists {
  readonly pool = new PackedInts(1 << 16);
  /** The first item of each root cell, or -1. */
  readonly heads: Int32Array;
  readonly #window: Window;
  readonly #geometry: FenceGeometry;
  /** Root cells that are asked for; the others are passed over. */
  readonly #wanted: Uint8Array | undefined;
  readonly #hitCells = new PackedInts();
  readonly #hitEdges = new PackedInts();

  constructor(window: Window, geometry: FenceGeometry, wanted?: Uint8Array) {
    this.#window = window;
    this.#geometry = geometry;
    this.#wanted = wanted;
    this.heads = new Int32Array(window.columns * window.rows).fill(-1);
  }

  add(partNumber: number): void {
    const part = this.#geometry.parts[partNumber]!;
    const box = boxOf(part, this.#window);
    if (box.width <= 0 || box.height <= 0) return;
    const sides = new Uint8Array(box.width * box.height);
    this.#hitCells.length = 0;
    this.#hitEdges.length = 0;
    for (const [from, to] of part.edgeRuns) {
      for (let edge = from; edge < to; edge += 1) this.#rasterise(part, edge, box, sides);
    }
    if (part.kind === partKind.polygon) this.#fill(part, box, sides);
    this.#list(partNumber, box, sides);
  }

  /** Notes the cells that an edge passes. */
  #rasterise(part: FencePart, edge: number, box: Box, sides: Uint8Array): void {
    const { rootShift } = this.#window;
    const size = 2 ** rootShift;
    const reach = new Reach(this.#geometry, part, edge);
    const firstRow = Math.max(box.row, Math.floor((reach.minY - 1) / size));
    const lastRow = Math.min(box.row + box.height - 1, Math.floor((reach.maxY + 1) / size));
    for (let row = firstRow; row <= lastRow; row += 1) {
      const fromX = reach.from(row * size - 1, (row + 1) * size) - 2;
      const toX = reach.to(row * size - 1, (row + 1) * size) + 2;
      const firstColumn = Math.max(box.column, Math.floor(fromX / size));
      const lastColumn = Math.min(box.column + box.width - 1, Math.floor(toX / size));
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        const side = sideOfCell(this.#geometry, part, edge, column * size, row * size, size);
        if (side === cellSide.outside) continue;
        const cell = (row - box.row) * box.width + column - box.column;
        if (side === cellSide.holdsAll) sides[cell] = cellSide.holdsAll;
        if (sides[cell] === cellSide.holdsAll) continue;
        sides[cell] = cellSide.passes;
        this.#hitCells.push(cell);
        this.#hitEdges.push(edge);
      }
    }
  }

  /** Marks whether each cell's reference point is inside (bit 2), by counting the edges left of it on its row. */
  #fill(part: FencePart, box: Box, sides: Uint8Array): void {
    const size = 2 ** this.#window.rootShift;
    const xy = this.#geometry.xy.ints;
    const flips = new Uint8Array((box.width + 1) * box.height);
    for (const [from, to] of part.edgeRuns) {
      for (let edge = from; edge < to; edge += 1) {
        const ax = xy[2 * edge]!;
        const ay = xy[2 * edge + 1]!;
        const bx = xy[2 * edge + 2]!;
        const by = xy[2 * edge + 3]!;
        const firstRow = Math.max(box.row, Math.ceil(Math.min(ay, by) / size));
        const endRow = Math.min(box.row + box.height, Math.ceil(Math.max(ay, by) / size));
        for (let row = firstRow; row < endRow; row += 1) {
          const y = row * size;
          const crossingX = ax + ((y - ay) * (bx - ax)) / (by - ay);
          // The last column that can begin left of the crossing; only the exact test knows whether it does.
          const column = Math.floor((crossingX + 2) / size);
          const first = crossesRowRightOf(ax, ay, bx, by, column * size, y) ? column + 1 : column;
          const at = Math.max(0, Math.min(box.width, first - box.column));
          flips[(row - box.row) * (box.width + 1) + at]! ^= 1;
        }
      }
    }
    for (let row = 0; row < box.height; row += 1) {
      let inside = 0;
      for (let column = 0; column < box.width; column += 1) {
        inside ^= flips[row * (box.width + 1) + column]!;
        if (inside !== 0) sides[row * box.width + column]! |= insideBit;
      }
    }
  }

  /** Puts an item into the list of each cell that the part has to do with. */
  #list(part: number, box: Box, sides: Uint8Array): void {
    const ends = new Int32Array(sides.length + 1);
    const hits = this.#hitCells.length;
    for (let i = 0; i < hits; i += 1) ends[this.#hitCells.ints[i]! + 1]! += 1;
    for (let cell = 0; cell < sides.length; cell += 1) ends[cell + 1]! += ends[cell]!;
    const edges = new Int32Array(hits);
    const next = ends.slice();
    for (let i = 0; i < hits; i += 1) edges[next[this.#hitCells.ints[i]!]!++] = this.#hitEdges.ints[i]!;
    for (let cell = 0; cell < sides.length; cell += 1) {
      const side = sides[cell]! & ~insideBit;
      const isInside = (sides[cell]! & insideBit) !== 0;
      if (side === cellSide.outside && !isInside) continue;
      const root = this.#rootOf(box, cell);
      if (this.#wanted !== undefined && this.#wanted[root] === 0) continue;
      const passes = side === cellSide.passes;
      const count = passes ? ends[cell + 1]! - ends[cell]! : 0;
      const at = this.pool.reserve(itemAt.edges + count);
      const { ints } = this.pool;
      ints[at + itemAt.next] = this.heads[root]!;
      ints[at + itemAt.part] = part;
      ints[at + itemAt.inside] = isInside ? 1 : 0;
      ints[at + itemAt.count] = passes ? count : holdsAllCount;
      for (let i = 0; i < count; i += 1) ints[at + itemAt.edges + i] = edges[ends[cell]! + i]!;
      this.heads[root] = at;
    }
  }

  #rootOf(box: Box, cell: number): number {
    const row = box.row + Math.floor(cell / box.width) - this.#window.firstRow;
    return row * this.#window.columns + box.column + (cell % box.width) - this.#window.firstColumn;
  }
}

const insideBit = 4;

type Box = { readonly column: number; readonly row: number; readonly width: number; readonly height: number };

/** The root cells of the window that a part's box touches. */
function boxOf(part: FencePart, { rootShift, firstColumn, firstRow, columns, rows }: Window): Box {
  const size = 2 ** rootShift;
  const column = Math.max(firstColumn, Math.floor((part.minX - 2) / size));
  const row = Math.max(firstRow, Math.floor((part.minY - 2) / size));
  const lastColumn = Math.min(firstColumn + columns - 1, Math.floor((part.maxX + 2) / size));
  const lastRow = Math.min(firstRow + rows - 1, Math.floor((part.maxY + 2) / size));
  return { column, row, width: lastColumn - column + 1, height: lastRow - row + 1 };
}

/** Where an edge, with what it reaches around it, can be: rows, and for two rows the columns between them. */
class Reach {
  readonly minY: number;
  readonly maxY: number;
  readonly #ax: number;
  readonly #ay: number;
  readonly #slope: number;
  readonly #fromX: number;
  readonly #toX: number;

  constructor(geometry: FenceGeometry, part: FencePart, edge: number) {
    const xy = geometry.xy.ints;
    const end = part.kind === partKind.circle ? edge : edge + 1;
    const ax = xy[2 * edge]!;
    const ay = xy[2 * edge + 1]!;
    const bx = xy[2 * end]!;
    const by = xy[2 * end + 1]!;
    this.minY = Math.min(ay, by) - part.reachLatE7;
    this.maxY = Math.max(ay, by) + part.reachLatE7;
    // A copy on the other side of the antimeridian has its centre on this one.
    this.#fromX = part.kind === partKind.circle ? part.minX : Math.min(ax, bx) - part.reachLonE7;
    this.#toX = part.kind === partKind.circle ? part.maxX : Math.max(ax, bx) + part.reachLonE7;
    this.#ax = ax;
    this.#ay = ay;
    this.#slope = part.kind === partKind.polygon && ay !== by ? (bx - ax) / (by - ay) : Number.NaN;
  }

  /** The least x of the edge between two rows. */
  from(fromY: number, toY: number): number {
    return Number.isNaN(this.#slope) ? this.#fromX : Math.min(this.#at(fromY), this.#at(toY));
  }

  to(fromY: number, toY: number): number {
    return Number.isNaN(this.#slope) ? this.#toX : Math.max(this.#at(fromY), this.#at(toY));
  }

  #at(y: number): number {
    return this.#ax + (Math.max(this.minY, Math.min(this.maxY, y)) - this.#ay) * this.#slope;
  }
}
