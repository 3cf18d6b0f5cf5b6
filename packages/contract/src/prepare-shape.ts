import { toE7, type Datum, type FenceShape } from '@haulwatch/domain';
import { area } from '@turf/area';
import { lineString, polygon } from '@turf/helpers';
import { simplify } from '@turf/simplify';
import {
  cleanRing,
  movedNear,
  onLattice,
  renumbered,
  ringHolds,
  toDegrees,
  unwrapped,
  withinLimit,
  withoutRepeats,
  type LatticePoint,
  type Outline,
} from './lattice-ring.ts';
import type { Problem } from './problem.ts';
import { crossingIn, type Crossing } from './ring-crossing.ts';

/** As a file writes it: an altitude may follow. */
export type WrittenPosition = readonly [number, number, ...number[]];
type WrittenRings = readonly (readonly WrittenPosition[])[];

/** How the outlines of a fence are to be read. */
export type Preparation = { readonly datum: Datum; readonly simplifyM: number | undefined };

/** What is prepared, or what is wrong with it: paths begin at the geometry's coordinates. */
export type Prepared<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Vertices of a fence. Looking for crossings is quadratic: 2,000 vertices cost some 40 ms. At worst each edge meets each
 * other one, and turf lists 2 million places: 2 s and half a gigabyte, which is as much as a process can bear.
 */
const verticesMax = 2_000;

/** Vertices as written, before simplifyM: simplifying recurses, at worst once a vertex. */
const verticesWrittenMax = 5_000;

/** No fix says where a lorry is to a metre: a smaller area, in square metres, is a mistake of the drawing. */
const areaMinM2 = 1;

/** Degrees of latitude are the longest: a tolerance in them is at most as many metres. */
const e7PerMetre = toE7(1) / 111_195;

/** Rings that are valid and say no more than they must, on the lattice, as the index will use them. */
export function preparePolygons(written: readonly WrittenRings[], how: Preparation): Prepared<Outline[][]> {
  const problems: Problem[] = [];
  const count = written.flat().reduce((sum, ring) => sum + ring.length - 1, 0);
  if (count > verticesWrittenMax) return failed([], tooMany(count, verticesWrittenMax));
  const placed = written.map((rings, index) => placePolygon(rings, how.datum, index, problems));
  if (problems.length > 0) return { ok: false, problems };
  const { simplifyM } = how;
  const simple = simplifyM === undefined ? placed : placed.map((rings) => rings.map(simplified(simplifyM)));
  const left = simple.flat().reduce((sum, { points }) => sum + points.length - 1, 0);
  if (left > verticesMax) return failed([], tooMany(left, verticesMax));
  for (const [index, rings] of simple.entries()) {
    const problem = crossingProblem(rings, placed[index] ?? rings, how) ?? areaProblem(rings) ?? holeProblem(rings);
    if (problem !== undefined) problems.push(inPolygon(problem, index, written.length));
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: simple };
}

export function polygonsShape(polygons: readonly (readonly Outline[])[]): FenceShape & { readonly kind: 'polygons' } {
  return { kind: 'polygons', polygons: polygons.map((rings) => rings.map(({ points }) => toDegrees(points))) };
}

/** A line may cross itself: a corridor is what lies near it. Only repeated vertices go, for its length stays as it is. */
export function prepareLine(written: readonly WrittenPosition[], how: Preparation): Prepared<[number, number][]> {
  if (written.length > verticesWrittenMax) return failed([], tooMany(written.length, verticesWrittenMax));
  const line = unwrapped(withoutRepeats(onLattice(written, how.datum)));
  const within = withinLimit(line);
  if (within === undefined) return failed([farthest(line)], reachesTooFar('lines of several fences'));
  const { points } = how.simplifyM === undefined ? within : simplified(how.simplifyM)(within);
  if (points.length > verticesMax) return failed([], tooMany(points.length, verticesMax));
  if (points.length < 2) return failed([0], 'all vertices of the line are one place: it leads nowhere');
  return { ok: true, value: toDegrees(points) };
}

/** The rings where they belong: converted, rounded, running on over the antimeridian, without needless vertices. */
function placePolygon(written: WrittenRings, datum: Datum, index: number, problems: Problem[]): Outline[] {
  const rings = written.map((ring) => unwrapped(onLattice(ring, datum)));
  const open = rings.findIndex(({ points }) => points[0]?.[0] !== points.at(-1)?.[0]);
  if (open !== -1) {
    const message = `${ringName(open)} goes once round the earth: longitudes must come back the way they went`;
    problems.push({ path: [index, open, steepest(written[open] ?? [])], message });
    return [];
  }
  const [first] = rings;
  const outer = first && withinLimit(first);
  if (outer === undefined) {
    const message = reachesTooFar('polygons of a MultiPolygon');
    problems.push({ path: [index, 0, first === undefined ? 0 : farthest(first)], message });
    return [];
  }
  return rings.map((ring, ringIndex) => {
    const clean = cleanRing(ringIndex === 0 ? outer : movedNear(ring, outer));
    if (clean !== undefined) return clean;
    problems.push({ path: [index, ringIndex], message: noArea(ringName(ringIndex)) });
    return ring;
  });
}

function simplified(toleranceM: number): (outline: Outline) => Outline {
  const options = { tolerance: toleranceM * e7PerMetre, highQuality: true, mutate: true };
  return (outline) => {
    const points = [...outline.points];
    const [first, last] = [points[0], points.at(-1)];
    const closed = points.length > 3 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
    const left = closed
      ? simplify(polygon([points]), options).geometry.coordinates[0]
      : simplify(lineString(points), options).geometry.coordinates;
    return renumbered(outline, left as LatticePoint[]);
  };
}

function crossingProblem(rings: readonly Outline[], before: readonly Outline[], how: Preparation): Problem | undefined {
  const crossing = crossingIn(rings);
  if (crossing === undefined) return undefined;
  const bySimplifying = how.simplifyM !== undefined && crossingIn(before) === undefined;
  const [, one] = crossing.edges;
  const text = crossingText(crossing);
  const message = bySimplifying
    ? `simplified by ${how.simplifyM} m ${text}: give it a smaller simplifyM`
    : `${text}: list the corners in the order in which one walks round the area, or draw two polygons`;
  return { path: [one.ring, one.from], message };
}

/** "the ring crosses itself near [121.5, 31.2], between vertices 0-1 and 2-3" */
export function crossingText({ nearDeg, edges: [one, other] }: Crossing): string {
  const near = `near [${nearDeg[0]}, ${nearDeg[1]}]`;
  if (one.ring === other.ring) {
    const subject = one.ring === 0 ? 'the ring' : ringName(one.ring);
    return `${subject} crosses itself ${near}, between vertices ${one.from}-${one.to} and ${other.from}-${other.to}`;
  }
  const edge = `between its vertices ${other.from}-${other.to} and ${one.from}-${one.to} of ${ringName(one.ring)}`;
  return `${ringName(other.ring)} crosses ${ringName(one.ring)} ${near}, ${edge}`;
}

function areaProblem(rings: readonly Outline[]): Problem | undefined {
  const areas = rings.map(areaM2);
  const index = areas.findIndex((one) => one < areaMinM2);
  if (index !== -1) return { path: [index], message: noArea(ringName(index)) };
  const [outer = 0, ...holes] = areas;
  if (holes.reduce((left, hole) => left - hole, outer) >= areaMinM2) return undefined;
  return { path: [0], message: 'its holes leave nothing of the polygon' };
}

export function areaM2({ points }: Outline): number {
  return area(polygon([toDegrees(points)]));
}

/** As no edges cross, a ring lies within another if its corners and the middles of its edges do. */
function holeProblem([outer, ...holes]: readonly Outline[]): Problem | undefined {
  if (outer === undefined) return undefined;
  for (const [index, hole] of holes.entries()) {
    const outside = firstOutside(hole, outer);
    if (outside !== undefined) {
      const message = `${ringName(index + 1)} reaches out of the outer ring at vertex ${outside}: draw it inside, or as a polygon of its own`;
      return { path: [index + 1, outside], message };
    }
    const around = holes.findIndex((other, n) => n !== index && firstOutside(hole, other) === undefined);
    if (around === -1) continue;
    const message = `${ringName(index + 1)} lies in ${ringName(around + 1)}: an island is a polygon of its own`;
    return { path: [index + 1], message };
  }
  return undefined;
}

function firstOutside({ points, vertices }: Outline, ring: Outline): number | undefined {
  const index = points.findIndex((point, at) => {
    const before = points[at - 1] ?? point;
    const middle: LatticePoint = [(point[0] + before[0]) / 2, (point[1] + before[1]) / 2];
    return !ringHolds(ring.points, point) || !ringHolds(ring.points, middle);
  });
  return index === -1 ? undefined : vertices[index];
}

/** The vertex farthest from Greenwich. */
function farthest({ points, vertices }: Outline): number {
  let at = 0;
  for (const [index, [x]] of points.entries()) if (Math.abs(x) > Math.abs(points[at]?.[0] ?? 0)) at = index;
  return vertices[at] ?? 0;
}

/** The vertex with the longest step of longitude before it. */
function steepest(ring: readonly WrittenPosition[]): number {
  const steps = ring.map(([lonDeg], index) => Math.abs(lonDeg - (ring[index - 1]?.[0] ?? lonDeg)));
  return steps.indexOf(Math.max(...steps));
}

function inPolygon(problem: Problem, index: number, count: number): Problem {
  const message = count === 1 ? problem.message : `polygon ${index}: ${problem.message}`;
  return { path: [index, ...problem.path], message };
}

function ringName(index: number): string {
  return index === 0 ? 'the outer ring' : `hole ${index}`;
}

function noArea(ring: string): string {
  return `${ring} has no area: less than ${areaMinM2} square metre`;
}

function tooMany(count: number, max: number): string {
  return `${count} vertices, at most ${max} are taken: give it a simplifyM (metres of tolerance), or simplify it where it was drawn`;
}

function reachesTooFar(parts: string): string {
  return `reaches too far over the antimeridian (a fence over it lies between longitudes 150 and 210): cut it at 180 into ${parts}`;
}

function failed(path: Problem['path'], message: string): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems: [{ path, message }] };
}
