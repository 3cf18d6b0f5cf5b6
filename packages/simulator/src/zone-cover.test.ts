import type { Fence, FenceShape } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { createRoadNet } from './create-road-net.ts';
import { demoZones } from './demo-zones.ts';
import { nodePlace } from './road-net.ts';
import { coverZone, halfEdgesTouching, insideShape } from './zone-cover.ts';

/** A square of 0.02 degrees with a hole of 0.01 in its middle; 0.01 degrees are 950 m east, 1,112 m north. */
const frame: FenceShape = {
  kind: 'polygons',
  polygons: [[square(121.4, 31.2, 0.02), square(121.4, 31.2, 0.01)]],
};
const circle: FenceShape = { kind: 'circle', centre: [121.4, 31.2], radiusM: 500 };
/** A kilometre east, then north. */
const corridor: FenceShape = {
  kind: 'corridor',
  line: [
    [121.4, 31.2],
    [121.41, 31.2],
    [121.41, 31.21],
  ],
  halfWidthM: 100,
};

test.each([
  ['in the frame', frame, [121.392, 31.2], 0, true],
  ['in its hole', frame, [121.4, 31.2], 0, false],
  ['outside', frame, [121.4105, 31.2], 0, false],
  ['outside, within the margin', frame, [121.4105, 31.2], 60, true],
  ['in the hole, within the margin of its rim', frame, [121.4048, 31.2], 60, true],
  ['in the circle', circle, [121.404, 31.2], 0, true],
  ['outside the circle', circle, [121.4055, 31.2], 0, false],
  ['outside the circle, within the margin', circle, [121.4055, 31.2], 60, true],
  ['beside the line, less than half the width', corridor, [121.405, 31.2008], 0, true],
  ['beside the line, farther', corridor, [121.405, 31.201], 0, false],
  ['beside the line, within the margin', corridor, [121.405, 31.201], 60, true],
  ['before its beginning, round', corridor, [121.3992, 31.2], 0, true],
  ['between its ends, where no line is', corridor, [121.405, 31.205], 0, false],
] as const)('%s', (_name, shape, place, marginM, inside) => {
  expect(insideShape(shape, place, marginM)).toBe(inside);
});

describe.each([0, 1, 7, 42])('the demo zones of seed %i', (seed) => {
  const net = createRoadNet({ seed });
  const zones = demoZones(seed);

  test('are named once each, closed, some at hours and the first always in force', () => {
    expect(new Set(zones.map((zone) => zone.id)).size).toBe(zones.length);
    expect(zones.length).toBeGreaterThanOrEqual(3);
    expect(zones[0]?.schedule).toEqual([]);
    expect(zones.some((zone) => zone.schedule.length > 0)).toBe(true);
    for (const { shape } of zones) {
      if (shape.kind !== 'polygons') continue;
      for (const ring of shape.polygons.flat()) expect(ring.at(-1)).toEqual(ring[0]);
    }
  });

  test.each(zones)('$id: a way leads in from everywhere, and out again', (zone: Fence) => {
    const cover = coverZone(net, zone);
    expect(cover.through.includes(1)).toBe(true);
    for (const start of [0, Math.floor(net.nodeCount / 2), net.nodeCount - 1]) {
      expect(steps(start, cover.inward, cover.through, 1)).toBeLessThan(200);
      expect(steps(start, cover.outward, cover.through, 0)).toBeLessThan(50);
    }
    expect(insideShape(zone.shape, nodePlace(net, insideNode(zone)), 0)).toBe(true);
  });

  test('are touched by more roads the wider the margin', () => {
    const count = (marginM: number): number =>
      zones.reduce((sum, zone) => sum + halfEdgesTouching(net, zone.shape, marginM).filter(Boolean).length, 0);
    expect(count(0)).toBeGreaterThan(0);
    expect(count(500)).toBeGreaterThan(count(0));
  });

  /** Junctions passed from a node until a half-edge has the wanted mark. */
  function steps(start: number, lead: Int32Array, marks: Uint8Array, wanted: number): number {
    let [node, count] = [start, 0];
    for (; count < net.nodeCount; count += 1) {
      const edge = lead[node] ?? -1;
      if (marks[edge] === wanted) break;
      node = net.head[edge] ?? -1;
    }
    return count;
  }

  function insideNode(zone: Fence): number {
    for (let node = 0; node < net.nodeCount; node += 1) {
      if (insideShape(zone.shape, nodePlace(net, node), 0)) return node;
    }
    throw new Error(`zone ${zone.id} of seed ${seed} has no junction`);
  }
});

function square(lonDeg: number, latDeg: number, sizeDeg: number): [number, number][] {
  const half = sizeDeg / 2;
  return [
    [lonDeg - half, latDeg - half],
    [lonDeg + half, latDeg - half],
    [lonDeg + half, latDeg + half],
    [lonDeg - half, latDeg + half],
    [lonDeg - half, latDeg - half],
  ];
}
