import type { FenceShape } from '@haulwatch/domain';
import type { CellTree } from './cell-tree.ts';
import { FenceGeometry, type FencePart } from './fence-parts.ts';
import { RootLists } from './root-lists.ts';
import { ThinFences, type ThinFencesData } from './thin-fences.ts';
import { TreeBuilder } from './tree-builder.ts';

/** A fence as the index needs it: who it is, so that a new version knows it again, and where it lies. */
export type IndexedFence = { readonly id: string; readonly shape: FenceShape };

/** A whole index in arrays: what a worker hands over. */
export type FenceIndexData = {
  readonly tree: CellTree;
  /** The fence of each slot, as its number in the list; -1: no longer there. */
  readonly numbers: Int32Array;
  readonly thin: ThinFencesData;
  /** How much of the former index was kept, for logs. */
  readonly keptRoots: number;
};

const lonMaxE7 = 1_800_000_000;
const latMaxE7 = 900_000_000;
/** Root cells are at most this wide (1.7 degrees) and at least (180 m). */
const rootShiftMax = 24;
const rootShiftMin = 14;
/** Words of replaced cells that an index may carry along before it is built anew, as a share of its size. */
const rubbishShareMax = 0.5;

/** Root cells for so many fences: some eight each keep a root cell's lists short, and the grid small beside the rest. */
function rootCellsMax(fences: number): number {
  return Math.min(2 ** 21, Math.max(4_096, 8 * fences));
}

/**
 * Builds fence indices, one version after the other. Root cells that no change touches are taken over from the version
 * before, so that a new fence costs as much as it covers, not as much as the city.
 */
export class FenceIndexBuilder {
  #former: { readonly data: FenceIndexData; readonly fences: Map<string, Known>; words: number } | undefined;

  build(fences: readonly IndexedFence[]): FenceIndexData {
    return this.#update(fences) ?? this.#anew(fences);
  }

  #anew(fences: readonly IndexedFence[]): FenceIndexData {
    const geometry = new FenceGeometry();
    fences.forEach(({ shape }, slot) => geometry.add(slot, shape));
    const window = windowOf(geometry.parts, fences.length);
    const lists = new RootLists(window, geometry);
    for (let part = geometry.parts.length - 1; part >= 0; part -= 1) lists.add(part);
    const builder = new TreeBuilder(geometry);
    const roots = new Int32Array(window.columns * window.rows);
    buildRoots(builder, lists, window, roots);
    const numbers = Int32Array.from(fences, (_, slot) => slot);
    return this.#keep(fences, numbers, { window, roots, builder, geometry, keptRoots: 0 });
  }

  /** The new version out of the former one; undefined where that does not pay or does not fit. */
  #update(fences: readonly IndexedFence[]): FenceIndexData | undefined {
    const former = this.#former;
    if (former === undefined) return undefined;
    const { tree, numbers: formerNumbers } = former.data;
    const numbers = new Int32Array(formerNumbers.length + fences.length).fill(-1);
    let slots = formerNumbers.length;
    const changed: FencePart[] = [];
    const geometry = new FenceGeometry();
    const gone = new Map(former.fences);
    fences.forEach(({ id, shape }, number) => {
      const known = gone.get(id);
      if (known !== undefined && sameShape(known.shape, shape)) {
        gone.delete(id);
        numbers[known.slot] = number;
        geometry.add(known.slot, shape);
        return;
      }
      const added = geometry.parts.length;
      geometry.add(slots, shape);
      for (const part of geometry.parts.slice(added)) changed.push(part);
      numbers[slots++] = number;
    });
    const before = new FenceGeometry();
    for (const { slot, shape } of gone.values()) before.add(slot, shape);
    for (const part of before.parts) changed.push(part);
    if (!changed.every((part) => liesIn(part, tree))) return undefined;
    const wanted = touchedRoots(tree, changed);
    const lists = new RootLists(tree, geometry, wanted);
    const order = geometry.parts.map((part, i) => ({ part, i })).filter(({ part }) => touches(part, tree, wanted));
    order.sort((a, b) => b.part.slot - a.part.slot || b.i - a.i);
    for (const { i } of order) lists.add(i);
    const builder = new TreeBuilder(geometry, tree);
    const roots = tree.roots.slice();
    const keptRoots = buildRoots(builder, lists, tree, roots, wanted);
    const rubbish = builder.cells.length - former.words;
    if (rubbish > former.words * rubbishShareMax) return undefined;
    return this.#keep(fences, numbers.slice(0, slots), { window: tree, roots, builder, geometry, keptRoots });
  }

  #keep(fences: readonly IndexedFence[], numbers: Int32Array, built: Built): FenceIndexData {
    const { window, roots, builder, geometry, keptRoots } = built;
    const { rootShift, firstColumn, firstRow, columns, rows } = window;
    const tree: CellTree = {
      rootShift,
      firstColumn,
      firstRow,
      columns,
      rows,
      roots,
      cells: builder.cells.packed(),
      setStarts: builder.sets.starts.packed(),
      setSlots: builder.sets.slots.packed(),
      setPrints: builder.sets.prints.packed(),
      metres: Float64Array.from(builder.metres),
    };
    const thin = ThinFences.gather(geometry);
    const data: FenceIndexData = { tree, numbers, thin, keptRoots };
    const known = new Map<string, Known>();
    numbers.forEach((number, slot) => {
      const fence = fences[number];
      if (fence !== undefined) known.set(fence.id, { slot, shape: fence.shape });
    });
    const words = keptRoots === 0 ? tree.cells.length : this.#former!.words;
    this.#former = { data, fences: known, words };
    return data;
  }
}

type Known = { readonly slot: number; readonly shape: FenceShape };
type Window = Pick<CellTree, 'rootShift' | 'firstColumn' | 'firstRow' | 'columns' | 'rows'>;
type Built = {
  readonly window: Window;
  readonly roots: Int32Array;
  readonly builder: TreeBuilder;
  readonly geometry: FenceGeometry;
  readonly keptRoots: number;
};

/** Builds the root cells that are wanted into `roots`; returns how many were left as they are. */
function buildRoots(
  builder: TreeBuilder,
  lists: RootLists,
  { rootShift, firstColumn, firstRow, columns }: Window,
  roots: Int32Array,
  wanted?: Uint8Array,
): number {
  const size = 2 ** rootShift;
  let kept = 0;
  for (let root = 0; root < roots.length; root += 1) {
    if (wanted !== undefined && wanted[root] === 0) {
      kept += 1;
      continue;
    }
    const x0 = (firstColumn + (root % columns)) * size;
    const y0 = (firstRow + Math.floor(root / columns)) * size;
    roots[root] = builder.root(lists, root, x0, y0, rootShift);
  }
  return kept;
}

/** The root grid over everything that a point can lie in, its cells as small as their number allows. */
function windowOf(parts: readonly FencePart[], fences: number): Window {
  const minX = Math.max(-lonMaxE7, Math.min(lonMaxE7, ...minimaOf(parts, 'minX')));
  const minY = Math.max(-latMaxE7, Math.min(latMaxE7, ...minimaOf(parts, 'minY')));
  const maxX = Math.min(lonMaxE7, -Math.min(lonMaxE7, ...minimaOf(parts, 'maxX')));
  const maxY = Math.min(latMaxE7, -Math.min(latMaxE7, ...minimaOf(parts, 'maxY')));
  if (parts.length === 0 || minX > maxX || minY > maxY) {
    return { rootShift: rootShiftMax, firstColumn: 0, firstRow: 0, columns: 1, rows: 1 };
  }
  for (let rootShift = rootShiftMin; ; rootShift += 1) {
    const size = 2 ** rootShift;
    // One cell more all around: an edge on the rim is in its neighbours' lists too.
    const firstColumn = Math.floor(minX / size) - 1;
    const firstRow = Math.floor(minY / size) - 1;
    const columns = Math.floor(maxX / size) + 2 - firstColumn;
    const rows = Math.floor(maxY / size) + 2 - firstRow;
    if (columns * rows <= rootCellsMax(fences) || rootShift === rootShiftMax) {
      return { rootShift, firstColumn, firstRow, columns, rows };
    }
  }
}

/** The least value over the parts, as a list of one: of the maxima their negative, so that one function serves both. */
function minimaOf(parts: readonly FencePart[], side: 'minX' | 'minY' | 'maxX' | 'maxY'): [number] {
  let least = Infinity;
  for (const part of parts) least = Math.min(least, side.startsWith('max') ? -part[side] : part[side]);
  return [least];
}

type Rootish = { readonly column: number; readonly row: number; readonly lastColumn: number; readonly lastRow: number };

function rootsOf(part: FencePart, { rootShift, firstColumn, firstRow, columns, rows }: Window): Rootish {
  const size = 2 ** rootShift;
  return {
    column: Math.max(0, Math.floor((part.minX - 2) / size) - firstColumn),
    row: Math.max(0, Math.floor((part.minY - 2) / size) - firstRow),
    lastColumn: Math.min(columns - 1, Math.floor((part.maxX + 2) / size) - firstColumn),
    lastRow: Math.min(rows - 1, Math.floor((part.maxY + 2) / size) - firstRow),
  };
}

function touchedRoots(window: Window, parts: readonly FencePart[]): Uint8Array {
  const touched = new Uint8Array(window.columns * window.rows);
  for (const part of parts) {
    const { column, row, lastColumn, lastRow } = rootsOf(part, window);
    for (let at = row; at <= lastRow; at += 1) {
      if (column <= lastColumn) touched.fill(1, at * window.columns + column, at * window.columns + lastColumn + 1);
    }
  }
  return touched;
}

function touches(part: FencePart, window: Window, wanted: Uint8Array): boolean {
  const { column, row, lastColumn, lastRow } = rootsOf(part, window);
  for (let at = row; at <= lastRow; at += 1) {
    for (let x = column; x <= lastColumn; x += 1) if (wanted[at * window.columns + x] === 1) return true;
  }
  return false;
}

/** Whether all of a part that points can reach lies in the window. */
function liesIn(part: FencePart, { rootShift, firstColumn, firstRow, columns, rows }: Window): boolean {
  const size = 2 ** rootShift;
  const minX = Math.max(-lonMaxE7, part.minX);
  const maxX = Math.min(lonMaxE7, part.maxX);
  if (minX > maxX) return true;
  return (
    Math.floor(minX / size) >= firstColumn &&
    Math.floor(maxX / size) < firstColumn + columns &&
    Math.floor(Math.max(-latMaxE7, part.minY) / size) >= firstRow &&
    Math.floor(Math.min(latMaxE7, part.maxY) / size) < firstRow + rows
  );
}

function sameShape(a: FenceShape, b: FenceShape): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
