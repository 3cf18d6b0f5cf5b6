import { crc32c, encodeFrame, headerAt, headerSize, homePartition, rowAt, rowSize } from '@haulwatch/codec';
import { alarmFlagSos, toE7, type Fence, type Policy, type Vehicle } from '@haulwatch/domain';
import { extent } from '@haulwatch/simulator';

/** A record of telemetry and the partition that it belongs on. */
export type LoadFrame = { readonly partition: number; readonly value: Uint8Array };

/** Words of a row: longitude, latitude, speed with heading, alarm flags. */
const rowWords = rowSize / 4;
const word = {
  lonE7: rowAt.lonE7 / 4,
  latE7: rowAt.latE7 / 4,
  speedAndHeading: rowAt.speedDkph / 4,
  alarmFlags: rowAt.alarmFlags / 4,
} as const;

/** A lap takes 8,192 steps of 32 ms: 262 s. With 8 to 20 m/s that is a loop of 2 to 5 km. */
const stepMsLog2 = 5;
const lapSteps = 8_192;
const lapS = (lapSteps << stepMsLog2) / 1_000;
const sines = Float64Array.from({ length: lapSteps }, (_, step) => Math.sin((step / lapSteps) * 2 * Math.PI));

const metresPerDegree = 111_195;
const lonShrink = Math.cos((31.2 * Math.PI) / 180);

/** How many of 10,000 vehicles do what raises alarms: with 200,000 vehicles some thirty steps of alarms each second. */
const offendersOf10000 = { speeds: 120, intrudes: 15, calls: 5 } as const;
const does = { nothing: 0, speeds: 1, calls: 2 } as const;

/** A speeder is 30 % too fast for the first 45 s of every 180 s; a caller's button is down for the first 5 s of 300. */
const speeding = { everyS: 180, forS: 45, share: 1.3 } as const;
const calling = { everyS: 300, forS: 5 } as const;

/**
 * A fleet that costs little to move: every vehicle drives round a loop of its own, and a tick writes three words of a row
 * that stands ready, so that the generator leaves the machine to what is measured. The same calls give the same bytes.
 */
export class LoadFleet {
  readonly #partitions: readonly HomeRows[];

  /** @param rowsMax rows of a frame at most. */
  constructor(vehicles: Iterable<Vehicle>, policy: Policy, partitions: number, rowsMax: number) {
    const homes = Array.from({ length: partitions }, (): Vehicle[] => []);
    for (const vehicle of vehicles) homes[homePartition(vehicle.id, partitions)]!.push(vehicle);
    this.#partitions = homes.map((home, partition) => new HomeRows(partition, home, policy, rowsMax));
  }

  /** The next vehicles' fixes at a time: of each partition this share of its vehicles, in turn. */
  frames(atMs: number, share: number): LoadFrame[] {
    return this.#partitions.flatMap((rows) => rows.frames(atMs, share));
  }
}

/** The vehicles of one partition: their rows in the wire's form, and what each does. */
class HomeRows {
  readonly #partition: number;
  readonly #rowsMax: number;
  readonly #count: number;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #header: Uint8Array;
  readonly #centreLonE7: Int32Array;
  readonly #centreLatE7: Int32Array;
  readonly #radiusM: Float64Array;
  readonly #phase: Uint16Array;
  readonly #does: Uint8Array;
  readonly #speedDkph: Uint16Array;
  #next = 0;
  /** Parts of a row that are due and have not been sent. */
  #due = 0;

  constructor(partition: number, vehicles: readonly Vehicle[], policy: Policy, rowsMax: number) {
    const count = vehicles.length;
    this.#partition = partition;
    this.#rowsMax = rowsMax;
    this.#count = count;
    this.#words = new Int32Array(count * rowWords);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#header = new Uint8Array(headerSize);
    this.#centreLonE7 = new Int32Array(count);
    this.#centreLatE7 = new Int32Array(count);
    this.#radiusM = new Float64Array(count);
    this.#phase = new Uint16Array(count);
    this.#does = new Uint8Array(count);
    this.#speedDkph = new Uint16Array(count);
    for (const [row, vehicle] of vehicles.entries()) this.#place(row, vehicle, policy);
  }

  frames(atMs: number, share: number): LoadFrame[] {
    this.#due += this.#count * share;
    let left = Math.min(this.#count, Math.floor(this.#due));
    this.#due -= left;
    const frames: LoadFrame[] = [];
    while (left > 0) {
      const frameCount = Math.ceil(left / this.#rowsMax);
      const rows = Math.min(Math.ceil(left / frameCount), this.#count - this.#next);
      for (let row = this.#next; row < this.#next + rows; row += 1) this.#move(row, atMs);
      frames.push({ partition: this.#partition, value: this.#frame(this.#next, rows, atMs) });
      this.#next = (this.#next + rows) % this.#count;
      left -= rows;
    }
    return frames;
  }

  #place(row: number, vehicle: Vehicle, policy: Policy): void {
    const random = randomOf(vehicle.number);
    const limitKph = policy.overspeed.limitsKph[vehicle.class].value;
    const cast = Math.floor(random() * 10_000);
    const speedKph = limitKph * (0.4 + 0.45 * random());
    // So long that the positions agree with the speed.
    const radiusM = ((speedKph / 3.6) * lapS) / (2 * Math.PI);
    const { speeds, intrudes, calls } = offendersOf10000;
    const forbidden = policy.fences.filter((it) => it.classes.includes(vehicle.class));
    const zone = forbidden.find((it) => it.prohibited && it.schedule.length === 0);
    const intruder = cast >= speeds && cast < speeds + intrudes && zone !== undefined;
    const [lonDeg, latDeg] = intruder ? borderOf(zone) : quietPlace(forbidden, radiusM, random);
    this.#centreLonE7[row] = toE7(lonDeg);
    this.#centreLatE7[row] = toE7(latDeg);
    this.#radiusM[row] = radiusM;
    this.#phase[row] = Math.floor(random() * lapSteps);
    this.#speedDkph[row] = Math.round(speedKph * 10);
    if (cast < speeds) this.#does[row] = does.speeds;
    else if (cast >= 10_000 - calls) this.#does[row] = does.calls;
    if (this.#does[row] === does.speeds) this.#speedDkph[row] = Math.round(limitKph * 9);
    const frame = encodeFrame(
      [
        {
          vehicleNumber: vehicle.number,
          fixedAtMs: 1e12,
          lonDeg,
          latDeg,
          speedKph,
          headingDeg: 90,
          altitudeM: 4,
          accuracyM: 3,
          mileageKm: 1_000 + row,
          alarmFlags: 0,
          statusFlags: 3,
        },
      ],
      1e12,
    );
    this.#header.set(frame.subarray(0, headerSize));
    this.#bytes.set(frame.subarray(headerSize), row * rowSize);
  }

  #move(row: number, atMs: number): void {
    const step = ((Math.floor(atMs / (1 << stepMsLog2)) % lapSteps) + this.#phase[row]!) & (lapSteps - 1);
    const at = row * rowWords;
    const radiusE7 = (this.#radiusM[row]! / metresPerDegree) * 1e7;
    this.#words[at + word.lonE7] = this.#centreLonE7[row]! + Math.round((sines[step]! * radiusE7) / lonShrink);
    this.#words[at + word.latE7] =
      this.#centreLatE7[row]! + Math.round(sines[(step + lapSteps / 4) & (lapSteps - 1)]! * radiusE7);
    const doing = this.#does[row]!;
    let speedDkph = this.#speedDkph[row]!;
    if (doing !== does.nothing) {
      const second = Math.floor(atMs / 1_000) + this.#phase[row]!;
      if (doing === does.calls) {
        this.#words[at + word.alarmFlags] = second % calling.everyS < calling.forS ? alarmFlagSos : 0;
      } else if (second % speeding.everyS < speeding.forS) {
        speedDkph = Math.round((speedDkph / 0.9) * speeding.share);
      }
    }
    // Clockwise from the north, at right angles to the way out from the centre.
    const headingCdeg = Math.floor(((step + lapSteps / 4) & (lapSteps - 1)) * (36_000 / lapSteps));
    this.#words[at + word.speedAndHeading] = speedDkph | (headingCdeg << 16);
  }

  #frame(first: number, rows: number, atMs: number): Uint8Array {
    const frame = Buffer.allocUnsafeSlow(headerSize + rows * rowSize);
    frame.set(this.#header);
    frame.writeUInt16LE(rows, headerAt.count);
    frame.writeDoubleLE(atMs, headerAt.receivedAtMs);
    frame.set(this.#bytes.subarray(first * rowSize, (first + rows) * rowSize), headerSize);
    frame.writeUInt32LE(crc32c(frame, headerSize, frame.length, crc32c(frame, 0, headerAt.crc)), headerAt.crc);
    return frame;
  }
}

type Place = readonly [number, number];

/** A place whose loop meets no fence that speaks to the vehicle's class: those of other classes it may well be in. */
function quietPlace(forbidden: readonly Fence[], radiusM: number, random: () => number): Place {
  const marginDeg = (radiusM / metresPerDegree / lonShrink) * 1.1;
  for (;;) {
    const lonDeg = extent.westDeg + (extent.eastDeg - extent.westDeg) * random();
    const latDeg = extent.southDeg + (extent.northDeg - extent.southDeg) * random();
    if (!forbidden.some((fence) => isNear(fence, lonDeg, latDeg, marginDeg))) return [lonDeg, latDeg];
  }
}

function isNear(fence: Fence, lonDeg: number, latDeg: number, marginDeg: number): boolean {
  const { places, reachDeg } = outlineOf(fence);
  const lons = places.map(([lon]) => lon);
  const lats = places.map(([, lat]) => lat);
  const reach = marginDeg + reachDeg;
  return (
    lonDeg > Math.min(...lons) - reach &&
    lonDeg < Math.max(...lons) + reach &&
    latDeg > Math.min(...lats) - reach &&
    latDeg < Math.max(...lats) + reach
  );
}

/** A place on the fence's border, so that a loop around it leads in and out. */
function borderOf(fence: Fence): Place {
  const { places, reachDeg } = outlineOf(fence);
  return [places[0]![0] + reachDeg, places[0]![1]];
}

function outlineOf({ shape }: Fence): { readonly places: readonly Place[]; readonly reachDeg: number } {
  switch (shape.kind) {
    case 'circle':
      return { places: [shape.centre], reachDeg: shape.radiusM / metresPerDegree / lonShrink };
    case 'corridor':
      return { places: shape.line, reachDeg: shape.halfWidthM / metresPerDegree / lonShrink };
    case 'polygons':
      return { places: shape.polygons.flatMap((rings) => rings[0] ?? []), reachDeg: 0 };
  }
}

/** Numbers from 0 to 1, the same for the same vehicle in every run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e37_79b1);
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
