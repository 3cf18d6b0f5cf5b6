/** Mean radius of the earth in metres (IUGG). */
export const earthRadiusM = 6_371_008.8;

const radiansPerE7 = Math.PI / 180 / 1e7;
/** Metres of one lattice unit northward, and at most eastward. */
export const metresPerE7 = earthRadiusM * radiansPerE7;

/**
 * Great-circle distance in metres between two points of the 1e-7 degree lattice (haversine, spherical earth).
 * Error against the ellipsoid below 0.6 %.
 */
export function distanceM(lonE7A: number, latE7A: number, lonE7B: number, latE7B: number): number {
  const sinLat = Math.sin(((latE7B - latE7A) * radiansPerE7) / 2);
  const sinLon = Math.sin(((lonE7B - lonE7A) * radiansPerE7) / 2);
  const h = sinLat * sinLat + Math.cos(latE7A * radiansPerE7) * Math.cos(latE7B * radiansPerE7) * sinLon * sinLon;
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/**
 * Distance in metres from a point to a segment that is straight in longitude and latitude, as RFC 7946 has lines. The
 * nearest place is found in the plane that touches the earth at the point (error below 1 cm within 10 km), the distance to it
 * is that of the great circle.
 */
export function distanceToSegmentM(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  const cosLat = Math.cos(py * radiansPerE7);
  const dx = (bx - ax) * cosLat;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((px - ax) * cosLat * dx + (py - ay) * dy) / length2;
  const t = along < 0 ? 0 : along > 1 ? 1 : along;
  return distanceM(ax + t * (bx - ax), ay + t * (by - ay), px, py);
}
