import type { Fence, FenceShape, Ring, ScheduleWindow, VehicleClass } from '@haulwatch/domain';
import { createRoadNet } from './create-road-net.ts';
import { createRandom, type Random } from './random.ts';
import { nodePlace, type RoadNet } from './road-net.ts';
import { cityCentre, offsetM, placeAt, type Place } from './shanghai.ts';

type DemoZone = {
  readonly id: string;
  readonly name: string;
  readonly shape: 'circle' | 'polygon';
  readonly classes: readonly VehicleClass[];
  readonly schedule: readonly ScheduleWindow[];
  /** How far from the city's centre it may lie. */
  readonly fromM: number;
  readonly toM: number;
};

const workdays = [1, 2, 3, 4, 5];
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const lorries: readonly VehicleClass[] = ['hazmat', 'earthwork', 'mixer', 'heavy'];

/** Invented: the kinds are common in China's cities, the places and hours are not those of any real notice. */
const demoZoneKinds: readonly DemoZone[] = [
  {
    id: 'demo-inner-city',
    name: 'Inner city, no lorries',
    shape: 'polygon',
    classes: lorries,
    schedule: [],
    fromM: 0,
    toM: 4_000,
  },
  {
    id: 'demo-waterworks',
    name: 'Waterworks, no dangerous goods',
    shape: 'circle',
    classes: ['hazmat'],
    schedule: [],
    fromM: 5_000,
    toM: 16_000,
  },
  {
    id: 'demo-school',
    name: 'School, no lorries at school hours',
    shape: 'circle',
    classes: lorries,
    schedule: [
      { days: workdays, fromMinute: 7 * 60, toMinute: 8 * 60 + 30 },
      { days: workdays, fromMinute: 15 * 60 + 30, toMinute: 17 * 60 },
    ],
    fromM: 3_000,
    toM: 12_000,
  },
  {
    id: 'demo-night-rest',
    name: 'Homes, no building traffic at night',
    shape: 'polygon',
    classes: ['earthwork', 'mixer'],
    schedule: [{ days: everyDay, fromMinute: 22 * 60, toMinute: 6 * 60 }],
    fromM: 6_000,
    toM: 18_000,
  },
  {
    id: 'demo-market',
    name: 'Market street, no lorries',
    shape: 'polygon',
    classes: lorries,
    schedule: [],
    fromM: 4_000,
    toM: 14_000,
  },
];

/** Between the centres of two zones, so that they never overlap. */
const apartMinM = 2_500;

/** Prohibited zones on busy junctions of `createRoadNet({ seed })`, the first in force at all hours. */
export function demoZones(seed: number): Fence[] {
  const net = createRoadNet({ seed });
  const random = createRandom(seed, 2);
  const taken: Place[] = [];
  return demoZoneKinds.map((kind) => {
    const place = findBusyPlace(net, kind, taken, random);
    taken.push(place);
    return {
      id: kind.id,
      name: kind.name,
      shape: shapeAt(place, kind, random),
      prohibited: true,
      classes: kind.classes,
      schedule: kind.schedule,
    };
  });
}

function shapeAt(place: Place, kind: DemoZone, random: Random): FenceShape {
  const radiusM = Math.round(350 + random() * 250);
  if (kind.shape === 'circle') return { kind: 'circle', centre: place, radiusM };
  const corners = 8;
  const outline = Array.from({ length: corners }, (_, corner): Place => {
    const angle = (corner / corners) * 2 * Math.PI;
    const cornerM = radiusM * (0.85 + random() * 0.4);
    return roundPlace(placeAt(place, Math.cos(angle) * cornerM, Math.sin(angle) * cornerM));
  });
  const ring: Ring = [...outline, ...outline.slice(0, 1)];
  return { kind: 'polygons', polygons: [[ring]] };
}

/** The busiest of some junctions at the wanted distance and away from the zones that stand. */
function findBusyPlace(net: RoadNet, kind: DemoZone, taken: readonly Place[], random: Random): Place {
  let best = cityCentre;
  let bestBusy = -1;
  const start = Math.floor(random() * net.nodeCount);
  for (let step = 0; step < net.nodeCount; step += 1) {
    const node = (start + step) % net.nodeCount;
    const place = nodePlace(net, node);
    const fromCentreM = Math.hypot(...offsetM(cityCentre, place));
    if (fromCentreM < kind.fromM || fromCentreM > kind.toM) continue;
    if (taken.some((other) => Math.hypot(...offsetM(other, place)) < apartMinM)) continue;
    const busy = busyOf(net, node);
    if (busy <= bestBusy) continue;
    best = place;
    bestBusy = busy;
  }
  return roundPlace(best);
}

/** How many vehicles a second a junction could see: the sum of its roads' speeds. */
function busyOf(net: RoadNet, node: number): number {
  let sum = 0;
  for (let edge = net.firstHalfEdge[node] ?? 0; edge < (net.firstHalfEdge[node + 1] ?? 0); edge += 1) {
    sum += net.speedKph[edge] ?? 0;
  }
  return sum;
}

/** Six decimals are a tenth of a metre: what a person would write into a file. */
function roundPlace(place: Place): Place {
  return [Math.round(place[0] * 1e6) / 1e6, Math.round(place[1] * 1e6) / 1e6];
}
