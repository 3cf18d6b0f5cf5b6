import { toE7, type FenceShape } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { Dice, makeFences, pointNear, shapeOf } from './_differential.ts';
import { distanceToSegmentM, metresPerE7 } from './distance.ts';
import { FenceIndex } from './fence-index.ts';

const lon = 121.4;
const lat = 31.2;
/** Metres north of the corner, as lattice units. */
const north = (metres: number): number => toE7(lat) + Math.round(metres / metresPerE7);

function check(shape: FenceShape, [lonE7, latE7]: readonly [number, number], withinM: number, expected: number): void {
  const found = FenceIndex.of([shape]).borderM(0, lonE7, latE7, withinM);
  if (expected === Infinity) expect(found).toBe(Infinity);
  else expect(found).toBeCloseTo(expected, 0);
}

describe('how far a border is', () => {
  const circle: FenceShape = { kind: 'circle', centre: [lon, lat], radiusM: 100 };
  test.each([
    ['at the centre', 0, 100],
    ['inside', 70, 30],
    ['on it', 100, 0],
    ['outside', 130, 30],
  ])('of a circle, %s', (_, metres, expected) => {
    check(circle, [toE7(lon), north(metres)], 200, expected);
  });

  test('further than asked is not told', () => {
    check(circle, [toE7(lon), north(150)], 49, Infinity);
    check(circle, [toE7(lon), north(150)], 51, 50);
    check(circle, [toE7(lon + 1), north(0)], 1_000, Infinity);
  });

  const road: FenceShape = {
    kind: 'corridor',
    line: [
      [lon - 0.02, lat],
      [lon + 0.02, lat],
    ],
    halfWidthM: 15,
  };
  test.each([
    ['in the middle', 0, 15],
    ['inside', 10, 5],
    ['outside', 40, 25],
  ])('of a corridor, %s', (_, metres, expected) => {
    check(road, [toE7(lon), north(metres)], 100, expected);
  });

  test('of the fence that is asked about, not of others', () => {
    const other: FenceShape = { kind: 'circle', centre: [lon, lat], radiusM: 20 };
    const index = FenceIndex.of([other, circle]);
    expect(index.borderM(0, toE7(lon), toE7(lat), 200)).toBeCloseTo(20, 0);
    expect(index.borderM(1, toE7(lon), toE7(lat), 200)).toBeCloseTo(100, 0);
  });

  test('of polygons with holes: that of the nearest edge of all', () => {
    const dice = new Dice(7);
    const centre = [1_214_000_000, 312_000_000] as const;
    // Of fences of several parts an edge inside of another part may be left out.
    const fences = makeFences(dice, 80, centre, 60_000, 20_000).filter((polygons) => polygons.length === 1);
    const index = FenceIndex.of(fences.map(shapeOf));
    let near = 0;
    for (let i = 0; i < 2_000; i += 1) {
      const [x, y] = pointNear(dice, fences, centre, 80_000);
      const fence = dice.between(0, fences.length - 1);
      const rings = fences[fence]!.flat();
      const edges = rings.flatMap((ring) => ring.slice(1).map((to, k) => [...ring[k]!, ...to] as const));
      const nearest = Math.min(...edges.map((edge) => distanceToSegmentM(...edge, x, y)));
      const expected = nearest <= 500 ? nearest : Infinity;
      if (expected < Infinity) near += 1;
      expect(index.borderM(fence, x, y, 500)).toBe(expected);
    }
    expect(near).toBeGreaterThan(200);
  });
});
