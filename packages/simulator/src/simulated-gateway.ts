import { FrameEncoder, homePartition } from '@haulwatch/codec';
import { fromE7, speedAbsent, type FixBatch, type Fleet, type VehicleEntry } from '@haulwatch/domain';

/** A frame and the partition of `telemetry` that it belongs on. */
export type PartitionFrame = { readonly partition: number; readonly value: Uint8Array };

/** Packs what simulated terminals report into frames, grouped by the vehicles' home partitions, as a real gateway does. */
export class SimulatedGateway {
  readonly #vehicles: readonly { readonly number: number; readonly home: number }[];
  readonly #encoders: readonly FrameEncoder[];

  /** @throws RangeError for a vehicle that the registry does not hold. */
  constructor(vehicles: readonly VehicleEntry[], fleet: Fleet, partitions: number) {
    this.#encoders = Array.from({ length: partitions }, () => new FrameEncoder());
    this.#vehicles = vehicles.map(({ id }) => {
      const vehicle = fleet.find(id);
      if (vehicle === undefined) throw new RangeError(`the simulated vehicle ${id} is not registered`);
      return { number: vehicle.number, home: homePartition(id, partitions) };
    });
  }

  /** The rows of a batch of `Simulator.step` as frames, each partition's in order of time. */
  frames(batch: FixBatch, receivedAtMs: number): PartitionFrame[] {
    const frames: PartitionFrame[] = [];
    for (let row = 0; row < batch.count; row += 1) {
      const vehicle = this.#vehicles[batch.vehicle[row]!]!;
      const encoder = this.#encoders[vehicle.home]!;
      if (encoder.full) frames.push({ partition: vehicle.home, value: encoder.finish() });
      if (encoder.count === 0) encoder.begin(receivedAtMs);
      addRow(encoder, vehicle.number, batch, row);
    }
    for (const [partition, encoder] of this.#encoders.entries()) {
      if (encoder.count > 0) frames.push({ partition, value: encoder.finish() });
    }
    return frames;
  }
}

function addRow(encoder: FrameEncoder, vehicleNumber: number, batch: FixBatch, row: number): void {
  const speedDkph = batch.speedDkph[row]!;
  encoder.add(vehicleNumber, {
    fixedAtMs: batch.fixedAtMs[row]!,
    lonDeg: fromE7(batch.lonE7[row]!),
    latDeg: fromE7(batch.latE7[row]!),
    ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
    headingDeg: batch.headingCdeg[row]! / 100,
    alarmFlags: batch.alarmFlags[row]!,
    statusFlags: batch.statusFlags[row]!,
  });
}
