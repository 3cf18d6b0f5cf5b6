import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { multiPolygon, point } from '@turf/helpers';
import { fromE7, toE7, type FenceShape, type Ring } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceM } from './distance.ts';
import { FenceIndex, hitsMax } from './fence-index.ts';

/** turf on whole lattice numbers: exact, because its orientation test is robust. */
function turfSays(polygons: readonly (readonly Ring[])[], x: number, y: number): boolean {
  const lattice = polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [toE7(lon), toE7(lat)])));
  return lattice.some((rings) => booleanPointInPolygon(point([x, y]), multiPolygon([rings])));
}

function indexSays(shapes: readonly FenceShape[], x: number, y: number): number[] {
  const hits = new Int32Array(hitsMax);
  const count = FenceIndex.of(shapes).fencesAt(x, y, hits);
  return [...hits.subarray(0, count)];
}

/** A star round a centre: a simple ring, concave, closed. */
const star = (centreSpan: number, radiusE7: number): fc.Arbitrary<Ring> =>
  fc
    .record({
      lon: fc.integer({ min: -centreSpan, max: centreSpan }),
      lat: fc.integer({ min: -centreSpan / 2, max: centreSpan / 2 }),
      radii: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3, maxLength: 24 }),
    })
    .map(({ lon, lat, radii }) => {
      const ring = radii.map((radius, i): [number, number] => {
        const angle = (2 * Math.PI * i) / radii.length;
        const reach = (radius * radiusE7) / 100;
        return [fromE7(Math.round(lon + reach * Math.cos(angle))), fromE7(Math.round(lat + reach * Math.sin(angle)))];
      });
      return [...ring, ring[0]!];
    });

/** Points that hurt: on vertices, on a vertex's row or column, on edges' middles, beside them, anywhere. */
function pointsFor(ring: Ring, pick: number, dx: number, dy: number): [number, number] {
  const a = ring[pick % (ring.length - 1)]!;
  const b = ring[(pick % (ring.length - 1)) + 1]!;
  const [ax, ay, bx, by] = [toE7(a[0]), toE7(a[1]), toE7(b[0]), toE7(b[1])];
  switch (pick % 5) {
    case 0:
      return [ax, ay];
    case 1:
      return [ax + dx, ay];
    case 2:
      return [ax, ay + dy];
    case 3:
      return [Math.round((ax + bx) / 2), Math.round((ay + by) / 2)];
    default:
      return [ax + dx, by + dy];
  }
}

describe('FenceIndex', () => {
  test.each([
    ['small fences', 20_000_000, 200_000],
    ['fences wider than the exact span of doubles', 400_000_000, 600_000_000],
  ])('agrees with turf on %s, on and beside the boundary', (_name, centreSpan, radius) => {
    fc.assert(
      fc.property(
        star(centreSpan, radius),
        star(centreSpan, radius),
        fc.nat(),
        fc.integer({ min: -radius, max: radius }),
        fc.integer({ min: -2, max: 2 }),
        (outer, second, pick, dx, dy) => {
          const shapes: FenceShape[] = [
            { kind: 'polygons', polygons: [[outer]] },
            { kind: 'polygons', polygons: [[outer], [second]] },
          ];
          const [x, y] = pointsFor(outer, pick, dx, dy);
          const expected = shapes.flatMap((shape, id) =>
            shape.kind === 'polygons' && turfSays(shape.polygons, x, y) ? [id] : [],
          );
          expect(indexSays(shapes, x, y)).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const square = (x0: number, y0: number, size: number): Ring => [
    [x0, y0],
    [x0 + size, y0],
    [x0 + size, y0 + size],
    [x0, y0 + size],
    [x0, y0],
  ];

  test.each([
    ['in the ring', 121.05, 31.05, [0]],
    ['in the hole', 121.5, 31.5, []],
    ["on the hole's edge", 121.4, 31.5, [0]],
    ['on the outer edge', 121, 31.2, [0]],
    ['on a corner', 122, 32, [0]],
    ['outside', 122.0000001, 32, []],
  ])('a hole is outside, its boundary inside: %s', (_name, lon, lat, expected) => {
    const shape: FenceShape = { kind: 'polygons', polygons: [[square(121, 31, 1), square(121.4, 31.4, 0.2)]] };
    expect(indexSays([shape], toE7(lon), toE7(lat))).toEqual(expected);
  });

  test('a circle holds what is within its radius', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1.5, max: 1.5, noNaN: true }),
        fc.double({ min: -1.5, max: 1.5, noNaN: true }),
        fc.double({ min: -75, max: 75, noNaN: true }),
        (east, north, lat) => {
          const radiusM = 500;
          const degrees = radiusM / 111_195;
          const at: [number, number] = [
            121 + (east * degrees) / Math.cos((lat * Math.PI) / 180),
            lat + north * degrees,
          ];
          const inside = distanceM(toE7(121), toE7(lat), toE7(at[0]), toE7(at[1])) <= radiusM;
          const shape: FenceShape = { kind: 'circle', centre: [121, lat], radiusM };
          expect(indexSays([shape], toE7(at[0]), toE7(at[1]))).toEqual(inside ? [0] : []);
        },
      ),
    );
  });

  test('a fence over a continent and one over a yard are both found, in order', () => {
    const shapes: FenceShape[] = [
      { kind: 'polygons', polygons: [[square(73, 3, 60)]] },
      { kind: 'polygons', polygons: [[square(121, 31, 0.001)]] },
    ];
    expect(indexSays(shapes, toE7(121.0005), toE7(31.0005))).toEqual([0, 1]);
  });
});

test('distanceM is that of the haversine on known places', () => {
  // One degree of latitude on the mean sphere.
  expect(distanceM(0, 0, 0, toE7(1))).toBeCloseTo(111_195.08, 1);
  expect(distanceM(toE7(121.4737), toE7(31.2304), toE7(116.4074), toE7(39.9042))).toBeCloseTo(1_067_500, -4);
});
