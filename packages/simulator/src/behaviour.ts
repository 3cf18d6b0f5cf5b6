import { role } from './offenders.ts';
import { draw, drawBetween } from './random.ts';
import { activity, isForbidden, type World } from './world.ts';

/** How long a vehicle keeps at something, seconds: from and to. Parked for 30 % of the time; the rest is our choice. */
const lasts = {
  drive: [11 * 60, 31 * 60],
  park: [4 * 60, 14 * 60],
  spree: [70, 150],
  spreeBeforeClimb: [45, 80],
  climb: [35, 60],
  betweenSprees: [90, 300],
  dwell: [45, 120],
  leave: [90, 240],
  call: [60, 60],
  betweenCalls: [5 * 60, 15 * 60],
} as const;

const parkedShare = 0.3;

/** What each vehicle does at the start, and until when. */
export function beginActivities(world: World, startMs: number): void {
  for (let vehicle = 0; vehicle < world.classes.length; vehicle += 1) {
    beginActivity(world, vehicle, startMs);
    world.speedMps[vehicle] = targetMps(world, vehicle);
  }
}

/** Ends what the vehicle was doing and begins the next thing. */
export function changeActivity(world: World, vehicle: number, nowMs: number): void {
  const begin = (next: number, seconds: readonly [number, number]): void => {
    world.activity[vehicle] = next;
    world.untilMs[vehicle] = nowMs + 1_000 * drawBetween(world.stream, vehicle, ...seconds);
  };
  switch (world.activity[vehicle]) {
    case activity.driving:
      if (world.cast.role[vehicle] === role.speeder) {
        begin(activity.speeding, world.cast.climbs[vehicle] === 1 ? lasts.spreeBeforeClimb : lasts.spree);
        world.waitS[vehicle] = 0;
      } else if (world.cast.role[vehicle] === role.caller) begin(activity.calling, lasts.call);
      else begin(activity.parked, lasts.park);
      break;
    case activity.speeding:
      if (world.cast.climbs[vehicle] === 1) begin(activity.racing, lasts.climb);
      else begin(activity.driving, lasts.betweenSprees);
      break;
    case activity.racing:
      begin(activity.driving, lasts.betweenSprees);
      break;
    case activity.approaching:
      begin(activity.dwelling, lasts.dwell);
      break;
    case activity.dwelling:
      begin(activity.leaving, lasts.leave);
      break;
    case activity.leaving:
      // Ends not by time but with the first road that leads through the zone.
      world.activity[vehicle] = activity.approaching;
      world.untilMs[vehicle] = Infinity;
      break;
    case activity.calling:
      begin(activity.driving, lasts.betweenCalls);
      break;
    default:
      begin(activity.driving, lasts.drive);
  }
}

/** Speeders exceed what the law says, everybody else keeps to it with this much to spare. */
const lawfulShare = 0.94;
/** A climbing speeder's second half, added to its excess. */
const climbExcess = 0.14;

/** How fast the vehicle wants to drive on its road, m/s. */
export function targetMps(world: World, vehicle: number): number {
  const limitMps = world.limitMps[vehicle] ?? 0;
  switch (world.activity[vehicle]) {
    case activity.parked:
      return 0;
    case activity.speeding:
      return limitMps * (1 + (world.cast.excess[vehicle] ?? 0));
    case activity.racing:
      return limitMps * (1 + climbExcess + (world.cast.excess[vehicle] ?? 0));
    default: {
      const roadMps = (world.roadMps[world.edge[vehicle] ?? 0] ?? 0) * (world.temper[vehicle] ?? 1);
      return Math.min(roadMps, limitMps * lawfulShare);
    }
  }
}

/** How much a driver dislikes a turn is weighed against a whim of up to so many degrees. */
const whimDeg = 140;

/** The half-edge that the vehicle takes at the end of its own. */
export function nextHalfEdge(world: World, vehicle: number): number {
  const { net } = world;
  const edge = world.edge[vehicle] ?? 0;
  const node = net.head[edge] ?? 0;
  const doing = world.activity[vehicle];
  const cover = world.covers[world.cast.zone[vehicle] ?? 0];
  if (cover !== undefined) {
    if (doing === activity.approaching && (cover.inward[node] ?? -1) >= 0) return cover.inward[node] ?? 0;
    const wayOut = doing === activity.leaving && cover.through[edge] === 1 ? (cover.outward[node] ?? -1) : -1;
    if (wayOut >= 0) return wayOut;
  }
  const within = doing === activity.dwelling ? cover?.through : undefined;
  const back = net.twin[edge] ?? 0;
  let best = back;
  let bestDislike = Infinity;
  const end = net.firstHalfEdge[node + 1] ?? 0;
  for (let candidate = net.firstHalfEdge[node] ?? 0; candidate < end; candidate += 1) {
    const closed = within === undefined ? isForbidden(world, vehicle, candidate) : within[candidate] !== 1;
    if (closed || candidate === back) continue;
    const turnDeg = Math.abs((((net.headingDeg[candidate] ?? 0) - (net.headingDeg[edge] ?? 0) + 540) % 360) - 180);
    const dislike = turnDeg + ((draw(world.stream, vehicle) >>> 16) * whimDeg) / 0x1_0000;
    if (dislike >= bestDislike) continue;
    best = candidate;
    bestDislike = dislike;
  }
  return best;
}

function beginActivity(world: World, vehicle: number, startMs: number): void {
  const { stream } = world;
  const until = (fromS: number, toS: number): void => {
    world.untilMs[vehicle] = startMs + 1_000 * drawBetween(stream, vehicle, fromS, toS);
  };
  const early = world.cast.early[vehicle] === 1;
  world.activity[vehicle] = activity.driving;
  switch (world.cast.role[vehicle]) {
    case role.speeder:
      if (early) world.activity[vehicle] = activity.speeding;
      until(early ? lasts.spree[0] : 0, early ? lasts.spree[1] : lasts.betweenSprees[1]);
      break;
    case role.intruder:
      world.activity[vehicle] = activity.approaching;
      world.untilMs[vehicle] = Infinity;
      break;
    case role.caller:
      // Whoever looks at the page for the first time should not wait for half a minute of speeding to be proven.
      until(5, 12);
      break;
    default: {
      const parked = drawBetween(stream, vehicle, 0, 1) < parkedShare;
      if (parked) world.activity[vehicle] = activity.parked;
      until(0, parked ? lasts.park[1] : lasts.drive[1]);
    }
  }
}
