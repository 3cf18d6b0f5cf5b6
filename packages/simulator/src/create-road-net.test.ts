import { describe, expect, test } from 'vitest';
import { createRoadNet } from './create-road-net.ts';
import { nodePlace, packRoadNet, roadClasses, type RoadNet } from './road-net.ts';
import { extent, offsetM } from './shanghai.ts';

const seeds = [0, 1, 7, 42, 4_294_967_295];

describe.each(seeds)('the road net of seed %i', (seed) => {
  const net = createRoadNet({ seed });

  test('leads from every node to every other', () => {
    expect(reachable(net, 0)).toBe(net.nodeCount);
    expect(net.nodeCount).toBeGreaterThan(500);
    expect(net.nodeCount).toBeLessThan(5_000);
  });

  test('has each road in both directions, with one length and class', () => {
    let faulty = 0;
    for (let edge = 0; edge < net.halfEdgeCount; edge += 1) {
      const twin = net.twin[edge] ?? -1;
      const sound =
        net.twin[twin] === edge &&
        net.head[twin] === net.tail[edge] &&
        net.tail[twin] === net.head[edge] &&
        net.lengthM[twin] === net.lengthM[edge] &&
        net.roadClass[twin] === net.roadClass[edge] &&
        net.speedKph[twin] === net.speedKph[edge];
      if (!sound) faulty += 1;
    }
    expect(faulty).toBe(0);
  });

  test('lists the half-edges of a node together', () => {
    for (let node = 0; node < net.nodeCount; node += 1) {
      const [first, end] = [net.firstHalfEdge[node] ?? -1, net.firstHalfEdge[node + 1] ?? -1];
      expect(end, `node ${node} is a dead place`).toBeGreaterThan(first);
      expect(net.tail.subarray(first, end).every((tail) => tail === node)).toBe(true);
    }
    expect(net.firstHalfEdge.at(-1)).toBe(net.halfEdgeCount);
  });

  test('lies in the extent of Shanghai and is as long as its nodes are apart', () => {
    expect(net.nodeLonDeg.every((lon) => lon >= extent.westDeg && lon <= extent.eastDeg)).toBe(true);
    expect(net.nodeLatDeg.every((lat) => lat >= extent.southDeg && lat <= extent.northDeg)).toBe(true);
    for (let edge = 0; edge < net.halfEdgeCount; edge += 1) {
      const apartM = Math.hypot(...offsetM(nodePlace(net, net.tail[edge] ?? 0), nodePlace(net, net.head[edge] ?? 0)));
      expect(net.lengthM[edge]).toBeCloseTo(Math.max(20, apartM), 1);
    }
  });

  test('has every class of road, the faster the higher the class', () => {
    const speeds = roadClasses.map((_, code) => [...net.speedKph].filter((_kph, edge) => net.roadClass[edge] === code));
    expect(speeds.map((ofClass) => ofClass.length).every((count) => count > 50)).toBe(true);
    const [expressway = [], arterial = [], local = []] = speeds;
    expect(Math.min(...expressway)).toBeGreaterThan(Math.max(...arterial));
    expect(Math.min(...arterial)).toBeGreaterThan(Math.max(...local));
  });

  test('is drawn by the seed alone', () => {
    expect(createRoadNet({ seed })).toStrictEqual(net);
    expect(createRoadNet({ seed: seed ^ 1 }).nodeLonDeg).not.toStrictEqual(net.nodeLonDeg);
  });
});

test('packing keeps the largest part and one road between two nodes', () => {
  const road = (from: number, to: number) => ({ from, to, class: 'local', speedKph: 30 }) as const;
  const places = [0, 1, 2, 3, 4, 5].map((step) => [121 + step / 100, 31] as const);
  const net = packRoadNet(places, [road(0, 1), road(2, 3), road(3, 4), road(4, 3), road(3, 3)]);
  expect(net.nodeCount).toBe(3);
  expect(net.halfEdgeCount).toBe(4);
  expect([...net.nodeLonDeg]).toEqual([121.02, 121.03, 121.04]);
  expect([...net.headingDeg].sort((a, b) => a - b)).toEqual([90, 90, 270, 270]);
});

function reachable(net: RoadNet, start: number): number {
  const reached = new Set([start]);
  for (const node of reached) {
    for (let edge = net.firstHalfEdge[node] ?? 0; edge < (net.firstHalfEdge[node + 1] ?? 0); edge += 1) {
      reached.add(net.head[edge] ?? -1);
    }
  }
  return reached.size;
}
