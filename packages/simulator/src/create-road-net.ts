import { createRandom, type Random } from './random.ts';
import { packRoadNet, type Road, type RoadClass, type RoadNet } from './road-net.ts';
import { cityCentre, islandLink, lonShrink, onLand, placeAt, type Place } from './shanghai.ts';

export type RoadNetOptions = {
  readonly seed: number;
  /** Streets each way, odd; close together in the centre, far apart at the rim. 49 gives some 2,000 nodes. */
  readonly streetLines?: number;
};

/** Radii of the ring roads, after Shanghai's inner, middle and outer ring and its suburban ring. */
const ringRadiiM = [5_000, 9_500, 16_500, 34_000] as const;
const radials = 9;
/** Between two nodes of an expressway. */
const expresswayStepM = 2_500;
/** Streets reach so far from the centre; what lies outside the extent or in the sea is left out. */
const reachM = 66_000;
/** Every so many streets one is an arterial road. */
const arterialEvery = 4;
const speedsKph: Readonly<Record<RoadClass, number>> = { expressway: 88, arterial: 56, local: 38 };

type Draft = { readonly places: Place[]; readonly roads: Road[]; readonly random: Random };

/** A plausible road net of Shanghai's extent: a street grid that thins out, ring roads, radials and their ramps. */
export function createRoadNet({ seed, streetLines = 49 }: RoadNetOptions): RoadNet {
  if (streetLines < 5) throw new RangeError(`a road net takes 5 street lines or more, not ${streetLines}`);
  const draft: Draft = { places: [], roads: [], random: createRandom(seed, 1) };
  drawStreets(draft, streetLines);
  const streetNodes = draft.places.length;
  drawExpressways(draft, streetNodes);
  const [south, north] = islandLink;
  addRoad(draft, nearest(draft, south, streetNodes), nearest(draft, north, streetNodes), 'expressway');
  return packRoadNet(draft.places, draft.roads);
}

function drawStreets(draft: Draft, lines: number): void {
  const half = (lines - 1) / 2;
  const distancesM = Array.from({ length: lines + 1 }, (_, line) => {
    return Math.sign(line - half) * reachM * (Math.abs(line - half) / half) ** 1.6;
  });
  // Each crossing is moved by up to a fifth of the gap to the next line.
  const jittered = (line: number): number => {
    const distanceM = distancesM[line] ?? 0;
    return distanceM + (draft.random() - 0.5) * 0.4 * ((distancesM[line + 1] ?? 0) - distanceM);
  };
  const nodes = new Int32Array(lines * lines).fill(-1);
  const turn = (draft.random() - 0.5) * 0.3;
  for (let row = 0; row < lines; row += 1) {
    for (let column = 0; column < lines; column += 1) {
      const eastM = jittered(column);
      const northM = jittered(row);
      const place = placeAt(cityCentre, eastM - northM * turn, northM + eastM * turn);
      if (onLand(place[0], place[1])) nodes[row * lines + column] = draft.places.push(place) - 1;
    }
  }
  const street = (at: number, to: number, line: number): void => {
    const from = nodes[at] ?? -1;
    const end = nodes[to] ?? -1;
    const arterial = line % arterialEvery === 0;
    // One local street in seven is missing, so that blocks differ.
    if (from < 0 || end < 0 || (!arterial && draft.random() < 1 / 7)) return;
    addRoad(draft, from, end, arterial ? 'arterial' : 'local');
  };
  for (let row = 0; row < lines; row += 1) {
    for (let column = 0; column < lines; column += 1) {
      const at = row * lines + column;
      if (column + 1 < lines) street(at, at + 1, row);
      if (row + 1 < lines) street(at, at + lines, column);
    }
  }
}

function drawExpressways(draft: Draft, streetNodes: number): void {
  const phase = draft.random() * Math.PI * 2;
  for (const radiusM of ringRadiiM) {
    const steps = Math.round((2 * Math.PI * radiusM) / expresswayStepM);
    const ring = Array.from({ length: steps }, (_, step) => {
      const angle = (step / steps) * 2 * Math.PI;
      return bent(angle, radiusM * (1 + 0.08 * Math.sin(2 * angle + phase)));
    });
    const nodes = drawExpressway(draft, ring, streetNodes);
    const [first, last] = [nodes.at(0) ?? -1, nodes.at(-1) ?? -1];
    if (first >= 0 && last >= 0) addRoad(draft, last, first, 'expressway');
  }
  for (let radial = 0; radial < radials; radial += 1) {
    const angle = phase + ((radial + draft.random() * 0.5) / radials) * 2 * Math.PI;
    const steps = Math.floor((reachM - ringRadiiM[0]) / expresswayStepM);
    const way = Array.from({ length: steps }, (_, step) =>
      bent(angle + Math.sin(step / 6) * 0.06, ringRadiiM[0] + step * expresswayStepM),
    );
    drawExpressway(draft, way, streetNodes);
  }
}

/**
 * Joins successive places on land; every second one has a ramp to the nearest street, and so have the beginnings.
 * Returns the node of each place, -1 for those in the sea.
 */
function drawExpressway(draft: Draft, way: readonly Place[], streetNodes: number): number[] {
  let before = -1;
  return way.map((place, step) => {
    const node = onLand(place[0], place[1]) ? draft.places.push(place) - 1 : -1;
    if (node >= 0) {
      if (before >= 0) addRoad(draft, before, node, 'expressway');
      if (before < 0 || step % 2 === 0) addRoad(draft, node, nearest(draft, place, streetNodes), 'arterial');
    }
    before = node;
    return node;
  });
}

function bent(angle: number, radiusM: number): Place {
  return placeAt(cityCentre, Math.sin(angle) * radiusM, Math.cos(angle) * radiusM);
}

/** The nearest of the first `among` places. In degrees, longitude shrunk: the order is that of metres, and it is quick. */
function nearest(draft: Draft, place: Place, among: number): number {
  const [lonDeg, latDeg] = place;
  let best = 0;
  let bestDeg2 = Infinity;
  for (let node = 0; node < among; node += 1) {
    const other = draft.places[node];
    if (other === undefined) break;
    const east = (other[0] - lonDeg) * lonShrink;
    const north = other[1] - latDeg;
    const deg2 = east * east + north * north;
    if (deg2 >= bestDeg2) continue;
    best = node;
    bestDeg2 = deg2;
  }
  return best;
}

function addRoad(draft: Draft, from: number, to: number, roadClass: RoadClass): void {
  const speedKph = Math.round(speedsKph[roadClass] * (0.9 + draft.random() * 0.2));
  draft.roads.push({ from, to, class: roadClass, speedKph });
}
