/** Mean radius of the earth in metres (IUGG). */
export const earthRadiusM = 6_371_008.8;

const radiansPerE7 = Math.PI / 180 / 1e7;

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
