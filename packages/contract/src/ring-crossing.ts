import { fromE7 } from '@haulwatch/domain';
import { polygon } from '@turf/helpers';
import { kinks } from '@turf/kinks';
import { sideOf, type LatticePoint, type Outline } from './lattice-ring.ts';

/** Two edges that cross: each by its ring's number and the numbers of its two vertices in the file. */
export type Crossing = {
  readonly nearDeg: readonly [number, number];
  readonly edges: readonly [CrossingEdge, CrossingEdge];
};
type CrossingEdge = { readonly ring: number; readonly from: number; readonly to: number };

type Edge = CrossingEdge & { readonly a: LatticePoint; readonly b: LatticePoint; readonly next: LatticePoint };

/**
 * The first place where the rings of a polygon cross themselves or each other. Inside is even-odd, the boundary is
 * closed: a ring that only touches itself (a corner on another corner or edge, or a cut along which it runs there and
 * back) says the same whichever way it is read, so that is allowed. Where edges cross it is not clear what was meant.
 *
 * turf's kinks finds where rings meet at all, as a rule nowhere; only then the edges are looked at, to tell a crossing
 * from a touch and to name it.
 */
export function crossingIn(rings: readonly Outline[]): Crossing | undefined {
  const meetings = kinks(polygon(rings.map(({ points }) => [...points])));
  if (meetings.features.length === 0) return undefined;
  const edges = rings.flatMap(edgesOf);
  for (const [index, one] of edges.entries()) {
    for (const other of edges.slice(0, index)) {
      if (!cross(one, other) && !leadsThrough(one, other) && !leadsThrough(other, one)) continue;
      return { nearDeg: meetingDeg(one, other), edges: [other, one] };
    }
  }
  return undefined;
}

function edgesOf({ points, vertices }: Outline, ring: number): Edge[] {
  const edges: Edge[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    edges.push({
      ring,
      from: vertices[i]!,
      to: vertices[i + 1]!,
      a: points[i]!,
      b: points[i + 1]!,
      // The ring is closed: after its last point comes its second.
      next: points[i + 2] ?? points[1]!,
    });
  }
  return edges;
}

/** Each has its ends on both sides of the other. */
function cross(one: Edge, other: Edge): boolean {
  return (
    sideOf(one.a, one.b, other.a) * sideOf(one.a, one.b, other.b) < 0 &&
    sideOf(other.a, other.b, one.a) * sideOf(other.a, other.b, one.b) < 0
  );
}

/** The way leads through the edge with a corner exactly on it. */
function leadsThrough(way: Edge, edge: Edge): boolean {
  const { a, b } = edge;
  if (sideOf(a, b, way.b) !== 0 || sideOf(a, b, way.a) * sideOf(a, b, way.next) >= 0) return false;
  return (way.b[0] - a[0]) * (way.b[0] - b[0]) + (way.b[1] - a[1]) * (way.b[1] - b[1]) < 0;
}

/** Where the lines meet, to six decimals: a tenth of a metre is near enough to find it on a map. */
function meetingDeg(one: Edge, other: Edge): [number, number] {
  const [dx, dy] = [one.b[0] - one.a[0], one.b[1] - one.a[1]];
  const [ex, ey] = [other.b[0] - other.a[0], other.b[1] - other.a[1]];
  const share = ((other.a[0] - one.a[0]) * ey - (other.a[1] - one.a[1]) * ex) / (dx * ey - dy * ex);
  const rounded = (e7: number): number => fromE7(Math.round(e7 / 10) * 10);
  return [rounded(one.a[0] + share * dx), rounded(one.a[1] + share * dy)];
}
