import { FrameEncoder, homePartition } from '@haulwatch/codec';
import { FixBatch, fromE7, speedAbsent, type Fleet } from '@haulwatch/domain';
import type { Log, NewLogRecord } from '@haulwatch/ports';
import type { Simulator } from '@haulwatch/simulator';

/** How often the simulated terminals are asked what they have to send, ms. */
const stepMs = 250;

export type SimulatorFeed = { readonly failed: Promise<never>; close(): Promise<void> };

/**
 * Drives the simulator by the wall clock and writes what it reports into `telemetry`, as frames grouped by home
 * partition: the way a gateway does it.
 */
export function startSimulatorFeed(simulator: Simulator, fleet: Fleet, log: Log, topic: string, partitions: number): SimulatorFeed {
  const vehicles = simulator.fleet().map(({ id }) => {
    const vehicle = fleet.find(id);
    if (vehicle === undefined) throw new Error(`the simulated vehicle ${id} is not registered`);
    return { number: vehicle.number, home: homePartition(id, partitions) };
  });
  const batch = new FixBatch(4_096);
  const encoders = Array.from({ length: partitions }, () => new FrameEncoder());
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let running: Promise<void> | undefined;

  async function step(): Promise<void> {
    const nowMs = Date.now();
    for (let done = false; !done; ) {
      done = simulator.step(nowMs, batch);
      const records = framesOf(batch, vehicles, encoders, nowMs);
      if (records.length > 0) await log.append(topic, records);
    }
  }

  const timer = setInterval(() => {
    if (running !== undefined) return;
    running = step()
      .catch((error: unknown) => failure.reject(error))
      .finally(() => {
        running = undefined;
      });
  }, stepMs);
  return {
    failed: failure.promise,
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/** The rows of a batch as frames, one partition after the other. */
function framesOf(
  batch: FixBatch,
  vehicles: readonly { readonly number: number; readonly home: number }[],
  encoders: readonly FrameEncoder[],
  receivedAtMs: number,
): NewLogRecord[] {
  const records: NewLogRecord[] = [];
  const finish = (partition: number): void => {
    const encoder = encoders[partition]!;
    if (encoder.count > 0) records.push({ partition, key: null, value: encoder.finish() });
  };
  for (let row = 0; row < batch.count; row += 1) {
    const vehicle = vehicles[batch.vehicle[row]!]!;
    const encoder = encoders[vehicle.home]!;
    if (encoder.full) finish(vehicle.home);
    if (encoder.count === 0) encoder.begin(receivedAtMs);
    const speedDkph = batch.speedDkph[row]!;
    encoder.add(vehicle.number, {
      fixedAtMs: batch.fixedAtMs[row]!,
      lonDeg: fromE7(batch.lonE7[row]!),
      latDeg: fromE7(batch.latE7[row]!),
      ...(speedDkph === speedAbsent ? {} : { speedKph: speedDkph / 10 }),
      headingDeg: batch.headingDeg[row]!,
      alarmFlags: batch.alarmFlags[row]!,
      statusFlags: batch.statusFlags[row]!,
    });
  }
  for (let partition = 0; partition < encoders.length; partition += 1) finish(partition);
  return records;
}
