import { placeIn, unitsPerMetre } from './crowd.ts';
import type { FenceWorld } from './fence-world.ts';
import type { Box } from './jagged-tiles.ts';
import { Random } from './random.ts';

const parkedShare = 0.3;
/** Metres a second of those that drive: 11 on the mean. */
const speedMps = { from: 3, to: 19 } as const;
/** Error of a satellite position, metres, standard deviation on each axis. */
const noiseM = 1.5;
/** How far a vehicle turns in a second, radians, standard deviation: a curve now and then. */
const turnRad = 0.08;

/**
 * Vehicles that drive in a world of fences, a step a second: where each is next follows from where it was. What
 * their terminals report is `lonE7`, `latE7` and `speedMps`, with the noise of satellites in the position.
 */
export class Traffic {
  readonly count: number;
  readonly lonE7: Int32Array;
  readonly latE7: Int32Array;
  readonly speedMps: Float32Array;
  /** Every vehicle once, in another order at each step: reports arrive as they like. */
  readonly order: Int32Array;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #heading: Float32Array;
  readonly #area: Box;
  readonly #random: Random;

  constructor(world: FenceWorld, count: number, seed: number) {
    this.count = count;
    this.#area = world.area;
    this.#random = Random.of(seed, 2);
    this.lonE7 = new Int32Array(count);
    this.latE7 = new Int32Array(count);
    this.speedMps = new Float32Array(count);
    this.order = Int32Array.from({ length: count }, (_, i) => i);
    this.#x = new Float64Array(count);
    this.#y = new Float64Array(count);
    this.#heading = new Float32Array(count);
    for (let i = 0; i < count; i += 1) {
      const place = placeIn(world.area, world.hotSpots, this.#random);
      this.#x[i] = place.x;
      this.#y[i] = place.y;
      this.#heading[i] = this.#random.between(0, 2 * Math.PI);
      this.speedMps[i] = this.#random.chance(parkedShare) ? 0 : this.#random.between(speedMps.from, speedMps.to);
    }
    this.#report();
  }

  /** A second later. */
  step(): void {
    const { minX, minY, maxX, maxY } = this.#area;
    for (let i = 0; i < this.count; i += 1) {
      const speed = this.speedMps[i]!;
      if (speed === 0) continue;
      const heading = this.#heading[i]! + this.#random.bell() * turnRad;
      const x = this.#x[i]! + Math.cos(heading) * speed * unitsPerMetre.east;
      const y = this.#y[i]! + Math.sin(heading) * speed * unitsPerMetre.north;
      const isIn = x >= minX && x <= maxX && y >= minY && y <= maxY;
      // At the area's border it turns back.
      this.#heading[i] = isIn ? heading : heading + Math.PI;
      if (!isIn) continue;
      this.#x[i] = x;
      this.#y[i] = y;
    }
    this.#report();
  }

  /** Puts what is reported of the vehicles into columns, in the order of this step. */
  write(vehicle: Int32Array, lonE7: Int32Array, latE7: Int32Array): void {
    for (let row = 0; row < this.count; row += 1) {
      const i = this.order[row]!;
      vehicle[row] = i;
      lonE7[row] = this.lonE7[i]!;
      latE7[row] = this.latE7[i]!;
    }
  }

  #report(): void {
    for (let i = 0; i < this.count; i += 1) {
      this.lonE7[i] = Math.round(this.#x[i]! + this.#random.bell() * noiseM * unitsPerMetre.east);
      this.latE7[i] = Math.round(this.#y[i]! + this.#random.bell() * noiseM * unitsPerMetre.north);
    }
    this.#random.shuffle(this.order);
  }
}
