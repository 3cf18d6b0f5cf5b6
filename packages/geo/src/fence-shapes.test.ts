import { toE7, type FenceShape } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexSays } from './_differential.ts';
import { distanceM } from './distance.ts';
import { FenceIndex, hitsMax } from './fence-index.ts';

const degreeM = 111_195.08;

/** Distance to a line by walking along it in steps of half a metre: slow, and written without a formula for segments. */
function walkedM(line: readonly (readonly [number, number])[], x: number, y: number): number {
  let least = Infinity;
  for (let i = 1; i < line.length; i += 1) {
    const [[ax, ay], [bx, by]] = [line[i - 1]!, line[i]!].map(([lon, lat]) => [toE7(lon), toE7(lat)]) as [
      [number, number],
      [number, number],
    ];
    const steps = Math.ceil(distanceM(ax, ay, bx, by) / 0.5) + 1;
    for (let step = 0; step <= steps; step += 1) {
      const t = step / steps;
      least = Math.min(least, distanceM(ax + t * (bx - ax), ay + t * (by - ay), x, y));
    }
  }
  return least;
}

describe('a corridor holds what is within its half width of the line', () => {
  test('wherever it runs', () => {
    let [near, far] = [0, 0];
    fc.assert(
      fc.property(
        fc.double({ min: -70, max: 70, noNaN: true }),
        fc.constantFrom(121, -179.999, 179.9995, 0),
        fc.array(fc.tuple(fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 })), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.integer({ min: 5, max: 300 }),
        fc.integer({ min: -1_200, max: 1_200 }),
        fc.integer({ min: -1_200, max: 1_200 }),
        (lat, lon, places, halfWidthM, east, north) => {
          const cosLat = Math.cos((lat * Math.PI) / 180);
          const at = (x: number, y: number): [number, number] => [lon + x / degreeM / cosLat, lat + y / degreeM];
          const line = places.map(([x, y]) => at(x, y));
          const [pointLon, pointLat] = at(east, north);
          const [x, y] = [toE7(pointLon), toE7(pointLat)];
          const distance = walkedM(line, x, y);
          // Half a metre of the walk is 3 cm at 1 m from the line and less further away; nearer than 10 cm to the rim nobody knows.
          fc.pre(Math.abs(distance - halfWidthM) > 0.1);
          const shape: FenceShape = { kind: 'corridor', line, halfWidthM };
          const wrapped = x > 1_800_000_000 ? x - 3_600_000_000 : x < -1_800_000_000 ? x + 3_600_000_000 : x;
          if (distance < halfWidthM) near += 1;
          else far += 1;
          expect(indexSays(FenceIndex.of([shape]), wrapped, y)).toEqual(distance < halfWidthM ? [0] : []);
        },
      ),
      { numRuns: 400 },
    );
    expect(Math.min(near, far)).toBeGreaterThan(30);
  });

  test.each<[string, number, number[]]>([
    ['on the rim', 100, [0]],
    ['one centimetre beyond', 100.01, []],
  ])('north of a line due east: %s', (_, north, expected) => {
    const shape: FenceShape = {
      kind: 'corridor',
      line: [
        [0, 0],
        [0.01, 0],
      ],
      halfWidthM: 100.002,
    };
    expect(indexSays(FenceIndex.of([shape]), toE7(0.005), toE7(north / degreeM))).toEqual(expected);
  });
});

describe('a circle', () => {
  test.each([
    ['over the antimeridian', 179.99, 10, 5_000],
    ['around a pole', 20, 89.99, 20_000],
    ['of a metre', 121.4, 31.2, 1],
    ['of a hundred kilometres', 121.4, 31.2, 100_000],
  ])('%s holds what is within its radius', (_, lon, lat, radiusM) => {
    const index = FenceIndex.of([{ kind: 'circle', centre: [lon, lat], radiusM }]);
    let inside = 0;
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
        fc.double({ min: 0.5, max: 1.5, noNaN: true }),
        (angle, share) => {
          const reach = (radiusM * share) / degreeM;
          const cosLat = Math.max(0.0001, Math.cos((lat * Math.PI) / 180));
          const y = Math.min(900_000_000, toE7(lat + reach * Math.sin(angle)));
          const turned = ((((lon + (reach * Math.cos(angle)) / cosLat) % 360) + 540) % 360) - 180;
          const x = toE7(turned);
          const holds = distanceM(toE7(lon), toE7(lat), x, y) <= radiusM;
          inside += Number(holds);
          expect(indexSays(index, x, y)).toEqual(holds ? [0] : []);
        },
      ),
      { numRuns: 500 },
    );
    expect(inside).toBeGreaterThan(50);
  });
});

test('the antimeridian is one meridian, whichever way it is written', () => {
  const square = (from: number, to: number): FenceShape => ({
    kind: 'polygons',
    polygons: [
      [
        [
          [from, 0],
          [to, 0],
          [to, 1],
          [from, 1],
          [from, 0],
        ],
      ],
    ],
  });
  const index = FenceIndex.of([square(179, 181), square(170, 180), square(-180, -170), square(-181, -179)]);
  const [west, east] = [-1_800_000_000, 1_800_000_000];
  expect([indexSays(index, west, 5_000_000), indexSays(index, east, 5_000_000)]).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ]);
  expect([indexSays(index, west + 1, 5_000_000), indexSays(index, east - 1, 5_000_000)]).toEqual([
    [0, 2, 3],
    [0, 1, 3],
  ]);
});

test('a longitude that the lattice does not reach is refused', () => {
  const shape: FenceShape = {
    kind: 'polygons',
    polygons: [
      [
        [
          [179, 0],
          [230, 0],
          [230, 1],
          [179, 0],
        ],
      ],
    ],
  };
  expect(() => FenceIndex.of([shape])).toThrow('a fence reaches at most to 210 degrees');
});

test('more fences at one point than can be told are counted', () => {
  const yard: FenceShape = { kind: 'circle', centre: [121.4, 31.2], radiusM: 100 };
  const index = FenceIndex.of(Array.from({ length: hitsMax + 44 }, () => yard));
  expect(indexSays(index, toE7(121.4), toE7(31.2))).toHaveLength(hitsMax);
  expect(index.overflows).toBe(44);
});
