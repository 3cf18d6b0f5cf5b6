/** A place, [lonDeg, latDeg], WGS-84. */
export type Place = readonly [number, number];

/** Where the simulated fleet drives: Shanghai with the rims of its neighbours. */
export const extent = { westDeg: 120.85, southDeg: 30.7, eastDeg: 122, northDeg: 31.85 } as const;

/** People's Square, to which the ring roads and radials are drawn. */
export const cityCentre: Place = [121.4737, 31.2304];

/** The sixteen districts with the weight of their freight: yards lie outside the inner city. Our choice. */
export const districts: readonly (readonly [name: string, weight: number])[] = [
  ['黄浦区', 1],
  ['徐汇区', 2],
  ['长宁区', 1],
  ['静安区', 2],
  ['普陀区', 4],
  ['虹口区', 1],
  ['杨浦区', 4],
  ['闵行区', 9],
  ['宝山区', 14],
  ['嘉定区', 12],
  ['浦东新区', 22],
  ['金山区', 7],
  ['松江区', 10],
  ['青浦区', 9],
  ['奉贤区', 9],
  ['崇明区', 4],
];

/** A rough coast drawn by hand, good to some 3 km: enough that no lorry drives on the sea. */
const mainland: readonly Place[] = [
  [120.7, 30.6],
  [121.05, 30.62],
  [121.35, 30.69],
  [121.52, 30.81],
  [121.75, 30.85],
  [121.95, 30.86],
  [121.98, 30.95],
  [121.9, 31.05],
  [121.82, 31.18],
  [121.72, 31.29],
  [121.52, 31.38],
  [121.4, 31.48],
  [121.25, 31.56],
  [121.08, 31.7],
  [120.95, 31.8],
  [120.8, 31.9],
  [120.7, 31.9],
];

const chongming: readonly Place[] = [
  [121.2, 31.83],
  [121.25, 31.74],
  [121.45, 31.64],
  [121.6, 31.53],
  [121.85, 31.43],
  [121.97, 31.48],
  [121.9, 31.56],
  [121.65, 31.68],
  [121.4, 31.8],
  [121.3, 31.88],
];

/** The ends of the one road to Chongming island. */
export const islandLink: readonly [Place, Place] = [
  [121.7, 31.28],
  [121.75, 31.49],
];

/** Inside the extent and on land. */
export function onLand(lonDeg: number, latDeg: number): boolean {
  const inExtent =
    lonDeg >= extent.westDeg && lonDeg <= extent.eastDeg && latDeg >= extent.southDeg && latDeg <= extent.northDeg;
  return inExtent && (insideRing(mainland, lonDeg, latDeg) || insideRing(chongming, lonDeg, latDeg));
}

/** Even-odd rule; the ring may be closed or open. */
export function insideRing(ring: readonly Place[], lonDeg: number, latDeg: number): boolean {
  let inside = false;
  let before = ring.at(-1);
  for (const corner of ring) {
    if (before !== undefined && corner[1] > latDeg !== before[1] > latDeg) {
      const share = (latDeg - corner[1]) / (before[1] - corner[1]);
      if (lonDeg < corner[0] + share * (before[0] - corner[0])) inside = !inside;
    }
    before = corner;
  }
  return inside;
}

/** Metres of one degree of latitude on a sphere of 6,371,008.8 m (IUGG mean radius). */
export const metresPerDegree = 111_195.08;

/** East and north from one place to another in metres: a flat earth, 0.5 % off across the extent. */
export function offsetM(from: Place, to: Place): Place {
  return [(to[0] - from[0]) * metresPerDegree * lonShrink, (to[1] - from[1]) * metresPerDegree];
}

/** The place so many metres east and north of another. */
export function placeAt(from: Place, eastM: number, northM: number): Place {
  return [from[0] + eastM / (metresPerDegree * lonShrink), from[1] + northM / metresPerDegree];
}

/** cos(31.25 deg): degrees of longitude are this much shorter in the middle of the extent. */
export const lonShrink = 0.854_912;
