import type { Fence, FenceShape } from '@haulwatch/domain';
import { nodePlace, type RoadNet } from './road-net.ts';
import { insideRing, offsetM, type Place } from './shanghai.ts';

/** Where on the net a zone lies. */
export type ZoneCover = {
  /** 1 for each half-edge that leads through the zone. */
  readonly through: Uint8Array;
  /** The half-edge that leads from a node towards the zone, and inside it onwards through it; -1: none does. */
  readonly inward: Int32Array;
  /** The half-edge that leads from a node out of the zone by the shortest way; -1: none does. */
  readonly outward: Int32Array;
};

/** A road is looked at every so many metres; a zone that a road crosses on less is not seen. */
const sampleStepM = 20;

/** Which half-edges lead through the shape or pass it closer than `marginM`. */
export function halfEdgesTouching(net: RoadNet, shape: FenceShape, marginM: number): Uint8Array {
  const touching = new Uint8Array(net.halfEdgeCount);
  const near = reachOf(shape);
  for (let edge = 0; edge < net.halfEdgeCount; edge += 1) {
    const twin = net.twin[edge] ?? 0;
    if (twin < edge) {
      touching[edge] = touching[twin] ?? 0;
      continue;
    }
    const [eastM, northM] = offsetM(near.centre, halfEdgePlace(net, edge, 0));
    const lengthM = net.lengthM[edge] ?? 0;
    if (Math.sqrt(eastM * eastM + northM * northM) > near.radiusM + lengthM + marginM) continue;
    for (let metre = 0; metre <= lengthM; metre += sampleStepM) {
      if (!insideShape(shape, halfEdgePlace(net, edge, metre), marginM)) continue;
      touching[edge] = 1;
      break;
    }
  }
  return touching;
}

/** The ways into a zone and out of it, by the number of junctions. */
export function coverZone(net: RoadNet, zone: Fence): ZoneCover {
  const through = halfEdgesTouching(net, zone.shape, 0);
  return { through, inward: leadTo(net, through, 1), outward: leadTo(net, through, 0) };
}

/** Metres from the tail of a half-edge to the place where it enters the shape; its length if it does not. */
export function metresToEntry(net: RoadNet, edge: number, shape: FenceShape): number {
  const lengthM = net.lengthM[edge] ?? 0;
  for (let metre = 0; metre <= lengthM; metre += sampleStepM) {
    if (insideShape(shape, halfEdgePlace(net, edge, metre), 0)) return metre;
  }
  return lengthM;
}

/** Inside the shape or closer to its outline than `marginM`. */
export function insideShape(shape: FenceShape, place: Place, marginM: number): boolean {
  if (shape.kind === 'circle') {
    const [eastM, northM] = offsetM(shape.centre, place);
    return Math.sqrt(eastM * eastM + northM * northM) <= shape.radiusM + marginM;
  }
  if (shape.kind === 'corridor') return metresToPath(shape.line, place) <= shape.halfWidthM + marginM;
  return shape.polygons.some((rings) => {
    const [outer, ...holes] = rings;
    if (outer === undefined) return false;
    const inside = insideRing(outer, ...place) && !holes.some((hole) => insideRing(hole, ...place));
    return inside || (marginM > 0 && rings.some((ring) => metresToPath(ring, place) < marginM));
  });
}

/** To a ring, which is closed, or to a line. */
function metresToPath(path: readonly Place[], place: Place): number {
  let least = Infinity;
  let [before] = path;
  for (const corner of path) {
    if (before !== undefined) least = Math.min(least, metresToSegment(before, corner, place));
    before = corner;
  }
  return least;
}

function metresToSegment(from: Place, to: Place, place: Place): number {
  const [alongEastM, alongNorthM] = offsetM(from, to);
  const [eastM, northM] = offsetM(from, place);
  const length2 = alongEastM * alongEastM + alongNorthM * alongNorthM;
  const share = length2 === 0 ? 0 : Math.min(1, Math.max(0, (eastM * alongEastM + northM * alongNorthM) / length2));
  const [offEastM, offNorthM] = [eastM - share * alongEastM, northM - share * alongNorthM];
  return Math.sqrt(offEastM * offEastM + offNorthM * offNorthM);
}

/** A circle that holds the shape, so that most roads need no closer look. */
function reachOf(shape: FenceShape): { readonly centre: Place; readonly radiusM: number } {
  if (shape.kind === 'circle') return shape;
  const corners = shape.kind === 'corridor' ? shape.line : shape.polygons.flatMap((rings) => rings[0] ?? []);
  const centre = corners[0] ?? [0, 0];
  let farthestM = 0;
  for (const corner of corners) farthestM = Math.max(farthestM, Math.hypot(...offsetM(centre, corner)));
  return { centre, radiusM: farthestM + (shape.kind === 'corridor' ? shape.halfWidthM : 0) };
}

function halfEdgePlace(net: RoadNet, edge: number, metre: number): Place {
  const from = nodePlace(net, net.tail[edge] ?? 0);
  const to = nodePlace(net, net.head[edge] ?? 0);
  const share = metre / (net.lengthM[edge] ?? 1);
  return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
}

/** From each node the half-edge to take so as to drive soon on one whose mark is `wanted`: breadth-first, backwards. */
function leadTo(net: RoadNet, marks: Uint8Array, wanted: 0 | 1): Int32Array {
  const lead = new Int32Array(net.nodeCount).fill(-1);
  const reached: number[] = [];
  for (let edge = 0; edge < net.halfEdgeCount; edge += 1) {
    const node = net.tail[edge] ?? 0;
    if (marks[edge] !== wanted || lead[node] !== -1) continue;
    lead[node] = edge;
    reached.push(node);
  }
  for (const node of reached) {
    for (let edge = net.firstHalfEdge[node] ?? 0; edge < (net.firstHalfEdge[node + 1] ?? 0); edge += 1) {
      const neighbour = net.head[edge] ?? 0;
      if (lead[neighbour] !== -1) continue;
      lead[neighbour] = net.twin[edge] ?? 0;
      reached.push(neighbour);
    }
  }
  return lead;
}
