import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { describe, expect, test } from 'vitest';
import { FlatbushTurf, LinearTurf, PlainMembership } from './fence-peers.ts';
import { makeFenceWorld } from './fence-world.ts';
import { cornersOf, featureOf, shapeOf } from './lattice-fence.ts';
import { Random } from './random.ts';
import { Traffic } from './traffic.ts';

const world = makeFenceWorld({ fences: 1_000, vertices: 64, seed: 7 });
const { minX, minY, maxX, maxY } = world.area;

describe('a world of fences', () => {
  test.each([
    ['districts', 0, 49],
    ['towns', 49, 449],
  ])('its %s tile the area: each point lies in exactly one, or on a border', (_name, from, to) => {
    const features = world.fences.slice(from, to).map(featureOf);
    const random = new Random(3);
    for (let i = 0; i < 2_000; i += 1) {
      const place = [Math.round(random.between(minX, maxX)), Math.round(random.between(minY, maxY))];
      const holding = features.filter((feature) => booleanPointInPolygon(place, feature));
      const within = holding.filter((feature) => booleanPointInPolygon(place, feature, { ignoreBoundary: true }));
      expect(holding.length).toBeGreaterThan(0);
      expect(within.length).toBe(holding.length === 1 ? 1 : 0);
    }
  });

  test('their areas add up to the whole, so that nothing is left out or told twice', () => {
    const whole = BigInt(maxX - minX) * BigInt(maxY - minY) * 2n;
    const sum = (from: number, to: number): bigint =>
      world.fences.slice(from, to).reduce((total, [polygon]) => total + twiceArea(polygon![0]!), 0n);
    expect(sum(0, 49)).toBe(whole);
    expect(sum(49, 449)).toBe(whole);
  });

  test('has as many corners as were asked for, and holes and parts', () => {
    const big = makeFenceWorld({ fences: 10_000, vertices: 64, seed: 1 });
    const mean = big.fences.reduce((sum, fence) => sum + cornersOf(fence), 0) / big.fences.length;
    expect(mean).toBeGreaterThan(61);
    expect(mean).toBeLessThan(67);
    expect(big.fences.filter((fence) => fence.length > 1).length / big.fences.length).toBeCloseTo(0.02, 2);
    expect(big.fences.filter(([first]) => first!.length > 1).length / big.fences.length).toBeCloseTo(0.05, 2);
  });

  test('is the same for the same seed, another for another', () => {
    expect(makeFenceWorld({ fences: 1_000, vertices: 64, seed: 7 })).toEqual(world);
    expect(makeFenceWorld({ fences: 1_000, vertices: 64, seed: 8 }).fences[500]).not.toEqual(world.fences[500]);
  });

  test('keeps its lattice when it is told in degrees', () => {
    const shape = shapeOf(world.fences[0]!);
    const [ring] = world.fences[0]![0]!;
    if (shape.kind !== 'polygons') throw new Error('a world is made of polygons');
    const corners = shape.polygons[0]![0]!.map(([lon, lat]) => [Math.round(lon * 1e7), Math.round(lat * 1e7)]);
    expect(corners.flat()).toEqual([...ring!, ring![0], ring![1]]);
  });
});

test('both ways to ask turf give the same, and vehicles come and go', () => {
  const traffic = new Traffic(world, 300, 7);
  const linear = new LinearTurf(world.fences);
  const flatbush = new FlatbushTurf(world.fences);
  const members = new PlainMembership(flatbush);
  let crossings = 0;
  for (let tick = 0; tick < 20; tick += 1) {
    for (const i of traffic.order) {
      const [x, y] = [traffic.lonE7[i]!, traffic.latE7[i]!];
      members.move(i, x, y, () => (crossings += 1));
      expect(members.insideOf(i)).toEqual(linear.fencesAt(x, y));
    }
    traffic.step();
  }
  expect(crossings).toBeGreaterThan(0);
});

/** Exact: twice the area, counter-clockwise positive. */
function twiceArea(ring: Int32Array): bigint {
  let sum = 0n;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    sum += BigInt(ring[i]!) * BigInt(ring[j + 1]!) - BigInt(ring[j]!) * BigInt(ring[i + 1]!);
  }
  return sum;
}
