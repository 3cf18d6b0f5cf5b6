import {
  accuracyAbsent,
  alarmFlagSos,
  toDkph,
  type Fence,
  type FixBatch,
  type VehicleClass,
  type VehicleEntry,
  toCdeg,
} from '@haulwatch/domain';
import { beginActivities } from './behaviour.ts';
import { applyMess, createMess, rowsPerFixMax, type MessShares } from './mess.ts';
import { advance } from './motion.ts';
import { draw } from './random.ts';
import type { RoadNet } from './road-net.ts';
import { lonShrink, metresPerDegree } from './shanghai.ts';
import { castClasses, registerEntries } from './simulated-fleet.ts';
import { activity, createWorld, type World } from './world.ts';

export type SimulatorOptions = {
  readonly seed: number;
  readonly vehicles: number;
  /** The first fixes are due from here on, ms since the epoch. Positions and plans begin anew at every start. */
  readonly startMs: number;
  /** Between two fixes of a vehicle, 100 to 30,000 ms. Default 5,000. */
  readonly periodMs?: number;
  /** How many of the vehicles offend. Default 0.06, for something to see; 0.02 gives the alarm rate of the mission. */
  readonly offenderShare?: number;
  /**
   * The policy's fences. Those prohibited are avoided by the classes that they name, but for the intruders (schedules are
   * not read: who keeps out, keeps out at all hours); those with a limit are driven slowly by all. Default: none.
   */
  readonly zones?: readonly Fence[];
  /** What the policy allows each class. Default: the demo policy's. */
  readonly limitsKph?: Readonly<Record<VehicleClass, number>>;
  /** Dirty input for tests. Default: none. */
  readonly mess?: MessShares;
};

export type Simulator = {
  readonly net: RoadNet;
  /** When the next fix is due, ms since the epoch. */
  readonly nextDueMs: number;
  /** The vehicles for the registry; entry i is the vehicle that fixes call i. */
  fleet(): VehicleEntry[];
  /**
   * Advances the world to `nowMs` and overwrites `fixes` with those due until then, oldest first; `vehicle` is the
   * index in `fleet()`. False: the batch was full before all were written; call again. Where the steps are cut makes
   * no difference to the fixes.
   */
  step(nowMs: number, fixes: FixBatch): boolean;
};

/** The limits of the demo policy, km/h. */
export const demoLimitsKph: Readonly<Record<VehicleClass, number>> = {
  coach: 100,
  hazmat: 80,
  earthwork: 60,
  mixer: 60,
  heavy: 100,
};

const periodMinMs = 100;
const periodMaxMs = 30_000;
/** 200,000 vehicles and plates for all of them; the limit of the vehicle numbers is far away. */
const vehiclesMax = 1_000_000;

/** A seeded fleet on a seeded road net: the same options and times give the same fixes, byte for byte. */
export function createSimulator(options: SimulatorOptions): Simulator {
  const { seed, vehicles, startMs, periodMs = 5_000 } = options;
  mustLie('vehicles', vehicles, 1, vehiclesMax);
  mustLie('periodMs', periodMs, periodMinMs, periodMaxMs);
  mustLie('seed', seed, 0, 0xffff_ffff);
  const classes = castClasses(seed, vehicles);
  const world = createWorld({
    seed,
    classes,
    startMs,
    offenderShare: options.offenderShare ?? 0.06,
    limitsKph: options.limitsKph ?? demoLimitsKph,
    zones: options.zones ?? [],
  });
  beginActivities(world, startMs);
  const mess = options.mess === undefined ? undefined : createMess(seed, vehicles, options.mess);
  const roomMin = mess === undefined ? 1 : rowsPerFixMax;
  // Vehicle i is due i / vehicles of a period after vehicle 0: in every period the same order, which is that of memory.
  let [vehicle, roundMs] = [0, startMs];
  const dueMs = (): number => roundMs + Math.floor((vehicle * periodMs) / vehicles);

  return {
    net: world.net,
    get nextDueMs() {
      return dueMs();
    },
    fleet: () => registerEntries(seed, classes),
    step(nowMs, fixes) {
      if (fixes.capacity < roomMin)
        throw new RangeError(`a batch of ${fixes.capacity} fixes is too small, it takes ${roomMin}`);
      fixes.clear();
      for (let atMs = dueMs(); atMs <= nowMs; atMs = dueMs()) {
        if (fixes.room < roomMin) return false;
        advance(world, vehicle, periodMs / 1_000, atMs);
        report(world, vehicle, atMs, fixes);
        if (mess !== undefined) applyMess(mess, fixes, atMs);
        vehicle += 1;
        if (vehicle < vehicles) continue;
        vehicle = 0;
        roundMs += periodMs;
      }
      return true;
    },
  };
}

/** JT/T 808 status flags: bit 0 ignition on (ACC), bit 1 positioned. */
const statusMoving = 0x03;
const statusParked = 0x02;

/** 1.5 m standard deviation a axis: the sum of two bytes deviates by 104.5. */
const noiseLatE7 = ((1.5 / 104.5) * 1e7) / metresPerDegree;
const noiseLonE7 = noiseLatE7 / lonShrink;

/** Writes what the terminal says. Column by column: a row object would cost as much again as moving the vehicle. */
function report(world: World, vehicle: number, atMs: number, fixes: FixBatch): void {
  const row = fixes.count;
  fixes.count = row + 1;
  const edge = world.edge[vehicle] ?? 0;
  const offsetM = world.offsetM[vehicle] ?? 0;
  const speedMps = world.speedMps[vehicle] ?? 0;
  const doing = world.activity[vehicle];
  const noise = draw(world.stream, vehicle);
  const lonNoise = ((noise & 0xff) + ((noise >>> 8) & 0xff) - 255) * noiseLonE7;
  const latNoise = (((noise >>> 16) & 0xff) + (noise >>> 24) - 255) * noiseLatE7;
  fixes.vehicle[row] = vehicle;
  fixes.fixedAtMs[row] = atMs;
  fixes.receivedAtMs[row] = atMs;
  fixes.lonE7[row] = Math.round((world.startLonE7[edge] ?? 0) + offsetM * (world.lonE7PerM[edge] ?? 0) + lonNoise);
  fixes.latE7[row] = Math.round((world.startLatE7[edge] ?? 0) + offsetM * (world.latE7PerM[edge] ?? 0) + latNoise);
  // A moving terminal's speed scatters by 0.3 km/h.
  fixes.speedDkph[row] = speedMps === 0 ? 0 : toDkph(speedMps * 3.6 + ((noise >>> 12) % 7) * 0.1 - 0.3);
  fixes.headingCdeg[row] = toCdeg(world.net.headingDeg[edge] ?? 0);
  fixes.accuracyDm[row] = accuracyAbsent;
  fixes.alarmFlags[row] = doing === activity.calling ? alarmFlagSos : 0;
  fixes.statusFlags[row] = doing === activity.parked && speedMps === 0 ? statusParked : statusMoving;
  fixes.flags[row] = 0;
  fixes.reject[row] = 0;
  fixes.offset[row] = 0;
  fixes.producedAtMs[row] = atMs;
  fixes.index[row] = 0;
}

function mustLie(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, it is ${value}`);
  }
}
