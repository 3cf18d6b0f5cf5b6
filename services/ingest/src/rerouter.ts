import { frameVehicleNumber, homePartition, splitFrame, type DecodedFix, type DecodedFrame } from '@haulwatch/codec';
import type { Fleet } from '@haulwatch/domain';
import type { LogRecord } from '@haulwatch/ports';
import type { DeadLetters } from './dead-letters.ts';
import type { Outbox } from './outbox.ts';

/**
 * Sends what lies on the wrong partition to its vehicle's home, where alone it is evaluated. Not every client hashes keys
 * as Kafka's own does (librdkafka uses CRC32; a gateway may key by another id): the count tells which one to mend.
 */
export class Rerouter {
  readonly #telemetry: Outbox;
  readonly #deadLetters: DeadLetters;
  readonly #fleet: Fleet;
  readonly #partitions: number;

  constructor(telemetry: Outbox, deadLetters: DeadLetters, fleet: Fleet, partitions: number) {
    this.#telemetry = telemetry;
    this.#deadLetters = deadLetters;
    this.#fleet = fleet;
    this.#partitions = partitions;
  }

  /** Whether nothing can be sent home any more. */
  get hasFailed(): boolean {
    return this.#telemetry.hasFailed || this.#deadLetters.hasFailed;
  }

  /** Sends on what a decoded record says is elsewhere; returns how many fixes that were. */
  sendHome(record: LogRecord, decoded: DecodedFix | DecodedFrame): number {
    if (decoded.kind === 'fix') return decoded.elsewhere ? this.#sendJson(record, decoded.vehicleId) : 0;
    return decoded.elsewhereRows.length === 0 ? 0 : this.#sendRows(record, decoded.elsewhereRows);
  }

  #sendJson(record: LogRecord, vehicleId: string): number {
    const id = this.#fleet.find(vehicleId)?.id ?? vehicleId;
    const home = homePartition(id, this.#partitions);
    this.#telemetry.put({ partition: home, key: id, value: Buffer.from(record.value!) });
    this.#deadLetters.putRerouted(
      { record, reason: 'wrong-partition', detail: `vehicle ${id} is at home on partition ${home}` },
      home,
    );
    return 1;
  }

  #sendRows(record: LogRecord, rows: readonly number[]): number {
    const rowsByHome = new Map<number, number[]>();
    for (const row of rows) {
      const vehicle = this.#fleet.findNumber(frameVehicleNumber(record.value!, row));
      if (vehicle === undefined) throw new Error(`row ${row} was resolved a moment ago and has no vehicle now`);
      const home = homePartition(vehicle.id, this.#partitions);
      rowsByHome.set(home, [...(rowsByHome.get(home) ?? []), row]);
    }
    for (const [home, indices] of rowsByHome) {
      this.#telemetry.put({ partition: home, key: null, value: splitFrame(record.value!, indices) });
      this.#deadLetters.putRerouted(
        {
          record,
          reason: 'wrong-partition',
          detail: `${indices.length} rows are at home on partition ${home}`,
          rows: indices,
        },
        home,
      );
    }
    return rows.length;
  }
}
