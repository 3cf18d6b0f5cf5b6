import type { Random } from './random.ts';

/** Corners x, y, x, y ... on the 1e-7 lattice, not closed. */
export type LatticeRing = Int32Array;
/** The outer ring, then holes. */
export type LatticePolygon = readonly LatticeRing[];

export type Box = { readonly minX: number; readonly minY: number; readonly maxX: number; readonly maxY: number };

/** Of a tile's width, how far a corner strays: chords of borders then keep below a slope of 0.32. */
const strayShare = 0.12;
/** How steep a border may run against its chord. 0.32 + 0.6 stays below 1, so that a row's and a column's border never meet. */
const steepMax = 0.6;

/**
 * Cuts a box into columns x rows of polygons that share their borders corner by corner: districts, towns. Borders are
 * fractal lines. Each runs strictly east or strictly north and keeps within its own lozenge between two corners, so that
 * none crosses itself or another.
 */
export function jaggedTiles(
  box: Box,
  columns: number,
  rows: number,
  verticesPerTile: number,
  random: Random,
): LatticePolygon[] {
  const nodes = strayedNodes(box, columns, rows, random);
  const steps = Math.max(1, Math.round(verticesPerTile / 4));
  const node = (column: number, row: number): Node => nodes[row * (columns + 1) + column]!;
  const borders = (count: number, line: (index: number) => Border): Border[] =>
    Array.from({ length: count }, (_, i) => line(i));
  const east = borders(columns * (rows + 1), (i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const straight = row === 0 || row === rows;
    return border(node(column, row), node(column + 1, row), steps, straight ? undefined : random);
  });
  const north = borders((columns + 1) * rows, (i) => {
    const [column, row] = [i % (columns + 1), Math.floor(i / (columns + 1))];
    const straight = column === 0 || column === columns;
    const line = border(turned(node(column, row)), turned(node(column, row + 1)), steps, straight ? undefined : random);
    return line.map(turned);
  });
  const tiles: LatticePolygon[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const west = row * (columns + 1) + column;
      tiles.push([
        ringOf([
          east[row * columns + column]!,
          north[west + 1]!,
          east[(row + 1) * columns + column]!.toReversed(),
          north[west]!.toReversed(),
        ]),
      ]);
    }
  }
  return tiles;
}

type Node = readonly [number, number];
type Border = readonly Node[];

/** The corners of the tiles: those on the box's own border stay where they are. */
function strayedNodes(box: Box, columns: number, rows: number, random: Random): Node[] {
  const width = (box.maxX - box.minX) / columns;
  const height = (box.maxY - box.minY) / rows;
  const nodes: Node[] = [];
  for (let row = 0; row <= rows; row += 1) {
    for (let column = 0; column <= columns; column += 1) {
      const dx = random.between(-strayShare, strayShare) * width;
      const dy = random.between(-strayShare, strayShare) * height;
      const x = box.minX + column * width + (column === 0 || column === columns ? 0 : dx);
      const y = box.minY + row * height + (row === 0 || row === rows ? 0 : dy);
      nodes.push([Math.round(x), Math.round(y)]);
    }
  }
  return nodes;
}

function turned([x, y]: Node): Node {
  return [y, x];
}

/** A line from west to east in equal steps; without chance a straight one. */
function border(from: Node, to: Node, steps: number, random: Random | undefined): Border {
  const width = to[0] - from[0];
  const off = new Float64Array(steps + 1);
  if (random !== undefined) displace(off, 0, steps, width * 0.25, random);
  return Array.from(off, (dy, i): Node => {
    const t = i / steps;
    const reach = steepMax * width * Math.min(t, 1 - t);
    const chord = from[1] + (to[1] - from[1]) * t;
    return [Math.round(from[0] + width * t), Math.round(chord + Math.max(-reach, Math.min(reach, dy)))];
  });
}

/** Midpoint displacement: half as far at each halving of the step. */
function displace(off: Float64Array, from: number, to: number, reach: number, random: Random): void {
  if (to - from < 2) return;
  const middle = (from + to) >> 1;
  off[middle] = (off[from]! + off[to]!) / 2 + random.between(-reach, reach);
  displace(off, from, middle, reach / 2, random);
  displace(off, middle, to, reach / 2, random);
}

/** One ring of borders that follow each other; each leaves its last corner to the next. */
function ringOf(borders: readonly Border[]): LatticeRing {
  return Int32Array.from(borders.flatMap((line) => line.slice(0, -1).flat()));
}
