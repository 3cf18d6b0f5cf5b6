import { fromE7, toE7, type FenceShape, type Ring } from '@haulwatch/domain';
import { multiPolygon, polygon, type feature } from '@turf/helpers';
import type { Box, LatticePolygon, LatticeRing } from './jagged-tiles.ts';

/** A fence as whole numbers: the union of its polygons. */
export type LatticeFence = readonly LatticePolygon[];

/** The fence as the house takes it. */
export function shapeOf(fence: LatticeFence): FenceShape {
  const ring = (corners: LatticeRing): Ring => closed(corners).map(([x, y]) => [fromE7(x), fromE7(y)] as const);
  return { kind: 'polygons', polygons: fence.map((rings) => rings.map(ring)) };
}

export type FenceFeature = ReturnType<typeof feature<FenceGeometry>>;
type FenceGeometry = ReturnType<typeof polygon | typeof multiPolygon>['geometry'];

/** The fence for turf, in whole lattice numbers: its robust orientation test is then exact. */
export function featureOf(fence: LatticeFence): FenceFeature {
  const polygons = fence.map((rings) => rings.map(closed));
  return polygons.length === 1 ? polygon(polygons[0]!) : multiPolygon(polygons);
}

export function boxOf(fence: LatticeFence): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outer] of fence) {
    for (let i = 0; i < outer!.length; i += 2) {
      minX = Math.min(minX, outer![i]!);
      maxX = Math.max(maxX, outer![i]!);
      minY = Math.min(minY, outer![i + 1]!);
      maxY = Math.max(maxY, outer![i + 1]!);
    }
  }
  return { minX, minY, maxX, maxY };
}

export function cornersOf(fence: LatticeFence): number {
  return fence.reduce((sum, rings) => sum + rings.reduce((corners, ring) => corners + ring.length / 2, 0), 0);
}

function closed(ring: LatticeRing): [number, number][] {
  const corners: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) corners.push([ring[i]!, ring[i + 1]!]);
  corners.push([ring[0]!, ring[1]!]);
  return corners;
}

/** Back from the form of the house. Circles and corridors have no corners: worlds of benchmarks have none of them. */
export function latticeOf(shape: FenceShape): LatticeFence {
  if (shape.kind !== 'polygons') throw new TypeError(`expected polygons, found a ${shape.kind}`);
  const corners = (ring: Ring): LatticeRing =>
    Int32Array.from(ring.slice(0, -1).flatMap(([lon, lat]) => [toE7(lon), toE7(lat)]));
  return shape.polygons.map((rings) => rings.map(corners));
}
