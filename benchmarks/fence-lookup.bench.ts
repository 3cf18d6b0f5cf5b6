import { parseArgs } from 'node:util';
import {
  driveOn,
  FlatbushRunner,
  LinearRunner,
  OurRunner,
  pointsPerS,
  type Tick,
  type TickEvents,
} from './fence-race.ts';
import { makeFenceWorld } from './fence-world.ts';
import { barLine, rounded, roundedSpread, spreadOf } from './spread.ts';
import { Traffic } from './traffic.ts';

const rounds = 7;
/** Seconds of driving in a round. */
const ticksPerRound = 4;
/** What a peer gets of a round, seconds. */
const peerSeconds = 0.6;

/**
 * How many positions a second can one core hold against all fences, with who comes and who goes? Ours on all vehicles
 * beside what one would write with libraries, on as many vehicles as there is time for, which is kind to them: the fewer
 * vehicles, the warmer the caches. In turns within one run, for the machine is shared. Every answer of the peers is held to ours.
 */
export async function bench(args: readonly string[]): Promise<unknown> {
  const options = readOptions(args);
  return options.curve ? curve(options) : race(options);
}

type Options = {
  readonly fences: number;
  readonly vertices: number;
  readonly vehicles: number;
  readonly seed: number;
  readonly curve: boolean;
};

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const options = { fences: text, vertices: text, vehicles: text, seed: text, curve: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    fences: Number(values.fences ?? 10_000),
    vertices: Number(values.vertices ?? 64),
    vehicles: Number(values.vehicles ?? 200_000),
    seed: Number(values.seed ?? 1),
    curve: values.curve ?? false,
  };
}

function race({ fences, vertices, vehicles, seed }: Options): unknown {
  const world = makeFenceWorld({ fences, vertices, seed });
  const traffic = new Traffic(world, vehicles, seed);
  const ours = new OurRunner(world, vehicles);
  const [first] = driveOn(traffic, 1);
  ours.run([first!]);
  const flatbush = new FlatbushRunner(world, first!, peerSeconds / ticksPerRound);
  const linear = new LinearRunner(world, first!, peerSeconds);
  const check = new Check();
  const speeds = { ours: [] as number[], flatbush: [] as number[], linear: [] as number[] };
  for (let round = -1; round < rounds; round += 1) {
    const ticks = driveOn(traffic, ticksPerRound);
    const [ourEvents, theirEvents]: [TickEvents[], TickEvents[]] = [[], []];
    const ourTook = ours.run(ticks, flatbush.vehicles, ourEvents);
    const flatbushTook = flatbush.run(ticks, theirEvents);
    const linearTook = linear.run(ticks.at(-1)!);
    check.events(ourEvents, theirEvents);
    check.memberships(ours, flatbush);
    check.memberships(ours, linear);
    // The first round warms up.
    if (round < 0) continue;
    speeds.ours.push(pointsPerS(ourTook));
    speeds.flatbush.push(pointsPerS(flatbushTook));
    speeds.linear.push(pointsPerS(linearTook));
  }
  check.close();
  const [our, peer, turf] = [spreadOf(speeds.ours), spreadOf(speeds.flatbush), spreadOf(speeds.linear)];
  const result = {
    fences,
    vertices,
    vehicles,
    pointsPerS: rounded(our.median),
    peerPointsPerS: rounded(peer.median),
    turfPointsPerS: rounded(turf.median),
    ratio: rounded(our.median / peer.median),
    spread: { ours: roundedSpread(our), flatbushTurf: roundedSpread(peer), turf: roundedSpread(turf) },
    bytesPerFence: Math.round(ours.index.byteLength / ours.index.size),
    buildS: rounded(ours.buildS),
    checkedPoints: check.points,
    checkedEvents: check.eventCount,
    differing: check.differing,
    seed,
  };
  tellBars(result);
  return result;
}

/** Holds what peers say to what we say: membership by membership, and by a sum over all that does not ask for their order. */
class Check {
  points = 0;
  eventCount = 0;
  differing = 0;
  #ourHash = 0;
  #theirHash = 0;

  events(ours: readonly TickEvents[], theirs: readonly TickEvents[]): void {
    for (const [i, events] of theirs.entries()) {
      this.eventCount += events.size;
      this.differing += events.symmetricDifference(ours[i]!).size;
    }
  }

  memberships(ours: OurRunner, peer: { readonly vehicles: number; insideOf(vehicle: number): number[] }): void {
    for (let vehicle = 0; vehicle < peer.vehicles; vehicle += 1) {
      const [our, their] = [ours.insideOf(vehicle), peer.insideOf(vehicle)];
      this.points += 1;
      if (our.join() !== their.join()) this.differing += 1;
      for (const fence of our) this.#ourHash = (this.#ourHash + hashOf(this.points, fence)) >>> 0;
      for (const fence of their) this.#theirHash = (this.#theirHash + hashOf(this.points, fence)) >>> 0;
    }
  }

  /** @throws Error where anything differs: a wrong answer has no speed. */
  close(): void {
    if (this.differing > 0 || this.#ourHash !== this.#theirHash) {
      throw new Error(
        `${this.differing} of ${this.points} memberships and ${this.eventCount} events differ from turf's`,
      );
    }
    if (this.points === 0 || this.eventCount === 0) throw new Error('nothing was checked');
  }
}

function hashOf(point: number, fence: number): number {
  const bits = Math.imul(point ^ Math.imul(fence + 1, 0x9e37_79b1), 0x85eb_ca6b);
  return Math.imul(bits ^ (bits >>> 15), 0xc2b2_ae35) >>> 0;
}

/** Bars are told for the two worlds that they were set for. */
const bars = [
  { fences: 10_000, vertices: 64, ratio: 60, buildS: 1 },
  { fences: 100_000, vertices: 64, ratio: 40, buildS: 15 },
] as const;
const bytesPerFenceMax = 3_200;

function tellBars(result: {
  fences: number;
  vertices: number;
  ratio: number;
  bytesPerFence: number;
  buildS: number;
}): void {
  const bar = bars.find(({ fences, vertices }) => fences === result.fences && vertices === result.vertices);
  if (bar === undefined) return;
  process.stdout.write(barLine('times flatbush + turf', result.ratio, 'at least', bar.ratio));
  process.stdout.write(barLine('bytes a fence', result.bytesPerFence, 'at most', bytesPerFenceMax));
  process.stdout.write(barLine('seconds to build', result.buildS, 'at most', bar.buildS));
}

/** Ours alone over the number of fences. */
function curve({ vertices, vehicles, seed }: Options): unknown {
  process.stdout.write('   fences  M points/s       min       max  ns/point  bytes/fence  build s\n');
  const points = [10, 1_000, 10_000, 100_000].map((fences) => {
    const world = makeFenceWorld({ fences, vertices, seed });
    const traffic = new Traffic(world, vehicles, seed);
    const ours = new OurRunner(world, vehicles);
    const speeds: number[] = [];
    for (let round = -2; round < rounds; round += 1) {
      const ticks: readonly Tick[] = driveOn(traffic, ticksPerRound);
      const took = ours.run(ticks);
      if (round >= 0) speeds.push(pointsPerS(took));
    }
    const spread = spreadOf(speeds);
    const bytesPerFence = Math.round(ours.index.byteLength / ours.index.size);
    const millions = [spread.median, spread.min, spread.max].map((speed) => (speed / 1e6).toFixed(2).padStart(8));
    process.stdout.write(
      `${String(fences).padStart(9)}    ${millions.join('  ')}  ${(1e9 / spread.median).toFixed(1).padStart(8)}  ` +
        `${String(bytesPerFence).padStart(11)}  ${ours.buildS.toFixed(2).padStart(7)}\n`,
    );
    return { fences, pointsPerS: roundedSpread(spread), bytesPerFence, buildS: rounded(ours.buildS) };
  });
  return { vertices, vehicles, points, seed };
}
