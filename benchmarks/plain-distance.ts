import type { FenceShape } from '@haulwatch/domain';

export type Place = { readonly lonDeg: number; readonly latDeg: number };

/** Great-circle distance, mean radius of the earth. */
export function metres(from: Place, to: Place): number {
  const rad = Math.PI / 180;
  const lon = Math.sin(((to.lonDeg - from.lonDeg) / 2) * rad);
  const lat = Math.sin(((to.latDeg - from.latDeg) / 2) * rad);
  return (
    2 *
    6_371_008.8 *
    Math.asin(Math.sqrt(lat ** 2 + Math.cos(from.latDeg * rad) * Math.cos(to.latDeg * rad) * lon ** 2))
  );
}

/** Metres from a place to the nearest edge of a fence of polygons, in the plane that touches the earth at the place. */
export function metresToBorder(shape: FenceShape, { lonDeg, latDeg }: Place): number {
  if (shape.kind !== 'polygons') throw new TypeError(`expected polygons, found a ${shape.kind}`);
  const north = (6_371_008.8 * Math.PI) / 180;
  const east = north * Math.cos((latDeg * Math.PI) / 180);
  let least = Infinity;
  for (const ring of shape.polygons.flat()) {
    for (const [i, [lon, lat]] of ring.slice(1).entries()) {
      const [ax, ay] = [(ring[i]![0] - lonDeg) * east, (ring[i]![1] - latDeg) * north];
      const [dx, dy] = [(lon - lonDeg) * east - ax, (lat - latDeg) * north - ay];
      const t = Math.min(1, Math.max(0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
      least = Math.min(least, Math.hypot(ax + t * dx, ay + t * dy));
    }
  }
  return least;
}
