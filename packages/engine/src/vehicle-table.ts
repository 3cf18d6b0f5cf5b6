import { vehicleElsewhere, vehicleUnknown, type Fleet, type Vehicle, type VehicleClass, type VehicleResolver } from '@haulwatch/domain';
import { classCode } from '@haulwatch/rules';

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
    this.#byName.set(vehicleId, index);
    return index;
  }

  resolveNumber(number: number): number {
    if (this.#revision !== this.#fleet.revision) this.#refresh();
    const cached = this.#byNumber.get(number);
    if (cached !== undefined) return cached;
    const vehicle = this.#fleet.findNumber(number);
    if (vehicle === undefined) return vehicleUnknown;
    const index = this.#place(vehicle);
    this.#byNumber.set(number, index);
    return index;
  }

  /** Puts a vehicle of a snapshot at the next index, as it was then. */
  restore(vehicleId: string): void {
    const vehicle = this.#fleet.find(vehicleId) ?? { id: vehicleId, class: this.#strangerClass() };
    this.#add(vehicle);
  }

  #stranger(vehicleId: string): KnownVehicle | undefined {
    return this.#unknownVehicles === 'reject' ? undefined : { id: vehicleId, class: this.#unknownVehicles };
  }

  #strangerClass(): VehicleClass {
    return this.#unknownVehicles === 'reject' ? 'heavy' : this.#unknownVehicles;
  }

  #place(vehicle: KnownVehicle): number {
    const index = this.#indexById.get(vehicle.id);
    if (index !== undefined) return index;
    if (!this.#isHome(vehicle.id)) return vehicleElsewhere;
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

  /** After a change of the registry: take over classes and companies, forget which names led where. */
  #refresh(): void {
    this.#byName.clear();
    this.#byNumber.clear();
    this.#revision = this.#fleet.revision;
    for (let index = 0; index < this.known.length; index += 1) {
      const former = this.known[index]!;
      const vehicle = this.#fleet.find(former.id) ?? { id: former.id, class: former.class };
      this.known[index] = vehicle;
      this.classCodes[index] = classCode(vehicle.class);
    }
  }
}
