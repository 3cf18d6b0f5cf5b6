import { multiPolygon } from '@turf/helpers';
import type { Ring } from '@haulwatch/domain';
import { fenceProblem, type FenceGrowth } from './fence-file.ts';
import { cleanRing, movedNear, onLattice, unwrapped, withinLimit, type Outline } from './lattice-ring.ts';
import { areaM2, crossingText, polygonsShape } from './prepare-shape.ts';
import type { Problem } from './problem.ts';
import { crossingIn } from './ring-crossing.ts';

export type GrownFence =
  | { readonly ok: true; readonly polygons: readonly (readonly Ring[])[] }
  | { readonly ok: false; readonly problem: Problem };

/**
 * An edge of a fence is straight in degrees, for turf's buffer it is straight on the ground; over 5 km of it the two
 * lie 0.3 m apart, less than the least `bufferM`. So longer edges are cut.
 */
const edgeMaxDeg = 0.05;

/**
 * The fence grown by its `bufferM`: round at its corners, with chords that lie at most 0.5 % of it inside the circle.
 * It takes seconds where vertices are many: call it in a worker, with a time limit. turf's buffer is loaded here
 * alone, since nothing else needs its megabyte of code.
 */
export async function growFence({ index, fenceId, polygons, bufferM }: FenceGrowth): Promise<GrownFence> {
  const failed = (why: string): GrownFence => ({
    ok: false,
    problem: fenceProblem(index, fenceId, ['properties', 'bufferM'], `could not be grown by ${bufferM} m: ${why}`),
  });
  const { buffer } = await import('@turf/buffer');
  const fine = multiPolygon(polygons.map((rings) => rings.map(withShortEdges)));
  let grown: ReturnType<typeof buffer>;
  try {
    grown = buffer(fine, bufferM, { units: 'meters' });
  } catch (error) {
    return failed(String(error));
  }
  if (grown === undefined) return failed('turf found no area around it');
  const { geometry } = grown;
  const written = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const placed = written.map((rings) => placeGrown(rings as [number, number][][]));
  const crossing = placed.map(crossingIn).find((one) => one !== undefined);
  if (crossing !== undefined) return failed(`${crossingText(crossing)}; give it a simplifyM`);
  if (placed.some((rings) => rings.length === 0)) return failed('it would reach too far over the antimeridian');
  return { ok: true, polygons: polygonsShape(placed).polygons };
}

/** On the lattice again. A hole that has all but closed is left out; so is a polygon beyond the limit of longitudes. */
function placeGrown(rings: readonly [number, number][][]): Outline[] {
  const placed: Outline[] = [];
  for (const ring of rings) {
    const [outer] = placed;
    const outline = unwrapped(onLattice(ring, 'WGS-84'));
    const moved = outer === undefined ? withinLimit(outline) : movedNear(outline, outer);
    const clean = moved && cleanRing(moved);
    if (outer === undefined && clean === undefined) return [];
    if (clean !== undefined && (outer === undefined || areaM2(clean) >= 1)) placed.push(clean);
  }
  return placed;
}

function withShortEdges(ring: Ring): [number, number][] {
  return ring.flatMap(([lonDeg, latDeg], index) => {
    const [lonBefore, latBefore] = ring[index - 1] ?? [lonDeg, latDeg];
    const [dLon, dLat] = [lonDeg - lonBefore, latDeg - latBefore];
    const parts = Math.max(1, Math.ceil(Math.max(Math.abs(dLon), Math.abs(dLat)) / edgeMaxDeg));
    return Array.from({ length: parts }, (_, part): [number, number] => {
      const share = (part + 1) / parts;
      return share === 1 ? [lonDeg, latDeg] : [lonBefore + share * dLon, latBefore + share * dLat];
    });
  });
}
