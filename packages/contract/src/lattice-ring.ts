import { fromE7, toE7, unwrappedLonMaxDeg, type Datum } from '@haulwatch/domain';
import { cleanCoords } from '@turf/clean-coords';
import { polygon } from '@turf/helpers';
import { gcj02ToWgs84 } from './gcj02.ts';

/** A place on the 1e-7 degree lattice: what the fence index computes with. turf takes it as any other position. */
export type LatticePoint = [x: number, y: number];

/** Points of a ring or line, each with the number (from 0) of the vertex in the file from which it comes. */
export type Outline = { readonly points: readonly LatticePoint[]; readonly vertices: readonly number[] };

const turnE7 = toE7(360);
const lonMaxE7 = toE7(unwrappedLonMaxDeg);
const latticeMaxE7 = 2 ** 31 - 1;

/** Products of differences up to 2^26 are below 2^53, so that signs of cross products are exact. 6.7 degrees. */
const exactSpanE7 = 2 ** 26;

/** Converts to WGS-84 where it must, once and for all, and rounds to the lattice. */
export function onLattice(positions: readonly (readonly [number, number, ...number[]])[], datum: Datum): Outline {
  const points = positions.map(([lonDeg, latDeg]): LatticePoint => {
    const [lon, lat] = datum === 'GCJ-02' ? gcj02ToWgs84(lonDeg, latDeg) : [lonDeg, latDeg];
    return [toE7(lon), toE7(lat)];
  });
  return { points, vertices: points.map((_, vertex) => vertex) };
}

export function toDegrees(points: readonly LatticePoint[]): [number, number][] {
  return points.map(([x, y]) => [fromE7(x), fromE7(y)]);
}

/**
 * Longitudes that run on where they were written 179, -179. No road is half the earth long, so a step of more than
 * 180 degrees between neighbours can only mean the short way over the antimeridian.
 */
export function unwrapped(outline: Outline): Outline {
  let shift = 0;
  let before = outline.points[0]?.[0] ?? 0;
  const points = outline.points.map(([x, y]): LatticePoint => {
    const step = x + shift - before;
    if (step > turnE7 / 2) shift -= turnE7;
    else if (step < -turnE7 / 2) shift += turnE7;
    before = x + shift;
    return [before, y];
  });
  return { ...outline, points };
}

/** The outline moved by whole turns into the limit of longitudes; undefined: it reaches too far either way. */
export function withinLimit(outline: Outline): Outline | undefined {
  const [westE7, eastE7] = extentE7(outline);
  const turn = [0, -turnE7, turnE7].find((one) => isWithinLimit(westE7 + one, eastE7 + one));
  return turn === undefined ? undefined : moved(outline, turn);
}

/**
 * One over the antimeridian is also looked at from the other side, 360 degrees away, and must stay on the 32-bit lattice
 * there too: between 150 and 210 degrees, or the same in the west, it does.
 */
function isWithinLimit(westE7: number, eastE7: number): boolean {
  if (westE7 < -lonMaxE7 || eastE7 > lonMaxE7) return false;
  const overEast = eastE7 > turnE7 / 2 && westE7 - turnE7 < -latticeMaxE7;
  const overWest = westE7 < -turnE7 / 2 && eastE7 + turnE7 > latticeMaxE7;
  return !overEast && !overWest;
}

/** The outline moved by whole turns to where it lies nearest to another: a hole is written apart from its outer ring. */
export function movedNear(outline: Outline, other: Outline): Outline {
  const middle = (of: Outline): number => extentE7(of).reduce((sum, x) => sum + x, 0) / 2;
  return moved(outline, Math.round((middle(other) - middle(outline)) / turnE7) * turnE7);
}

export function withoutRepeats({ points, vertices }: Outline): Outline {
  const kept = points.flatMap(([x, y], index) => {
    const before = points[index - 1];
    return before !== undefined && before[0] === x && before[1] === y ? [] : [index];
  });
  return { points: kept.map((index) => points[index]!), vertices: kept.map((index) => vertices[index]!) };
}

/**
 * The ring without the vertices that say nothing: repeated ones and those exactly between their neighbours. On whole
 * numbers turf decides that exactly, so that the boundary stays where it is; a ring too wide for that keeps all but
 * the repeated ones. undefined: nothing with an area is left.
 */
export function cleanRing(ring: Outline): Outline | undefined {
  const distinct = withoutRepeats(ring);
  const { points } = distinct;
  if (points.length < 4) return undefined;
  if (spanE7(points) > exactSpanE7) return distinct;
  try {
    return renumbered(distinct, cleanCoords(polygon([[...points]])).geometry.coordinates[0] as LatticePoint[]);
  } catch {
    // turf throws where fewer than three corners are left.
    return undefined;
  }
}

/** The numbers of the points that turf has left of an outline: they come in the outline's order. */
export function renumbered({ points, vertices }: Outline, left: readonly LatticePoint[]): Outline {
  let at = 0;
  const numbers = left.map(([x, y]) => {
    while (at < points.length && (points[at]![0] !== x || points[at]![1] !== y)) at += 1;
    return vertices[at];
  });
  // Where the first vertex has gone, the closing one is a copy of the second.
  return { points: left, vertices: numbers.map((number) => number ?? numbers[0] ?? 0) };
}

/** Which side of the line from a to b a point lies on: positive left, negative right, 0 on it. */
export function sideOf(a: LatticePoint, b: LatticePoint, [x, y]: LatticePoint): number {
  return Math.sign((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]));
}

/** Whether a point lies in a ring or on it (even-odd). Corners halfway between lattice points are exact as well. */
export function ringHolds(ring: readonly LatticePoint[], point: LatticePoint): boolean {
  const [x, y] = point;
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const a = ring[i - 1]!;
    const b = ring[i]!;
    const side = sideOf(a, b, point);
    if (side === 0 && (x - a[0]) * (x - b[0]) <= 0 && (y - a[1]) * (y - b[1]) <= 0) return true;
    if (a[1] > y !== b[1] > y && side > 0 === b[1] > a[1]) inside = !inside;
  }
  return inside;
}

function moved(outline: Outline, turn: number): Outline {
  return turn === 0 ? outline : { ...outline, points: outline.points.map(([x, y]) => [x + turn, y]) };
}

function extentE7({ points }: Outline): [west: number, east: number] {
  let [west, east] = [Infinity, -Infinity];
  for (const [x] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
  }
  return [west, east];
}

function spanE7(points: readonly LatticePoint[]): number {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return Math.max(east - west, north - south);
}
