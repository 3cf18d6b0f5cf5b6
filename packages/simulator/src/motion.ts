import { changeActivity, nextHalfEdge, targetMps } from './behaviour.ts';
import { draw, drawBetween } from './random.ts';
import { roadClasses } from './road-net.ts';
import { activity, type World } from './world.ts';

/** A laden lorry's acceleration and a calm braking, m/s2. Our choice. */
const accelerationMps2 = 0.9;
const brakingMps2 = 1.6;
/** The last metres before a stop are rolled at this speed, so that the stop is reached. */
const creepMps = 2;

const expressway = roadClasses.indexOf('expressway');
/** At one junction in three a driver has to stop; never on expressways. */
const stopShare = 1 / 3;
const stopMinS = 6;
const stopMaxS = 40;

/** Moves one vehicle on by `seconds`, the time between two of its fixes. */
export function advance(world: World, vehicle: number, seconds: number, nowMs: number): void {
  if (nowMs >= (world.untilMs[vehicle] ?? 0)) changeActivity(world, vehicle, nowMs);
  const waitS = world.waitS[vehicle] ?? 0;
  if (waitS > 0) {
    world.waitS[vehicle] = Math.max(0, waitS - seconds);
    return;
  }
  const beforeMps = world.speedMps[vehicle] ?? 0;
  if (beforeMps === 0 && world.activity[vehicle] === activity.parked) return;
  const afterMps = approach(beforeMps, wantedMps(world, vehicle), seconds);
  world.speedMps[vehicle] = afterMps;
  let offsetM = (world.offsetM[vehicle] ?? 0) + ((beforeMps + afterMps) / 2) * seconds;
  let lengthM = world.net.lengthM[world.edge[vehicle] ?? 0] ?? 0;
  // Ends: every road is at least 20 m long and a step at most some 1,300 m.
  while (offsetM >= lengthM) {
    offsetM = passJunction(world, vehicle, nowMs) ? 0 : offsetM - lengthM;
    lengthM = world.net.lengthM[world.edge[vehicle] ?? 0] ?? 0;
  }
  world.offsetM[vehicle] = offsetM;
}

function approach(nowMps: number, aimMps: number, seconds: number): number {
  return nowMps < aimMps
    ? Math.min(aimMps, nowMps + accelerationMps2 * seconds)
    : Math.max(aimMps, nowMps - brakingMps2 * seconds);
}

/** The target speed, lower where the vehicle has to stop at the end of its road. */
function wantedMps(world: World, vehicle: number): number {
  const target = targetMps(world, vehicle);
  if (world.stopAhead[vehicle] === 0 || !stops(world, vehicle)) return target;
  const leftM = (world.net.lengthM[world.edge[vehicle] ?? 0] ?? 0) - (world.offsetM[vehicle] ?? 0);
  return Math.min(target, creepMps + Math.sqrt(2 * brakingMps2 * Math.max(0, leftM)));
}

/** Puts the vehicle on its next road; true: it stops at that road's beginning. */
function passJunction(world: World, vehicle: number, nowMs: number): boolean {
  const { stream } = world;
  const stopped = world.stopAhead[vehicle] === 1 && stops(world, vehicle);
  const edge = nextHalfEdge(world, vehicle);
  world.edge[vehicle] = edge;
  const chance = draw(stream, vehicle) / 0x1_0000_0000;
  world.stopAhead[vehicle] = world.net.roadClass[edge] !== expressway && chance < stopShare ? 1 : 0;
  if (stopped) {
    world.speedMps[vehicle] = 0;
    world.waitS[vehicle] = drawBetween(stream, vehicle, stopMinS, stopMaxS);
  }
  const cover = world.covers[world.cast.zone[vehicle] ?? 0];
  if (world.activity[vehicle] === activity.approaching && cover?.through[edge] === 1) {
    changeActivity(world, vehicle, nowMs);
  }
  return stopped;
}

/** Who speeds runs the red light; who approaches a zone is in a hurry. */
function stops(world: World, vehicle: number): boolean {
  const doing = world.activity[vehicle];
  return doing !== activity.speeding && doing !== activity.racing && doing !== activity.approaching;
}
