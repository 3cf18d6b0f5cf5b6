import type { Vehicle } from './vehicle.ts';

/** A vehicle to be registered: the registry gives the number. */
export type VehicleEntry = Omit<Vehicle, 'number'>;

/**
 * The registry of vehicles in memory: by id, by alias and by number.
 *
 * It is the fold of the compacted topic `fleet`: `put` each record in the topic's order. A later record of
 * the same id replaces the former. `revision` grows with each change, so that caches know when to look again.
 */
export class Fleet {
  revision = 0;
  readonly #byId = new Map<string, Vehicle>();
  readonly #byAlias = new Map<string, string>();
  readonly #byNumber = new Map<number, Vehicle>();
  #numberMax = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Every vehicle, retired ones included, in order of first registration. */
  vehicles(): IterableIterator<Vehicle> {
    return this.#byId.values();
  }

  put(vehicle: Vehicle): void {
    const former = this.#byId.get(vehicle.id);
    if (former !== undefined) {
      for (const alias of former.aliases ?? []) {
        if (this.#byAlias.get(alias) === vehicle.id) this.#byAlias.delete(alias);
      }
      if (this.#byNumber.get(former.number)?.id === vehicle.id) this.#byNumber.delete(former.number);
    }
    this.#byId.set(vehicle.id, vehicle);
    this.#byNumber.set(vehicle.number, vehicle);
    // A retired vehicle's names are free: its terminal may be in another one by now.
    if (vehicle.retired !== true) for (const alias of vehicle.aliases ?? []) this.#byAlias.set(alias, vehicle.id);
    this.#numberMax = Math.max(this.#numberMax, vehicle.number);
    this.revision += 1;
  }

  /** The vehicle of an id or, where no vehicle in service has that id, of an alias. Retired vehicles are not found. */
  find(idOrAlias: string): Vehicle | undefined {
    const own = this.#byId.get(idOrAlias);
    if (own !== undefined && own.retired !== true) return own;
    const alias = this.#byAlias.get(idOrAlias);
    return alias === undefined ? undefined : this.#byId.get(alias);
  }

  /** The entry of exactly this id, retired or not: for those who know the vehicle already. */
  get(id: string): Vehicle | undefined {
    return this.#byId.get(id);
  }

  /** The vehicle of a registry number, as frames name it. Retired vehicles are not found. */
  findNumber(number: number): Vehicle | undefined {
    const vehicle = this.#byNumber.get(number);
    return vehicle?.retired === true ? undefined : vehicle;
  }

  /**
   * What must be written to `fleet` so that these entries stand in it: new vehicles get the next numbers,
   * known ones keep theirs, unchanged ones are left out. Changes nothing here; `put` the result.
   */
  register(entries: Iterable<VehicleEntry>): Vehicle[] {
    const records: Vehicle[] = [];
    const recorded = new Map<string, Vehicle>();
    let next = this.#numberMax + 1;
    for (const entry of entries) {
      const former = recorded.get(entry.id) ?? this.#byId.get(entry.id);
      const vehicle: Vehicle = { ...entry, number: former?.number ?? next };
      if (former === undefined) next += 1;
      else if (sameVehicle(former, vehicle)) continue;
      records.push(vehicle);
      recorded.set(entry.id, vehicle);
    }
    return records;
  }
}

function sameVehicle(a: Vehicle, b: Vehicle): boolean {
  return (
    a.class === b.class &&
    a.plate === b.plate &&
    a.company === b.company &&
    a.district === b.district &&
    (a.retired ?? false) === (b.retired ?? false) &&
    (a.aliases ?? []).join('\n') === (b.aliases ?? []).join('\n') &&
    JSON.stringify(a.permits ?? []) === JSON.stringify(b.permits ?? [])
  );
}
