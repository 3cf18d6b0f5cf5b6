import { homePartition, splitFrame } from '@haulwatch/codec';
import type { Fleet } from '@haulwatch/domain';
import type { FrameRow } from '../replay/replay-row.ts';

/** Where vehicles are at home. */
export class Homes {
  readonly #fleet: Fleet;
  readonly #partitions: number;
  /** Ids and aliases that were asked for: hashing costs more than looking up. */
  readonly #byName = new Map<string, { readonly id: string; readonly partition: number }>();
  #revision = -1;

  constructor(fleet: Fleet, partitions: number) {
    this.#fleet = fleet;
    this.#partitions = partitions;
  }

  /** The vehicle's own id, where an alias was given, and its partition. */
  of(vehicleId: string): { readonly id: string; readonly partition: number } {
    if (this.#revision !== this.#fleet.revision) this.#byName.clear();
    this.#revision = this.#fleet.revision;
    const known = this.#byName.get(vehicleId);
    if (known !== undefined) return known;
    const id = this.#fleet.find(vehicleId)?.id ?? vehicleId;
    const home = { id, partition: homePartition(id, this.#partitions) };
    this.#byName.set(vehicleId, home);
    return home;
  }

  /** A frame for each partition where some of its vehicles are at home, in the order of their first rows. */
  split({ bytes, numbers }: FrameRow): { readonly partition: number; readonly bytes: Uint8Array }[] {
    const rowsByPartition = new Map<number, number[]>();
    for (const [row, number] of numbers.entries()) {
      const vehicle = this.#fleet.findNumber(number);
      // A number that nobody has is refused wherever it lies.
      const partition = vehicle === undefined ? 0 : this.of(vehicle.id).partition;
      const rows = rowsByPartition.get(partition);
      if (rows === undefined) rowsByPartition.set(partition, [row]);
      else rows.push(row);
    }
    if (rowsByPartition.size === 1) return [...rowsByPartition.keys()].map((partition) => ({ partition, bytes }));
    return [...rowsByPartition].map(([partition, rows]) => ({ partition, bytes: splitFrame(bytes, rows) }));
  }
}
