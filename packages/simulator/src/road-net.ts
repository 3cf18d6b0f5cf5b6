import { offsetM, type Place } from './shanghai.ts';

/** In order of their codes in `RoadNet.roadClass`. */
export const roadClasses = ['expressway', 'arterial', 'local'] as const;
export type RoadClass = (typeof roadClasses)[number];

/**
 * A connected road net in flat arrays. A road between two nodes is two half-edges, one a direction; the half-edges
 * that leave node n are `firstHalfEdge[n]` to `firstHalfEdge[n + 1]` exclusive (compressed sparse rows).
 */
export type RoadNet = {
  readonly nodeCount: number;
  readonly halfEdgeCount: number;
  readonly nodeLonDeg: Float64Array;
  readonly nodeLatDeg: Float64Array;
  readonly firstHalfEdge: Uint32Array;
  readonly tail: Uint32Array;
  readonly head: Uint32Array;
  /** The half-edge of the same road the other way. */
  readonly twin: Uint32Array;
  readonly lengthM: Float32Array;
  /** 0-359, clockwise from north. */
  readonly headingDeg: Uint16Array;
  /** Index into `roadClasses`. */
  readonly roadClass: Uint8Array;
  /** How fast a lorry typically drives there when nothing is in its way. */
  readonly speedKph: Uint8Array;
};

/** A road of a draft between two of its nodes. */
export type Road = {
  readonly from: number;
  readonly to: number;
  readonly class: RoadClass;
  readonly speedKph: number;
};

/** Roads shorter than this are stretched, so that a vehicle passes a bounded number of nodes in one step. */
const lengthMinM = 20;
/** Far more than any net has: two node numbers fit into one number that is exact. */
const nodesMax = 0x100_0000;

/** Packs places and roads; what is not connected to the largest part, and a second road between two nodes, falls away. */
export function packRoadNet(places: readonly Place[], roads: readonly Road[]): RoadNet {
  const newNode = numberLargestPart(places.length, roads);
  const kept = distinctRoads(roads).filter((road) => newNode[road.from] !== -1);
  const nodeCount = newNode.reduce((count, node) => Math.max(count, node + 1), 0);
  const net = allocate(nodeCount, kept.length * 2);
  for (const [old, place] of places.entries()) {
    const node = newNode[old] ?? -1;
    if (node < 0) continue;
    net.nodeLonDeg[node] = place[0];
    net.nodeLatDeg[node] = place[1];
  }
  const next = countRows(net, kept, newNode);
  for (const road of kept) {
    const from = newNode[road.from] ?? 0;
    const to = newNode[road.to] ?? 0;
    const there = next[from] ?? 0;
    next[from] = there + 1;
    const back = next[to] ?? 0;
    next[to] = back + 1;
    writeHalfEdge(net, there, { from, to, twin: back, road });
    writeHalfEdge(net, back, { from: to, to: from, twin: there, road });
  }
  return net;
}

/** The place of a node. */
export function nodePlace(net: RoadNet, node: number): Place {
  return [net.nodeLonDeg[node] ?? 0, net.nodeLatDeg[node] ?? 0];
}

function allocate(nodeCount: number, halfEdgeCount: number): RoadNet {
  return {
    nodeCount,
    halfEdgeCount,
    nodeLonDeg: new Float64Array(nodeCount),
    nodeLatDeg: new Float64Array(nodeCount),
    firstHalfEdge: new Uint32Array(nodeCount + 1),
    tail: new Uint32Array(halfEdgeCount),
    head: new Uint32Array(halfEdgeCount),
    twin: new Uint32Array(halfEdgeCount),
    lengthM: new Float32Array(halfEdgeCount),
    headingDeg: new Uint16Array(halfEdgeCount),
    roadClass: new Uint8Array(halfEdgeCount),
    speedKph: new Uint8Array(halfEdgeCount),
  };
}

/** Fills `firstHalfEdge` and returns where the next half-edge of each node goes. */
function countRows(net: RoadNet, roads: readonly Road[], newNode: Int32Array): Uint32Array {
  for (const road of roads) {
    for (const end of [road.from, road.to]) {
      const row = (newNode[end] ?? 0) + 1;
      net.firstHalfEdge[row] = (net.firstHalfEdge[row] ?? 0) + 1;
    }
  }
  for (let node = 0; node < net.nodeCount; node += 1) {
    net.firstHalfEdge[node + 1] = (net.firstHalfEdge[node + 1] ?? 0) + (net.firstHalfEdge[node] ?? 0);
  }
  return net.firstHalfEdge.slice(0, net.nodeCount);
}

type HalfEdge = {
  readonly from: number;
  readonly to: number;
  readonly twin: number;
  readonly road: Road;
};

function writeHalfEdge(net: RoadNet, at: number, edge: HalfEdge): void {
  const [eastM, northM] = offsetM(nodePlace(net, edge.from), nodePlace(net, edge.to));
  net.tail[at] = edge.from;
  net.head[at] = edge.to;
  net.twin[at] = edge.twin;
  net.lengthM[at] = Math.max(lengthMinM, Math.sqrt(eastM * eastM + northM * northM));
  net.headingDeg[at] = (Math.round((Math.atan2(eastM, northM) * 180) / Math.PI) + 360) % 360;
  net.roadClass[at] = roadClasses.indexOf(edge.road.class);
  net.speedKph[at] = edge.road.speedKph;
}

function distinctRoads(roads: readonly Road[]): Road[] {
  const byEnds = new Map<number, Road>();
  for (const road of roads) {
    const ends = Math.min(road.from, road.to) * nodesMax + Math.max(road.from, road.to);
    if (road.from !== road.to && !byEnds.has(ends)) byEnds.set(ends, road);
  }
  return [...byEnds.values()];
}

/** The new number of each node of the largest connected part, -1 for the others. */
function numberLargestPart(nodeCount: number, roads: readonly Road[]): Int32Array {
  const neighbours = Array.from({ length: nodeCount }, (): number[] => []);
  for (const road of roads) {
    neighbours[road.from]?.push(road.to);
    neighbours[road.to]?.push(road.from);
  }
  const seen = new Uint8Array(nodeCount);
  let largest: number[] = [];
  for (let start = 0; start < nodeCount; start += 1) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    const part = [start];
    for (const node of part) {
      for (const neighbour of neighbours[node] ?? []) {
        if (seen[neighbour] === 1) continue;
        seen[neighbour] = 1;
        part.push(neighbour);
      }
    }
    if (part.length > largest.length) largest = part;
  }
  const newNode = new Int32Array(nodeCount).fill(-1);
  for (const [number, node] of largest.sort((a, b) => a - b).entries()) newNode[node] = number;
  return newNode;
}
