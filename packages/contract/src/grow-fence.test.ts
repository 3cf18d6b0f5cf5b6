import { toE7 } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { prepareFence, problemsOfFence, square } from './_fences.ts';
import { growFence } from './grow-fence.ts';
import { ringHolds, type LatticePoint } from './lattice-ring.ts';

type Place = readonly [lonDeg: number, latDeg: number];

async function grow(type: string, coordinates: unknown, bufferM: number) {
  const { growths } = prepareFence(type, coordinates, { bufferM });
  const [growth] = growths;
  if (growth === undefined) throw new Error('nothing to grow');
  const grown = await growFence(growth);
  if (!grown.ok) throw new Error(grown.problem.message);
  return grown.polygons;
}

const onLattice = ([lonDeg, latDeg]: Place): LatticePoint => [toE7(lonDeg), toE7(latDeg)];

function holds(rings: readonly (readonly Place[])[], place: Place): boolean {
  return rings.filter((ring) => ringHolds(ring.map(onLattice), onLattice(place))).length % 2 === 1;
}

/** Metres from a place to a path, flat around the place: right to a millimetre over some hundred metres. */
function metresTo(path: readonly Place[], [lonDeg, latDeg]: Place): number {
  const perDeg = 111_195;
  const flat = path.map(([lon, lat]) => [
    (lon - lonDeg) * perDeg * Math.cos((latDeg * Math.PI) / 180),
    (lat - latDeg) * perDeg,
  ]);
  let least = Infinity;
  for (let i = 1; i < flat.length; i++) {
    const [ax = 0, ay = 0] = flat[i - 1] ?? [];
    const [bx = 0, by = 0] = flat[i] ?? [];
    const [dx, dy] = [bx - ax, by - ay];
    const share = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
    least = Math.min(least, Math.hypot(ax + share * dx, ay + share * dy));
  }
  return least;
}

const middles = (ring: readonly Place[]): Place[] =>
  ring.slice(1).map(([lon, lat], index) => [(lon + ring[index]![0]) / 2, (lat + ring[index]![1]) / 2]);

test.each([5, 50, 500])('a square grown by %i m holds its vertices and ends so far from them', async (bufferM) => {
  const ring = square(121.4, 31.2, 0.02);
  const [rings = [], ...more] = await grow('Polygon', [ring], bufferM);
  expect(more).toEqual([]);
  expect(rings).toHaveLength(1);
  for (const vertex of ring) expect(holds(rings, vertex)).toBe(true);
  for (const place of [...(rings[0] ?? []), ...middles(rings[0] ?? [])]) {
    const awayM = metresTo(ring, place);
    // A chord lies inside its circle; the lattice is 1 cm.
    expect(awayM).toBeGreaterThan(bufferM * 0.995 - 0.02);
    expect(awayM).toBeLessThan(bufferM * 1.001 + 0.02);
  }
});

test('an edge of 100 km is straight in degrees after it was grown by a metre, too', async () => {
  const ring = square(121.4, 31.2, 1);
  const [rings = []] = await grow('Polygon', [ring], 1);
  for (const place of [...ring, ...middles(ring)]) expect(holds(rings, place)).toBe(true);
});

test('a hole shrinks, a narrow one closes', async () => {
  const written = [square(121, 31, 0.1), square(121.02, 31, 0.02), square(120.98, 31, 0.000_5)];
  const [rings = []] = await grow('Polygon', written, 50);
  expect(rings).toHaveLength(2);
  expect(holds(rings, [120.98, 31])).toBe(true);
  expect(holds(rings, [121.02, 31])).toBe(false);
  expect(holds(rings, [121.01 + 0.000_4, 31])).toBe(true);
});

test('two polygons that meet by growing become one', async () => {
  const written = [[square(121, 31, 0.01)], [square(121.0105, 31, 0.01)]];
  expect(await grow('MultiPolygon', written, 10)).toHaveLength(2);
  const [rings = [], ...more] = await grow('MultiPolygon', written, 50);
  expect(more).toEqual([]);
  for (const vertex of written.flat(2)) expect(holds(rings, vertex)).toBe(true);
});

test.each([
  ['east', 179.999],
  ['west', -179.999],
  ['on', 180.001],
])('over the antimeridian longitudes run on: %s', async (_side, lonDeg) => {
  const ring = square(lonDeg, 10, 0.01);
  const [rings = []] = await grow('Polygon', [ring], 500);
  const lons = (rings[0] ?? []).map(([lon]) => lon);
  expect(Math.max(...lons) - Math.min(...lons)).toBeLessThan(0.03);
  for (const [lon, lat] of ring) {
    expect([-360, 0, 360].filter((turn) => holds(rings, [lon + turn, lat]))).toHaveLength(1);
  }
});

test('what grows beyond the limit of longitudes is told from the other side of the earth', async () => {
  const [growth] = prepareFence('Polygon', [square(209.995, 0, 0.01).map(([lon, lat]) => [Math.min(lon, 210), lat])], {
    bufferM: 5_000,
  }).growths;
  if (growth === undefined) throw new Error('nothing to grow');
  const grown = await growFence(growth);
  expect(grown.ok && grown.polygons.flat(2).every(([lon]) => lon > -151 && lon < -149)).toBe(true);
});

test.each([0.5, 5_001])('a bufferM of %d is refused', (bufferM) => {
  expect(problemsOfFence('Polygon', [square(121, 31, 0.1)], { bufferM })).toHaveLength(1);
});
