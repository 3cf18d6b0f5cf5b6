import { toE7, vehicleClasses, type Fence, type VehicleClass } from '@haulwatch/domain';
import { createRoadNet } from './create-road-net.ts';
import { castOffenders, role, type Cast } from './offenders.ts';
import { drawBetween, streamSeed } from './random.ts';
import type { RoadNet } from './road-net.ts';
import { coverZone, halfEdgesTouching, metresToEntry, type ZoneCover } from './zone-cover.ts';

/** What a vehicle is doing. */
export const activity = {
  driving: 0,
  parked: 1,
  /** Over the limit of its class. */
  speeding: 2,
  /** Still further over it. */
  racing: 3,
  /** On the way to its zone, in it, and on the way out again. */
  approaching: 4,
  dwelling: 5,
  leaving: 6,
  /** Driving with the emergency button pressed. */
  calling: 7,
} as const;

/** Everything that moves and what it moves on, in columns: by half-edge, then by vehicle. */
export type World = {
  readonly net: RoadNet;
  readonly startLonE7: Float64Array;
  readonly startLatE7: Float64Array;
  readonly lonE7PerM: Float64Array;
  readonly latE7PerM: Float64Array;
  readonly roadMps: Float32Array;
  /** Bit c set: leads through a zone that vehicle class c must not enter, or close by; only intruders go there. */
  readonly avoid: Uint8Array;
  readonly covers: readonly ZoneCover[];

  readonly classes: Uint8Array;
  readonly cast: Cast;
  /** The state of each vehicle's own random stream. */
  readonly stream: Uint32Array;
  readonly activity: Uint8Array;
  /** When the activity ends. */
  readonly untilMs: Float64Array;
  readonly edge: Uint32Array;
  readonly offsetM: Float32Array;
  readonly speedMps: Float32Array;
  /** 1: it will stop at the end of this half-edge. */
  readonly stopAhead: Uint8Array;
  /** What is left of a stop at a junction. */
  readonly waitS: Float32Array;
  /** How fast the driver goes, against what is typical of the road. */
  readonly temper: Float32Array;
  /** The limit of the vehicle's class. */
  readonly limitMps: Float32Array;
};

export type WorldOptions = {
  readonly seed: number;
  readonly classes: Uint8Array;
  readonly startMs: number;
  readonly offenderShare: number;
  readonly limitsKph: Readonly<Record<VehicleClass, number>>;
  readonly zones: readonly Fence[];
};

/** Roads this close to a prohibited zone are avoided: position noise must not carry a lawful vehicle in. */
const avoidMarginM = 30;
/** In force or not, a fence's limit is kept with this much to spare. */
const fenceSpeedShare = 0.9;

export function createWorld(options: WorldOptions): World {
  const { seed, classes, limitsKph } = options;
  const net = createRoadNet({ seed });
  const prohibited = options.zones.filter(
    (zone) => zone.prohibited && halfEdgesTouching(net, zone.shape, 0).includes(1),
  );
  const world: World = {
    net,
    ...lattice(net),
    roadMps: roadSpeeds(net, options.zones),
    avoid: markAvoided(net, prohibited),
    covers: prohibited.map((zone) => coverZone(net, zone)),
    classes,
    cast: castOffenders({ ...options, zones: prohibited }),
    stream: Uint32Array.from(classes, (_, vehicle) => streamSeed(seed, 1_000 + vehicle)),
    activity: new Uint8Array(classes.length),
    untilMs: new Float64Array(classes.length),
    edge: new Uint32Array(classes.length),
    offsetM: new Float32Array(classes.length),
    speedMps: new Float32Array(classes.length),
    stopAhead: new Uint8Array(classes.length),
    waitS: new Float32Array(classes.length),
    temper: new Float32Array(classes.length),
    limitMps: Float32Array.from(classes, (code) => limitsKph[vehicleClasses[code] ?? 'heavy'] / 3.6),
  };
  for (let vehicle = 0; vehicle < classes.length; vehicle += 1) {
    world.temper[vehicle] = drawBetween(world.stream, vehicle, 0.8, 1.08);
    if (world.cast.role[vehicle] === role.intruder) placeBeforeZone(world, vehicle, prohibited);
    else placeAnywhere(world, vehicle);
  }
  return world;
}

/** Half-edges as straight lines on the lattice of 1e-7 degrees. */
function lattice(net: RoadNet): Pick<World, 'startLonE7' | 'startLatE7' | 'lonE7PerM' | 'latE7PerM'> {
  const along = (degrees: Float64Array): { start: Float64Array; perM: Float64Array } => {
    const start = Float64Array.from(net.tail, (node) => toE7(degrees[node] ?? 0));
    const perM = Float64Array.from(
      net.head,
      (node, edge) => (toE7(degrees[node] ?? 0) - (start[edge] ?? 0)) / (net.lengthM[edge] ?? 1),
    );
    return { start, perM };
  };
  const [lon, lat] = [along(net.nodeLonDeg), along(net.nodeLatDeg)];
  return { startLonE7: lon.start, startLatE7: lat.start, lonE7PerM: lon.perM, latE7PerM: lat.perM };
}

function roadSpeeds(net: RoadNet, zones: readonly Fence[]): Float32Array {
  const roadMps = Float32Array.from(net.speedKph, (speedKph) => speedKph / 3.6);
  for (const { shape, limitKph } of zones) {
    if (limitKph === undefined) continue;
    for (const [edge, touching] of halfEdgesTouching(net, shape, avoidMarginM).entries()) {
      if (touching === 1) roadMps[edge] = Math.min(roadMps[edge] ?? 0, (limitKph / 3.6) * fenceSpeedShare);
    }
  }
  return roadMps;
}

function markAvoided(net: RoadNet, prohibited: readonly Fence[]): Uint8Array {
  const avoid = new Uint8Array(net.halfEdgeCount);
  for (const { shape, classes } of prohibited) {
    const bits = classes.reduce((mask, vehicleClass) => mask | (1 << vehicleClasses.indexOf(vehicleClass)), 0);
    for (const [edge, touching] of halfEdgesTouching(net, shape, avoidMarginM).entries()) {
      if (touching === 1) avoid[edge] = (avoid[edge] ?? 0) | bits;
    }
  }
  return avoid;
}

/** Whether the vehicle's class is forbidden a zone on the half-edge. */
export function isForbidden(world: World, vehicle: number, edge: number): boolean {
  return (((world.avoid[edge] ?? 0) >>> (world.classes[vehicle] ?? 0)) & 1) === 1;
}

function placeAnywhere(world: World, vehicle: number): void {
  const { net, stream } = world;
  // A bounded search: where zones cover nearly the whole net, a vehicle starts inside one.
  for (let tries = 0; tries < 64; tries += 1) {
    const edge = Math.floor(drawBetween(stream, vehicle, 0, net.halfEdgeCount));
    world.edge[vehicle] = edge;
    if (!isForbidden(world, vehicle, edge)) break;
  }
  world.offsetM[vehicle] = drawBetween(stream, vehicle, 0, net.lengthM[world.edge[vehicle] ?? 0] ?? 0);
}

/** On a road into the intruder's zone, 10 to 30 s before it. */
function placeBeforeZone(world: World, vehicle: number, zones: readonly Fence[]): void {
  const zone = zones[world.cast.zone[vehicle] ?? 0];
  const cover = world.covers[world.cast.zone[vehicle] ?? 0];
  if (zone === undefined || cover === undefined) return placeAnywhere(world, vehicle);
  const start = Math.floor(drawBetween(world.stream, vehicle, 0, world.net.halfEdgeCount));
  let [edge, entryM] = [start, 0];
  for (let step = 0; step < world.net.halfEdgeCount; step += 1) {
    edge = (start + step) % world.net.halfEdgeCount;
    if (cover.through[edge] !== 1) continue;
    entryM = metresToEntry(world.net, edge, zone.shape);
    if (entryM > 0) break;
  }
  const ahead = drawBetween(world.stream, vehicle, 10, 30) * (world.roadMps[edge] ?? 0);
  world.edge[vehicle] = edge;
  world.offsetM[vehicle] = Math.max(0, entryM - ahead);
}
