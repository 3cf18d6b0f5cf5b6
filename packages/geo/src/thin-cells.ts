import type { CellTree } from './cell-tree.ts';
import type { FencePart } from './fence-parts.ts';

/** Cells of 2^13 units, 90 m: as wide as two steps of a fast truck, so that few steps meet a cell that they need not. */
const cellShiftMin = 13;

/** Cells that are walked through for one step: 3 km each way. */
const leapCells = 1_000;

/** Where thin fences are, coarsely: a byte for each quarter of a quarter of a root cell. Says "no" to nearly every step in a few reads. */
export class ThinCells {
  readonly #cells: Uint8Array;
  readonly #width: number;
  readonly #firstColumn: number;
  readonly #firstRow: number;
  readonly #columns: number;
  readonly #rows: number;

  constructor({ rootShift, firstColumn, firstRow, columns, rows }: CellTree, parts: readonly FencePart[]) {
    const shift = Math.max(Math.min(cellShiftMin, rootShift), rootShift - 2);
    const finer = 2 ** (rootShift - shift);
    this.#width = 2 ** shift;
    this.#firstColumn = firstColumn * finer;
    this.#firstRow = firstRow * finer;
    this.#columns = parts.length === 0 ? 0 : columns * finer;
    this.#rows = parts.length === 0 ? 0 : rows * finer;
    this.#cells = new Uint8Array(this.#columns * this.#rows);
    for (const { minX, minY, maxX, maxY } of parts) {
      const from = Math.max(0, this.#column(minX - 2));
      const to = Math.min(this.#columns - 1, this.#column(maxX + 2));
      const lastRow = Math.min(this.#rows - 1, this.#row(maxY + 2));
      if (from > to) continue;
      for (let row = Math.max(0, this.#row(minY - 2)); row <= lastRow; row += 1) {
        this.#cells.fill(1, row * this.#columns + from, row * this.#columns + to + 1);
      }
    }
  }

  get byteLength(): number {
    return this.#cells.byteLength;
  }

  /** Whether the box of a step meets a cell with a thin fence. */
  meets(ax: number, ay: number, bx: number, by: number): boolean {
    const from = Math.max(0, this.#column(Math.min(ax, bx)));
    const to = Math.min(this.#columns - 1, this.#column(Math.max(ax, bx)));
    const lastRow = Math.min(this.#rows - 1, this.#row(Math.max(ay, by)));
    const firstRow = Math.max(0, this.#row(Math.min(ay, by)));
    // A leap over a city: looking is cheaper than walking through its cells.
    if ((to - from + 1) * (lastRow - firstRow + 1) > leapCells) return true;
    for (let row = firstRow; row <= lastRow; row += 1) {
      for (let column = from; column <= to; column += 1)
        if (this.#cells[row * this.#columns + column] === 1) return true;
    }
    return false;
  }

  /** Parts may reach beyond 32 bits: shifted by division. */
  #column(x: number): number {
    return Math.floor(x / this.#width) - this.#firstColumn;
  }

  #row(y: number): number {
    return Math.floor(y / this.#width) - this.#firstRow;
  }
}
