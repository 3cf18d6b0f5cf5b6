import { fromE7, toE7 } from '@haulwatch/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ringsOfFence } from './_fences.ts';
import { ringHolds, type LatticePoint } from './lattice-ring.ts';

/** A star around a place near Shanghai: corners at rising angles, so that it does not cross itself. Even numbers. */
const star = fc
  .record({
    x: fc.integer({ min: 605_000_000, max: 610_000_000 }),
    y: fc.integer({ min: 155_000_000, max: 159_000_000 }),
    radii: fc.array(fc.integer({ min: 20_000, max: 400_000 }), { minLength: 3, maxLength: 40 }),
  })
  .map(({ x, y, radii }) =>
    radii.map((radius, index): LatticePoint => {
      const angle = (2 * Math.PI * index) / radii.length;
      return [2 * (x + Math.round(radius * Math.cos(angle))), 2 * (y + Math.round(radius * Math.sin(angle)))];
    }),
  );

/** Some vertices twice, some edges with their exact middle, and a start anywhere. */
const padded = fc
  .tuple(
    star,
    fc.array(fc.constantFrom('as it is', 'twice', 'middle after it'), { minLength: 40, maxLength: 40 }),
    fc.nat(),
  )
  .map(([corners, pads, start]) => {
    const points = corners.flatMap((corner, index): LatticePoint[] => {
      const next = corners[(index + 1) % corners.length] ?? corner;
      if (pads[index] === 'twice') return [corner, corner];
      return pads[index] === 'as it is' ? [corner] : [corner, middle(corner, next)];
    });
    const turned = points.map((_, index) => points[(index + start) % points.length]!);
    return [...turned, turned[0]!];
  });

/** Random places of the box, places beside a vertex, vertices, and middles of edges. */
const probe = fc.tuple(fc.constantFrom('anywhere', 'beside', 'vertex', 'edge'), fc.nat(), fc.integer(), fc.integer());

test('what a ring holds is the same before and after it is cleaned: random places, vertices, edges', () => {
  let [inside, outside, shorter] = [0, 0, 0];
  fc.assert(
    fc.property(padded, fc.array(probe, { minLength: 50, maxLength: 50 }), (ring, probes) => {
      const [clean = []] = ringsOfFence('Polygon', [ring.map(([x, y]) => [fromE7(x), fromE7(y)])]).flat();
      const taken = clean.map(([lon, lat]): LatticePoint => [toE7(lon), toE7(lat)]);
      shorter += taken.length < ring.length ? 1 : 0;
      for (const [kind, number, dx, dy] of probes) {
        const point = placeOf(ring, kind, number, dx, dy);
        const held = holdsExactly(ring, point);
        expect(holdsExactly(taken, point)).toBe(held);
        expect(ringHolds(taken, point)).toBe(held);
        if (held) inside += 1;
        else outside += 1;
      }
    }),
  );
  expect(Math.min(inside, outside)).toBeGreaterThan(500);
  expect(shorter).toBeGreaterThan(50);
});

function placeOf(ring: readonly LatticePoint[], kind: string, number: number, dx: number, dy: number): LatticePoint {
  const index = 1 + (number % (ring.length - 1));
  const [before, corner] = [ring[index - 1]!, ring[index]!];
  switch (kind) {
    case 'anywhere':
      return [corner[0] + (dx % 1_000_000), corner[1] + (dy % 1_000_000)];
    case 'beside':
      return [corner[0] + (dx % 3), corner[1] + (dy % 3)];
    case 'vertex':
      return corner;
    default:
      // Not on the lattice where the sum is odd, but exact.
      return middle(before, corner);
  }
}

function middle(a: LatticePoint, b: LatticePoint): LatticePoint {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** The oracle: winding number in whole numbers of any size, the boundary closed. Written for the test alone. */
function holdsExactly(ring: readonly LatticePoint[], point: LatticePoint): boolean {
  const whole = ([x, y]: LatticePoint): [bigint, bigint] => [BigInt(2 * x), BigInt(2 * y)];
  const [px, py] = whole(point);
  let winding = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = whole(ring[i - 1]!);
    const [bx, by] = whole(ring[i]!);
    const side = (bx - ax) * (py - ay) - (by - ay) * (px - ax);
    const dot = (ax - px) * (bx - px) + (ay - py) * (by - py);
    if (side === 0n && dot <= 0n) return true;
    if (ay <= py && by > py && side > 0n) winding += 1;
    if (ay > py && by <= py && side < 0n) winding -= 1;
  }
  return winding !== 0;
}
