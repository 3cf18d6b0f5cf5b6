import { vehicleClasses, type Fence, type VehicleClass } from '@haulwatch/domain';
import { createRandom, shuffle } from './random.ts';

/** What a vehicle is there for. */
export const role = { lawful: 0, speeder: 1, intruder: 2, caller: 3 } as const;

export type Cast = {
  /** One of `role`, a vehicle. */
  readonly role: Uint8Array;
  /** Of a speeder: how far over the limit of its class it drives, as a share of the limit. */
  readonly excess: Float32Array;
  /** 1: this speeder drives still faster in the second half, so that its alarm escalates. */
  readonly climbs: Uint8Array;
  /** 1: this offender begins with its offence. */
  readonly early: Uint8Array;
  /** Of an intruder: which of the zones it visits. */
  readonly zone: Uint16Array;
};

/** Excess over the limit, share of the limit: one row for each tier of the demo policy (10, 20, 50 % are its borders). */
const excessTiers = [
  [0.05, 0.09],
  [0.12, 0.19],
  [0.24, 0.45],
  [0.52, 0.6],
] as const;
/** Above this limit nobody exceeds by half: a lorry does not do 150 km/h while there are slower classes to cast. */
const topTierLimitMaxKph = 80;

/** So many offenders there are at least (where any are wanted), so that each rule has one. */
const offendersMin = 3;
/** One caller in so many offenders: emergency buttons are rare. */
const callerEvery = 20;
const intruderEvery = 3;

export type CastOptions = {
  readonly seed: number;
  readonly classes: Uint8Array;
  readonly offenderShare: number;
  readonly limitsKph: Readonly<Record<VehicleClass, number>>;
  /** The zones that a road leads through; empty: there are no intruders. */
  readonly zones: readonly Fence[];
};

/** Gives the roles out: the same share of each in every fleet, who exactly is drawn by the seed. */
export function castOffenders({ seed, classes, offenderShare, limitsKph, zones }: CastOptions): Cast {
  const vehicles = classes.length;
  const cast: Cast = {
    role: new Uint8Array(vehicles),
    excess: new Float32Array(vehicles),
    climbs: new Uint8Array(vehicles),
    early: new Uint8Array(vehicles),
    zone: new Uint16Array(vehicles),
  };
  if (offenderShare <= 0) return cast;
  const random = createRandom(seed, 5);
  const drawn = shuffle(
    Uint32Array.from(classes, (_, vehicle) => vehicle),
    random,
  );
  const classOf = (vehicle: number): VehicleClass => vehicleClasses[classes[vehicle] ?? 0] ?? 'heavy';
  const anybody = freeVehicles(drawn, cast, () => true);
  const slow = freeVehicles(drawn, cast, (vehicle) => limitsKph[classOf(vehicle)] <= topTierLimitMaxKph);
  const forbidden = zones.map((zone) =>
    freeVehicles(drawn, cast, (vehicle) => zone.classes.includes(classOf(vehicle))),
  );
  // The zones that are always in force come first, so that the first intruder certainly offends.
  const visited = [...zones.keys()].sort((a, b) => (zones[a]?.schedule.length ?? 0) - (zones[b]?.schedule.length ?? 0));
  let [speeders, intruders] = [0, 0];

  const offenders = Math.min(vehicles, Math.max(offendersMin, Math.round(vehicles * offenderShare)));
  for (let index = 0; index < offenders; index += 1) {
    if (index % callerEvery === 2) {
      castAs(cast, role.caller, anybody.next());
    } else if (index % intruderEvery === 1 && zones.length > 0) {
      const zone = visited[intruders % visited.length] ?? 0;
      const vehicle = castAs(cast, role.intruder, forbidden[zone]?.next());
      cast.zone[vehicle] = zone;
      cast.early[vehicle] = 1;
      intruders += 1;
    } else {
      const tier = speeders % excessTiers.length;
      const preferred = tier === excessTiers.length - 1 ? slow.next() : anybody.next();
      const vehicle = castAs(cast, role.speeder, preferred.done === true ? anybody.next() : preferred);
      const [from, to] = excessTiers[tier] ?? excessTiers[0];
      cast.excess[vehicle] = from + random() * (to - from);
      cast.climbs[vehicle] = speeders % 2;
      cast.early[vehicle] = speeders % excessTiers.length === 0 ? 1 : 0;
      speeders += 1;
    }
  }
  return cast;
}

/** Those without a role, in the order in which they were drawn. */
function* freeVehicles(drawn: Uint32Array, cast: Cast, suits: (vehicle: number) => boolean): Generator<number, void> {
  for (const vehicle of drawn) {
    if (cast.role[vehicle] === role.lawful && suits(vehicle)) yield vehicle;
  }
}

/** Gives the role to the vehicle and returns it; -1, which typed arrays take for nobody, where none was left. */
function castAs(cast: Cast, given: number, drawn: IteratorResult<number, void> | undefined): number {
  if (drawn === undefined || drawn.done === true) return -1;
  cast.role[drawn.value] = given;
  return drawn.value;
}
