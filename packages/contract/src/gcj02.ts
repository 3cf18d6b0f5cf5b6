/**
 * GCJ-02, the offset datum of Chinese maps, to WGS-84. The offset is the published approximation (Krasovsky 1940
 * ellipsoid and trigonometric terms) that all open implementations share; it has no closed inverse, so the inverse is
 * found by iteration. Fences are converted once, when a policy is read: never convert a vehicle's fixes.
 */

/** Semi-major axis in metres and first eccentricity squared of Krasovsky 1940. */
const semiMajorM = 6_378_245;
const eccentricitySquared = 0.006_693_421_622_965_943;

/** Outside this box the maps are not offset, and GCJ-02 is WGS-84. */
const offsetBox = { westDeg: 72.004, eastDeg: 137.8347, southDeg: 0.8293, northDeg: 55.8271 };

/**
 * A metre of place changes the offset by less than 5 mm, so each round gains two digits: 4 rounds bring the 0.005
 * degrees of the offset to 1e-10, 10 are generous.
 */
const roundsMax = 10;

/** [lonDeg, latDeg] in GCJ-02 to WGS-84, to a millimetre of the approximation. */
export function gcj02ToWgs84(lonDeg: number, latDeg: number): [number, number] {
  if (!isOffset(lonDeg, latDeg)) return [lonDeg, latDeg];
  let lon = lonDeg;
  let lat = latDeg;
  for (let round = 0; round < roundsMax; round++) {
    const [lonBack, latBack] = withOffset(lon, lat);
    const lonError = lonBack - lonDeg;
    const latError = latBack - latDeg;
    lon -= lonError;
    lat -= latError;
    if (Math.abs(lonError) < 1e-10 && Math.abs(latError) < 1e-10) break;
  }
  return [lon, lat];
}

/** [lonDeg, latDeg] in WGS-84 to GCJ-02. */
export function wgs84ToGcj02(lonDeg: number, latDeg: number): [number, number] {
  return isOffset(lonDeg, latDeg) ? withOffset(lonDeg, latDeg) : [lonDeg, latDeg];
}

function isOffset(lonDeg: number, latDeg: number): boolean {
  return (
    lonDeg >= offsetBox.westDeg &&
    lonDeg <= offsetBox.eastDeg &&
    latDeg >= offsetBox.southDeg &&
    latDeg <= offsetBox.northDeg
  );
}

function withOffset(lonDeg: number, latDeg: number): [number, number] {
  const x = lonDeg - 105;
  const y = latDeg - 35;
  const latRad = (latDeg * Math.PI) / 180;
  const magic = 1 - eccentricitySquared * Math.sin(latRad) ** 2;
  const metresPerLatDeg = ((semiMajorM * (1 - eccentricitySquared)) / magic ** 1.5) * (Math.PI / 180);
  const metresPerLonDeg = (semiMajorM / Math.sqrt(magic)) * Math.cos(latRad) * (Math.PI / 180);
  return [lonDeg + eastM(x, y) / metresPerLonDeg, latDeg + northM(x, y) / metresPerLatDeg];
}

/** The eastward offset in metres at x, y degrees from 105° E, 35° N. */
function eastM(x: number, y: number): number {
  const polynomial = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  const waves =
    20 * Math.sin(6 * x * Math.PI) +
    20 * Math.sin(2 * x * Math.PI) +
    20 * Math.sin(x * Math.PI) +
    40 * Math.sin((x / 3) * Math.PI) +
    150 * Math.sin((x / 12) * Math.PI) +
    300 * Math.sin((x / 30) * Math.PI);
  return polynomial + (waves * 2) / 3;
}

/** The northward offset in metres. */
function northM(x: number, y: number): number {
  const polynomial = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  const waves =
    20 * Math.sin(6 * x * Math.PI) +
    20 * Math.sin(2 * x * Math.PI) +
    20 * Math.sin(y * Math.PI) +
    40 * Math.sin((y / 3) * Math.PI) +
    160 * Math.sin((y / 12) * Math.PI) +
    320 * Math.sin((y / 30) * Math.PI);
  return polynomial + (waves * 2) / 3;
}
