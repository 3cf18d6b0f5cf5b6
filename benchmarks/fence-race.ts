import { Crossings, FenceIndex, FenceTracker, crossingKind, hitsMax } from '@haulwatch/geo';
import { FlatbushTurf, LinearTurf, PlainMembership } from './fence-peers.ts';
import type { FenceWorld } from './fence-world.ts';
import { shapeOf } from './lattice-fence.ts';
import type { Traffic } from './traffic.ts';

/** As many rows as eight frames have: what a fetch brings. */
const batchRows = 4_000;

type Batch = { vehicle: Int32Array; lonE7: Int32Array; latE7: Int32Array; count: number };

/** What all vehicles report in one second: in the order of arrival for us, by vehicle for the peers. */
export type Tick = {
  readonly batches: readonly Batch[];
  readonly lonE7: Int32Array;
  readonly latE7: Int32Array;
};

/** Drives on by some seconds and keeps each. */
export function driveOn(traffic: Traffic, seconds: number): Tick[] {
  return Array.from({ length: seconds }, () => {
    traffic.step();
    const whole = [0, 0, 0].map(() => new Int32Array(traffic.count)) as [Int32Array, Int32Array, Int32Array];
    traffic.write(...whole);
    const batches: Batch[] = [];
    for (let from = 0; from < traffic.count; from += batchRows) {
      const [vehicle, lonE7, latE7] = whole.map((column) => column.subarray(from, from + batchRows));
      batches.push({ vehicle: vehicle!, lonE7: lonE7!, latE7: latE7!, count: vehicle!.length });
    }
    return { batches, lonE7: traffic.lonE7.slice(), latE7: traffic.latE7.slice() };
  });
}

/** Points that somebody took, and in what time. */
export type Took = { readonly points: number; readonly seconds: number };

export function pointsPerS(took: Took): number {
  return took.points / took.seconds;
}

/** Events as text, so that two sides can be compared as sets: vehicle, fence, and whether it came or went. */
export type TickEvents = Set<string>;

/** Ours: the index of the house, every vehicle. */
export class OurRunner {
  readonly index: FenceIndex;
  readonly buildS: number;
  readonly #tracker: FenceTracker;
  readonly #out = new Crossings(batchRows * 4);
  readonly #hits = new Int32Array(hitsMax);

  constructor(world: FenceWorld, vehicles: number) {
    const shapes = world.fences.map(shapeOf);
    const fromMs = performance.now();
    this.index = FenceIndex.of(shapes);
    this.buildS = (performance.now() - fromMs) / 1_000;
    this.#tracker = new FenceTracker(this.index, vehicles);
  }

  /** Takes the ticks; `events` gets what was told of vehicles below `eventsBelow`, for each tick. */
  run(ticks: readonly Tick[], eventsBelow = 0, events: TickEvents[] = []): Took {
    const told: number[] = [];
    let seconds = 0;
    let points = 0;
    for (const tick of ticks) {
      told.length = 0;
      const fromMs = performance.now();
      for (const batch of tick.batches) {
        this.#out.clear();
        this.#tracker.moveAll(batch.vehicle, batch.lonE7, batch.latE7, batch.count, this.#out);
        points += batch.count;
        for (let i = 0; i < this.#out.count; i += 1) {
          told.push(batch.vehicle[this.#out.row[i]!]!, this.#out.fence[i]!, this.#out.kind[i]!);
        }
      }
      seconds += (performance.now() - fromMs) / 1_000;
      if (this.#out.lost > 0) throw new RangeError('crossings were lost: they need more room');
      events.push(eventsOf(told, eventsBelow));
    }
    return { points, seconds };
  }

  insideOf(vehicle: number): number[] {
    return [...this.#hits.subarray(0, this.#tracker.membership(vehicle, this.#hits))];
  }
}

/** Peers know nothing of a thin fence that was jumped over between two fixes: that event is left out. */
function eventsOf(told: readonly number[], below: number): TickEvents {
  const events: TickEvents = new Set();
  for (let i = 0; i < told.length; i += 3) {
    const [vehicle, fence, kind] = [told[i]!, told[i + 1]!, told[i + 2]!];
    if (vehicle < below && kind !== crossingKind.passed)
      events.add(eventText(vehicle, fence, kind === crossingKind.entered));
  }
  return events;
}

function eventText(vehicle: number, fence: number, entered: boolean): string {
  return `${vehicle} ${entered ? 'enters' : 'leaves'} ${fence}`;
}

/** flatbush + turf with a set for each vehicle: as many vehicles as there is time for, those with the lowest numbers. */
export class FlatbushRunner {
  readonly vehicles: number;
  readonly #members: PlainMembership;

  constructor(world: FenceWorld, tick: Tick, secondsPerTick: number) {
    const finder = new FlatbushTurf(world.fences);
    this.#members = new PlainMembership(finder);
    this.vehicles = affordable(tick, secondsPerTick, (vehicle) => this.#move(tick, vehicle, () => {}));
    // The first sight of the others, so that each tick that counts has a former one.
    for (let vehicle = 0; vehicle < this.vehicles; vehicle += 1) this.#move(tick, vehicle, () => {});
  }

  run(ticks: readonly Tick[], events: TickEvents[]): Took {
    let seconds = 0;
    for (const tick of ticks) {
      const told: number[] = [];
      const fromMs = performance.now();
      for (let vehicle = 0; vehicle < this.vehicles; vehicle += 1) {
        this.#move(tick, vehicle, (of, fence, entered) => told.push(of, fence, Number(entered)));
      }
      seconds += (performance.now() - fromMs) / 1_000;
      const texts: TickEvents = new Set();
      for (let i = 0; i < told.length; i += 3) texts.add(eventText(told[i]!, told[i + 1]!, told[i + 2] === 1));
      events.push(texts);
    }
    return { points: this.vehicles * ticks.length, seconds };
  }

  insideOf(vehicle: number): number[] {
    return this.#members.insideOf(vehicle);
  }

  #move(tick: Tick, vehicle: number, tell: Parameters<PlainMembership['move']>[3]): void {
    this.#members.move(vehicle, tick.lonE7[vehicle]!, tick.latE7[vehicle]!, tell);
  }
}

/** turf alone, which fences only and at one tick of a round: it is too slow for more. */
export class LinearRunner {
  readonly vehicles: number;
  readonly #finder: LinearTurf;
  #inside: number[][] = [];

  constructor(world: FenceWorld, tick: Tick, seconds: number) {
    this.#finder = new LinearTurf(world.fences);
    this.vehicles = affordable(tick, seconds, (vehicle) =>
      this.#finder.fencesAt(tick.lonE7[vehicle]!, tick.latE7[vehicle]!),
    );
  }

  run(tick: Tick): Took {
    const inside: number[][] = [];
    const fromMs = performance.now();
    for (let vehicle = 0; vehicle < this.vehicles; vehicle += 1) {
      inside.push(this.#finder.fencesAt(tick.lonE7[vehicle]!, tick.latE7[vehicle]!));
    }
    const seconds = (performance.now() - fromMs) / 1_000;
    this.#inside = inside;
    return { points: this.vehicles, seconds };
  }

  insideOf(vehicle: number): number[] {
    return this.#inside[vehicle]!;
  }
}

/** How many vehicles fit into so much time: tried once to warm up, then with the clock. */
function affordable(tick: Tick, seconds: number, take: (vehicle: number) => unknown): number {
  const all = tick.lonE7.length;
  const within = (limitMs: number, upTo: number): number => {
    const untilMs = performance.now() + limitMs;
    let vehicle = 0;
    while (vehicle < upTo && performance.now() < untilMs) take(vehicle++);
    return vehicle;
  };
  const warm = within(2_000, all);
  const fromMs = performance.now();
  const timed = within(1_000, warm);
  const each = (performance.now() - fromMs) / 1_000 / timed;
  return Math.max(1, Math.min(all, Math.floor(seconds / each)));
}
