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
 * Vehicles of one partition; more are unknown. A city has 6,200 on each of 32 partitions; the limit is for a gateway that
 * sends garbage ids under a policy that takes strangers, each of which would have a lane for ever.
 */
const vehiclesMax = 100_000;

/** What the engine knows of a vehicle that it has seen: its registry entry, or a stranger's id and assumed class. */
export type KnownVehicle = Omit<Vehicle, 'number'> & { readonly number?: number };

/**
 * Gives each vehicle that reports on this partition a dense index, in order of first sight, and keeps what the registry
 * says of it. The index is the row of its live lane.
 */
export class VehicleTable implements VehicleResolver {
  /** By dense index. */
  readonly known: KnownVehicle[] = [];
  /** Code of the class, by dense index. */
  readonly classCodes: number[] = [];
  #unknownVehicles: 'reject' | VehicleClass;
  readonly #fleet: Fleet;
  readonly #isHome: (vehicleId: string) => boolean;
  readonly #onNew: (index: number) => void;
  readonly #indexById = new Map<string, number>();
  /** Ids and aliases that resolved, until the registry changes. */
  readonly #byName = new Map<string, number>();
  readonly #byNumber = new Map<number, number>();
  #revision = -1;

  constructor(
    fleet: Fleet,
    unknownVehicles: 'reject' | VehicleClass,
    isHome: (vehicleId: string) => boolean,
    onNew: (index: number) => void,
  ) {
    this.#fleet = fleet;
    this.#unknownVehicles = unknownVehicles;
    this.#isHome = isHome;
    this.#onNew = onNew;
  }

  /** A new policy may take strangers otherwise: what was resolved is asked again. */
  setUnknownVehicles(unknownVehicles: 'reject' | VehicleClass): void {
    this.#unknownVehicles = unknownVehicles;
    this.#refresh();
  }

  resolve(vehicleId: string): number {
    if (this.#revision !== this.#fleet.revision) this.#refresh();
    const cached = this.#byName.get(vehicleId);
    if (cached !== undefined) return cached;
    const vehicle = this.#fleet.find(vehicleId) ?? this.#stranger(vehicleId);
    if (vehicle === undefined) return vehicleUnknown;
    const index = this.#place(vehicle);
    if (index >= 0) this.#byName.set(vehicleId, index);
    return index;
  }

  resolveNumber(number: number): number {
    if (this.#revision !== this.#fleet.revision) this.#refresh();
    const cached = this.#byNumber.get(number);
    if (cached !== undefined) return cached;
    const vehicle = this.#fleet.findNumber(number);
    if (vehicle === undefined) return vehicleUnknown;
    const index = this.#place(vehicle);
    if (index >= 0) this.#byNumber.set(number, index);
    return index;
  }

  /** Puts a vehicle of a snapshot at the next index, as it was then. */
  restore(vehicleId: string): void {
    this.#add(this.#entryOf(vehicleId));
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
    if (this.known.length >= vehiclesMax) return vehicleUnknown;
    const added = this.#add(vehicle);
    this.#onNew(added);
    return added;
  }

  #add(vehicle: KnownVehicle): number {
    const index = this.known.length;
    this.known.push(vehicle);
    this.classCodes.push(classCode(vehicle.class));
    this.#indexById.set(vehicle.id, index);
    return index;
  }

  /** After a change of the registry or the policy: take over classes and companies, forget which names led where. */
  #refresh(): void {
    this.#byName.clear();
    this.#byNumber.clear();
    this.#revision = this.#fleet.revision;
    for (let index = 0; index < this.known.length; index += 1) {
      const vehicle = this.#entryOf(this.known[index]!.id);
      this.known[index] = vehicle;
      this.classCodes[index] = classCode(vehicle.class);
    }
  }
}
