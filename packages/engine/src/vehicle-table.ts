import {
  vehicleElsewhere,
  vehicleUnknown,
  type Fleet,
  type Vehicle,
  type VehicleClass,
  type VehicleResolver,
} from '@haulwatch/domain';
import { classCode } from '@haulwatch/rules';

/**
 * Strangers of one partition; more are unknown. The limit is for a gateway that sends garbage ids under a policy that takes
 * strangers, each of which would have a lane for ever. Registered vehicles are as many as somebody has registered.
 */
const strangersMax = 100_000;

/** Registry numbers up to this are looked up in an array; the registry gives them from 1 on, so all of a nation's are below. */
const denseNumbersMax = 16_000_000;

/** Where the vehicles' classes are kept for the rules. */
export type VehicleLanes = {
  readonly add: (index: number, classCode: number) => void;
  readonly classOf: (index: number) => number;
  readonly setClass: (index: number, classCode: number) => void;
};

export type VehicleTableOptions = {
  readonly fleet: Fleet;
  readonly unknownVehicles: 'reject' | VehicleClass;
  readonly isHome: (vehicleId: string) => boolean;
  readonly lanes: VehicleLanes;
};

/** What the engine knows of a vehicle that it has seen: its registry entry, or a stranger's id and assumed class. */
export type KnownVehicle = Omit<Vehicle, 'number'> & { readonly number?: number };

/**
 * Gives each vehicle that reports on this partition a dense index, in order of first sight, and keeps what the registry
 * says of it. The index is the row of its live lane.
 */
export class VehicleTable implements VehicleResolver {
  /** By dense index. */
  readonly known: KnownVehicle[] = [];
  #unknownVehicles: 'reject' | VehicleClass;
  readonly #fleet: Fleet;
  readonly #isHome: (vehicleId: string) => boolean;
  readonly #lanes: VehicleLanes;
  readonly #indexById = new Map<string, number>();
  /** Ids and aliases that resolved, until the registry changes. */
  readonly #byName = new Map<string, number>();
  /** By registry number: the dense index + 1, or 0 where nobody has asked since the registry changed. */
  #byNumber = new Int32Array(1_024);
  #strangers = 0;
  #revision = -1;

  constructor({ fleet, unknownVehicles, isHome, lanes }: VehicleTableOptions) {
    this.#fleet = fleet;
    this.#unknownVehicles = unknownVehicles;
    this.#isHome = isHome;
    this.#lanes = lanes;
  }

  /** The code of a vehicle's class, by dense index. */
  classCode(index: number): number {
    return classCode(this.known[index]!.class);
  }

  /** A new policy may take strangers otherwise: what was resolved is asked again. */
  setUnknownVehicles(unknownVehicles: 'reject' | VehicleClass): void {
    this.#unknownVehicles = unknownVehicles;
    this.#refresh();
  }

  /** The registry holds from now on as it stands, also for vehicles of which no row comes. */
  followFleet(): void {
    if (this.#revision !== this.#fleet.revision) this.#refresh();
  }

  resolve(vehicleId: string): number {
    this.followFleet();
    const cached = this.#byName.get(vehicleId);
    if (cached !== undefined) return cached;
    const vehicle = this.#fleet.find(vehicleId) ?? this.#stranger(vehicleId);
    if (vehicle === undefined) return vehicleUnknown;
    const index = this.#place(vehicle);
    if (index >= 0) this.#byName.set(vehicleId, index);
    return index;
  }

  resolveNumber(number: number): number {
    this.followFleet();
    const cached = this.#byNumber[number];
    if (cached !== undefined && cached !== 0) return cached - 1;
    const vehicle = this.#fleet.findNumber(number);
    if (vehicle === undefined) return vehicleUnknown;
    const index = this.#place(vehicle);
    if (index >= 0 && number < denseNumbersMax) this.#noteNumber(number, index);
    return index;
  }

  #noteNumber(number: number, index: number): void {
    if (number >= this.#byNumber.length) {
      const grown = new Int32Array(Math.max(number + 1, 2 * this.#byNumber.length));
      grown.set(this.#byNumber);
      this.#byNumber = grown;
    }
    this.#byNumber[number] = index + 1;
  }

  /** Puts a vehicle of a snapshot at the next index, as it was then. */
  restore(vehicleId: string): void {
    const index = this.#add(this.#entryOf(vehicleId));
    const code = this.classCode(index);
    if (this.#lanes.classOf(index) !== code) this.#lanes.setClass(index, code);
  }

  /** What is said of a vehicle that has a lane. Asked by its id alone: an id may have become another vehicle's alias since. */
  #entryOf(vehicleId: string): KnownVehicle {
    return this.#fleet.get(vehicleId) ?? { id: vehicleId, class: this.#strangerClass() };
  }

  /** A retired vehicle is no stranger: somebody said that it is not to be watched. */
  #stranger(vehicleId: string): KnownVehicle | undefined {
    if (this.#unknownVehicles === 'reject' || this.#fleet.get(vehicleId) !== undefined) return undefined;
    return { id: vehicleId, class: this.#unknownVehicles };
  }

  /** Strangers that the policy no longer takes are `heavy` in what is left to tell of them. */
  #strangerClass(): VehicleClass {
    return this.#unknownVehicles === 'reject' ? 'heavy' : this.#unknownVehicles;
  }

  #place(vehicle: KnownVehicle): number {
    const index = this.#indexById.get(vehicle.id);
    if (index !== undefined) return index;
    if (!this.#isHome(vehicle.id)) return vehicleElsewhere;
    if (vehicle.number === undefined && this.#strangers >= strangersMax) return vehicleUnknown;
    const added = this.#add(vehicle);
    this.#lanes.add(added, classCode(vehicle.class));
    return added;
  }

  #add(vehicle: KnownVehicle): number {
    const index = this.known.length;
    this.known.push(vehicle);
    if (vehicle.number === undefined) this.#strangers += 1;
    this.#indexById.set(vehicle.id, index);
    return index;
  }

  /** After a change of the registry or the policy: take over classes and companies, forget which names led where. */
  #refresh(): void {
    this.#byName.clear();
    this.#byNumber.fill(0);
    this.#revision = this.#fleet.revision;
    for (let index = 0; index < this.known.length; index += 1) {
      const former = this.known[index]!;
      const vehicle = this.#entryOf(former.id);
      this.known[index] = vehicle;
      // Both change what the rules are asked at the next fix.
      const isNews = vehicle.class !== former.class || vehicle.permits !== former.permits;
      if (isNews) this.#lanes.setClass(index, classCode(vehicle.class));
    }
  }
}
