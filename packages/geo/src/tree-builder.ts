import { cellSide, sideOfCell } from './cell-geometry.ts';
import {
  childrenPerCell,
  entryTag,
  fanShift,
  leafHeaderWords,
  partHeaderWords,
  pureEntry,
  type CellTree,
  partBit,
  partLengthShift,
} from './cell-tree.ts';
import { partKind, type FenceGeometry } from './fence-parts.ts';
import { FenceSets } from './fence-sets.ts';
import { crossesColumn, crossesRowRightOf, shortSpanMax } from './orientation.ts';
import { PackedInts } from './packed-ints.ts';
import { holdsAllCount, itemAt, type RootLists } from './root-lists.ts';
import { sortFew } from './sort-few.ts';

/**
 * A cell with more edges than this is cut further: fewer make the index larger, more make a look-up longer. An index that is far
 * larger than the caches waits for memory rather than for tests: there smaller is faster.
 */
function edgesPerLeaf(parts: number): number {
  return parts > 50_000 ? 20 : 10;
}
/** Cells of 2^8 units, 2.8 m, are not cut further: more edges than that meet at one corner and would not part. */
const leafShiftMin = 8;

/** A stretch of `TreeBuilder.#stack`, and of the slots that hold the whole cell. */
type Cell = {
  readonly x0: number;
  readonly y0: number;
  readonly shift: number;
  readonly items: number;
  readonly itemsEnd: number;
  readonly holders: number;
  readonly holdersEnd: number;
};

/** Words of an item on the stack before its edges: part, inside, count. */
const itemWords = 3;

/** Cuts root cells into pure cells and leaves, and writes them down as `CellTree` has them. */
export class TreeBuilder {
  readonly cells: PackedInts;
  readonly sets: FenceSets;
  readonly metres: number[];
  readonly #geometry: FenceGeometry;
  readonly #edgesPerLeafMax: number;
  readonly #metreIndex = new Map<number, number>();
  /** Items of the cells that are being cut, the innermost last. */
  readonly #stack = new PackedInts(1 << 16);
  /** Slots of the fences that hold all of these cells. */
  readonly #holders = new PackedInts();
  #sorted = new Int32Array(64);

  constructor(geometry: FenceGeometry, former?: CellTree) {
    this.#geometry = geometry;
    this.#edgesPerLeafMax = edgesPerLeaf(geometry.parts.length);
    this.cells = new PackedInts(1 << 18);
    this.sets = new FenceSets(former);
    this.metres = [...(former?.metres ?? [])];
    for (const [index, value] of this.metres.entries()) this.#metreIndex.set(value, index);
    if (former !== undefined) {
      const at = this.cells.reserve(former.cells.length);
      this.cells.ints.set(former.cells, at);
    }
  }

  /** Builds a root cell from its list; returns its entry. */
  root(lists: RootLists, root: number, x0: number, y0: number, shift: number): number {
    this.#stack.length = 0;
    this.#holders.length = 0;
    const { ints } = lists.pool;
    for (let item = lists.heads[root]!; item >= 0; item = ints[item + itemAt.next]!) {
      const part = ints[item + itemAt.part]!;
      const count = ints[item + itemAt.count]!;
      if (count === holdsAllCount) {
        this.#holders.push(this.#geometry.parts[part]!.slot);
        continue;
      }
      const at = this.#stack.reserve(itemWords + count);
      this.#stack.ints[at] = part;
      this.#stack.ints[at + 1] = ints[item + itemAt.inside]!;
      this.#stack.ints[at + 2] = count;
      for (let i = 0; i < count; i += 1) this.#stack.ints[at + itemWords + i] = ints[item + itemAt.edges + i]!;
    }
    return this.#cell(x0, y0, shift, 0, 0);
  }

  /** The entry of the cell whose items and holders end the stacks. */
  #cell(x0: number, y0: number, shift: number, items: number, holders: number): number {
    this.#dropHeld(items, holders);
    const cell: Cell = {
      x0,
      y0,
      shift,
      items,
      itemsEnd: this.#stack.length,
      holders,
      holdersEnd: this.#holders.length,
    };
    const edges = this.#edgesIn(cell);
    if (edges === 0) return pureEntry(this.#setOf(cell), shift);
    if (edges <= this.#edgesPerLeafMax || shift - fanShift < leafShiftMin) return this.#leaf(cell);
    return this.#cut(cell);
  }

  #cut(cell: Cell): number {
    const children = this.cells.reserve(childrenPerCell);
    const shift = cell.shift - fanShift;
    for (let child = 0; child < childrenPerCell; child += 1) {
      const x0 = cell.x0 + (child & 3) * 2 ** shift;
      const y0 = cell.y0 + (child >> 2) * 2 ** shift;
      this.#stack.length = cell.itemsEnd;
      this.#holders.length = cell.holdersEnd;
      this.#holders.copyWithin(cell.holders, cell.holdersEnd);
      this.#narrow(cell, x0, y0, 2 ** shift);
      const entry = this.#cell(x0, y0, shift, cell.itemsEnd, cell.holdersEnd);
      // `cells` may have grown into another array meanwhile.
      this.cells.ints[children + child] = entry;
    }
    return (children << 2) | entryTag.children;
  }

  /** Pushes what is left of a cell's items in one of its children. */
  #narrow(cell: Cell, x0: number, y0: number, size: number): void {
    for (let at = cell.items; at < cell.itemsEnd;) {
      const part = this.#geometry.parts[this.#stack.ints[at]!]!;
      const count = this.#stack.ints[at + 2]!;
      const item = this.#stack.reserve(itemWords + count);
      let kept = 0;
      let holdsAll = false;
      for (let i = 0; i < count && !holdsAll; i += 1) {
        const edge = this.#stack.ints[at + itemWords + i]!;
        const side = sideOfCell(this.#geometry, part, edge, x0, y0, size);
        if (side === cellSide.holdsAll) holdsAll = true;
        else if (side === cellSide.passes) this.#stack.ints[item + itemWords + kept++] = edge;
      }
      const inside = part.kind === partKind.polygon && this.#isInside(cell, at, x0, y0);
      if (holdsAll || (kept === 0 && inside)) this.#holders.push(part.slot);
      const isGone = holdsAll || kept === 0;
      this.#stack.length = isGone ? item : item + itemWords + kept;
      if (!isGone) {
        this.#stack.ints[item] = this.#stack.ints[at]!;
        this.#stack.ints[item + 1] = inside ? 1 : 0;
        this.#stack.ints[item + 2] = kept;
      }
      at += itemWords + count;
    }
  }

  /** Whether the reference point of a child, at (x0, y0), is inside the polygon of the cell's item. */
  #isInside(cell: Cell, item: number, x0: number, y0: number): boolean {
    const xy = this.#geometry.xy.ints;
    const { ints } = this.#stack;
    let inside = ints[item + 1] === 1;
    const end = item + itemWords + ints[item + 2]!;
    for (let at = item + itemWords; at < end; at += 1) {
      const edge = 2 * ints[at]!;
      const ax = xy[edge]!;
      const ay = xy[edge + 1]!;
      const bx = xy[edge + 2]!;
      const by = xy[edge + 3]!;
      if (crossesColumn(ax, ay, bx, by, cell.x0, cell.y0, y0)) inside = !inside;
      if (ay > y0 === by > y0) continue;
      if (crossesRowRightOf(ax, ay, bx, by, cell.x0, y0) && !crossesRowRightOf(ax, ay, bx, by, x0, y0))
        inside = !inside;
    }
    return inside;
  }

  /** A fence that holds the whole cell by one of its parts needs none of the others there. */
  #dropHeld(items: number, holders: number): void {
    if (holders === this.#holders.length) return;
    const { ints } = this.#stack;
    let to = items;
    for (let at = items; at < this.#stack.length;) {
      const words = itemWords + ints[at + 2]!;
      const slot = this.#geometry.parts[ints[at]!]!.slot;
      if (!this.#isHolder(slot, holders)) {
        ints.copyWithin(to, at, at + words);
        to += words;
      }
      at += words;
    }
    this.#stack.length = to;
  }

  #isHolder(slot: number, holders: number): boolean {
    for (let i = holders; i < this.#holders.length; i += 1) if (this.#holders.ints[i] === slot) return true;
    return false;
  }

  #edgesIn(cell: Cell): number {
    let edges = 0;
    for (let at = cell.items; at < cell.itemsEnd;) {
      const count = this.#stack.ints[at + 2]!;
      edges += count;
      at += itemWords + count;
    }
    return edges;
  }

  /** The set of the fences that hold the whole cell. */
  #setOf(cell: Cell): number {
    const held = cell.holdersEnd - cell.holders;
    if (held > this.#sorted.length) this.#sorted = new Int32Array(2 * held);
    const sorted = this.#sorted.subarray(0, held);
    sorted.set(this.#holders.ints.subarray(cell.holders, cell.holdersEnd));
    sortFew(sorted, held);
    let count = 0;
    for (const slot of sorted) if (count === 0 || sorted[count - 1] !== slot) sorted[count++] = slot;
    return this.sets.intern(sorted, count);
  }

  #leaf(cell: Cell): number {
    const leaf = this.cells.reserve(leafHeaderWords);
    const set = this.#setOf(cell);
    let parts = 0;
    for (let at = cell.items; at < cell.itemsEnd;) {
      const count = this.#stack.ints[at + 2]!;
      this.#leafPart(at, count);
      parts += 1;
      at += itemWords + count;
    }
    const { ints } = this.cells;
    ints[leaf] = (parts << 5) | cell.shift;
    ints[leaf + 1] = set;
    ints[leaf + 2] = this.sets.prints.ints[2 * set]!;
    ints[leaf + 3] = this.sets.prints.ints[2 * set + 1]!;
    return (leaf << 2) | entryTag.leaf;
  }

  #leafPart(item: number, count: number): void {
    const part = this.#geometry.parts[this.#stack.ints[item]!]!;
    const header = this.cells.reserve(partHeaderWords);
    if (part.kind !== partKind.polygon) this.cells.push(this.#metresIndex(part.reachM));
    if (part.kind === partKind.circle) this.#vertex(this.#stack.ints[item + itemWords]!);
    else this.#chains(item + itemWords, count);
    const inside = this.#stack.ints[item + 1]!;
    const length = this.cells.length - header - partHeaderWords;
    this.cells.ints[header] = part.slot;
    const long = part.kind === partKind.polygon && this.#hasLongEdge(item + itemWords, count) ? partBit.long : 0;
    this.cells.ints[header + 1] = part.kind | (inside * partBit.inside) | long | (length << partLengthShift);
  }

  #hasLongEdge(from: number, count: number): boolean {
    const xy = this.#geometry.xy.ints;
    for (let i = from; i < from + count; i += 1) {
      const edge = 2 * this.#stack.ints[i]!;
      const dx = Math.abs(xy[edge + 2]! - xy[edge]!);
      if (Math.max(dx, Math.abs(xy[edge + 3]! - xy[edge + 1]!)) > shortSpanMax) return true;
    }
    return false;
  }

  /** Edges that follow one another share their vertices. */
  #chains(from: number, count: number): void {
    for (let i = 0; i < count;) {
      const first = this.#stack.ints[from + i]!;
      let edges = 1;
      while (i + edges < count && this.#stack.ints[from + i + edges] === first + edges) edges += 1;
      this.cells.push(edges + 1);
      for (let vertex = first; vertex <= first + edges; vertex += 1) this.#vertex(vertex);
      i += edges;
    }
  }

  #vertex(vertex: number): void {
    const at = this.cells.reserve(2);
    this.cells.ints[at] = this.#geometry.xy.ints[2 * vertex]!;
    this.cells.ints[at + 1] = this.#geometry.xy.ints[2 * vertex + 1]!;
  }

  #metresIndex(metres: number): number {
    const known = this.#metreIndex.get(metres);
    if (known !== undefined) return known;
    const index = this.metres.push(metres) - 1;
    this.#metreIndex.set(metres, index);
    return index;
  }
}
