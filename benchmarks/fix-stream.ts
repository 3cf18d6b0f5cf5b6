import { encodeFixJson, FrameEncoder, type FrameFix } from '@haulwatch/codec';
import { alarmFlagSos, Fleet, fromE7, type VehicleClass } from '@haulwatch/domain';
import type { FenceWorld } from './fence-world.ts';
import { Random } from './random.ts';
import { Traffic } from './traffic.ts';

/** Wednesday, half a minute before 11:00 in Shanghai. */
const startMs = Date.parse('2026-11-25T10:59:30+08:00');
const rowsPerFrame = 500;

/** How the classes are mixed, in per cent. */
const mix: readonly (readonly [VehicleClass, number])[] = [
  ['coach', 10],
  ['hazmat', 10],
  ['earthwork', 15],
  ['mixer', 15],
  ['heavy', 50],
];

/** What the terminals of most vehicles show at most, km/h: below every limit. */
const usualMaxKph = 55;
/** Vehicles that drive too fast for a minute of every 150 s: an alarm is raised after 30 s, and cleared a minute after its end. */
const speeding = { share: 0.003, forS: 60, everyS: 150, fromKph: 90, toKph: 155 } as const;
/** Vehicles that are out of reach for 95 s of every 200, which is a gap. What they would have told is not sent later. */
const silence = { share: 0.002, forS: 95, everyS: 200 } as const;
/** Of the fixes; a press lasts for some of them. */
const pressing = { share: 1e-5, forS: 3 } as const;
/** Vehicles whose terminals tell no speed. */
const speedlessShare = 0.005;
/** Of the fixes: told twice; told again from `agoMs` ago; without a position. None is late: all are within the reorder. */
const mess = { twice: 0.003, reordered: 0.003, invalid: 0.005, agoMs: 2_500 } as const;

/** What all vehicles report in one second. */
export type StreamTick = {
  readonly frames: readonly Uint8Array[];
  /** Rows in the frames. */
  readonly fixes: number;
  readonly receivedAtMs: number;
  /** The same fixes as JSON v1, of the vehicles that texts were asked for, in the same order. */
  readonly texts: readonly string[];
};

export type FixStreamOptions = {
  readonly vehicles: number;
  readonly seed: number;
  /** Texts are made of vehicles below this number: they cost more than all the rest. */
  readonly textsBelow?: number;
  /** So many times the usual share of speeders, presses and mess: for small worlds. */
  readonly trouble?: number;
};

/** A fleet in traffic at 1 Hz as its gateway would send it: frames of 500 rows, vehicles in random order, with some mess in it. */
export class FixStream {
  readonly fleet = new Fleet();
  readonly #traffic: Traffic;
  readonly #random: Random;
  readonly #textsBelow: number;
  readonly #encoder = new FrameEncoder();
  /** Seconds of the emergency button that are left. */
  readonly #pressedS: Uint8Array;
  readonly #isSpeeder: Uint8Array;
  readonly #isSilent: Uint8Array;
  readonly #isSpeedless: Uint8Array;
  readonly #trouble: number;
  #second = 0;

  constructor(world: FenceWorld, { vehicles, seed, textsBelow = 0, trouble = 1 }: FixStreamOptions) {
    this.#traffic = new Traffic(world, vehicles, seed);
    this.#random = Random.of(seed, 4);
    this.#textsBelow = textsBelow;
    this.#trouble = trouble;
    this.#pressedS = new Uint8Array(vehicles);
    this.#isSpeeder = new Uint8Array(vehicles);
    this.#isSilent = new Uint8Array(vehicles);
    this.#isSpeedless = new Uint8Array(vehicles);
    for (let i = 0; i < vehicles; i += 1) {
      this.#isSpeeder[i] = Number(this.#random.chance(speeding.share * trouble));
      this.#isSilent[i] = Number(this.#random.chance(silence.share * trouble));
      this.#isSpeedless[i] = Number(this.#random.chance(speedlessShare * trouble));
      this.fleet.put({ id: vehicleIdOf(i), number: i + 1, class: classAt(this.#random.between(0, 100)) });
    }
  }

  /** @param withTexts false: without texts, where nobody compares. */
  next(withTexts = true): StreamTick {
    const receivedAtMs = startMs + (this.#second + 1) * 1_000;
    const frames: Uint8Array[] = [];
    const texts: string[] = [];
    let fixes = 0;
    const add = (vehicle: number, fix: FrameFix): void => {
      if (this.#encoder.count === 0) this.#encoder.begin(receivedAtMs);
      this.#encoder.add(vehicle + 1, fix);
      if (withTexts && vehicle < this.#textsBelow) {
        texts.push(encodeFixJson({ vehicleId: vehicleIdOf(vehicle), receivedAtMs, ...fix }));
      }
      fixes += 1;
      if (this.#encoder.count === rowsPerFrame) frames.push(this.#encoder.finish());
    };
    for (const vehicle of this.#traffic.order) {
      if (this.#isSilent[vehicle] === 1 && this.#isTime(vehicle, silence)) continue;
      const fix = this.#fixOf(vehicle);
      add(vehicle, fix);
      const chance = this.#random.share() / this.#trouble;
      if (chance < mess.twice) add(vehicle, fix);
      else if (chance < mess.twice + mess.reordered) {
        add(vehicle, { ...fix, fixedAtMs: fix.fixedAtMs - mess.agoMs, latDeg: fix.latDeg + 1e-5 });
      }
    }
    if (this.#encoder.count > 0) frames.push(this.#encoder.finish());
    this.#second += 1;
    this.#traffic.step();
    return { frames, fixes, receivedAtMs, texts };
  }

  #fixOf(vehicle: number): FrameFix {
    const random = this.#random;
    if (random.chance(pressing.share * this.#trouble)) this.#pressedS[vehicle] = pressing.forS;
    const pressed = this.#pressedS[vehicle]! > 0;
    if (pressed) this.#pressedS[vehicle] = this.#pressedS[vehicle]! - 1;
    return {
      // Each terminal reports at its own moment of the second.
      fixedAtMs: startMs + this.#second * 1_000 + ((vehicle * 7_919) % 1_000),
      lonDeg: fromE7(this.#traffic.lonE7[vehicle]!),
      latDeg: fromE7(this.#traffic.latE7[vehicle]!),
      headingDeg: (vehicle * 37 + this.#second) % 360,
      altitudeM: 4,
      mileageKm: vehicle,
      alarmFlags: pressed ? alarmFlagSos : 0,
      statusFlags: 3,
      ...(this.#isSpeedless[vehicle] === 1 ? {} : { speedKph: this.#speedKph(vehicle) }),
      ...(random.chance(mess.invalid * this.#trouble) ? { valid: false } : {}),
    };
  }

  /** As a terminal tells it, in tenths. Speeders get faster and faster, so that alarms escalate. */
  #speedKph(vehicle: number): number {
    const isFast = this.#isSpeeder[vehicle] === 1 && this.#isTime(vehicle, speeding);
    const sinceS = (this.#second + vehicle) % speeding.everyS;
    const kph = isFast
      ? speeding.fromKph + ((speeding.toKph - speeding.fromKph) * sinceS) / speeding.forS
      : Math.min(usualMaxKph, this.#traffic.speedMps[vehicle]! * 3.6);
    return Math.round(kph * 10) / 10;
  }

  #isTime(vehicle: number, { forS, everyS }: { readonly forS: number; readonly everyS: number }): boolean {
    return (this.#second + vehicle) % everyS < forS;
  }
}

function vehicleIdOf(vehicle: number): string {
  return `SH${String(vehicle).padStart(7, '0')}`;
}

function classAt(perCent: number): VehicleClass {
  let upTo = 0;
  for (const [name, share] of mix) {
    upTo += share;
    if (perCent < upTo) return name;
  }
  return 'heavy';
}
