import { FixBatch, type Fleet } from '@haulwatch/domain';
import type { Log } from '@haulwatch/ports';
import { SimulatedGateway, type Simulator } from '@haulwatch/simulator';

/** How often the simulated terminals are asked what they have to send, ms. */
const stepMs = 250;

export type SimulatorFeed = { readonly failed: Promise<never>; close(): Promise<void> };

/**
 * Drives the simulator by the wall clock and writes what it reports into `telemetry`, as frames grouped by home
 * partition: the way a gateway does it.
 */
export function startSimulatorFeed(
  simulator: Simulator,
  fleet: Fleet,
  log: Log,
  topic: string,
  partitions: number,
): SimulatorFeed {
  const gateway = new SimulatedGateway(simulator.fleet(), fleet, partitions);
  const batch = new FixBatch(4_096);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  let running: Promise<void> | undefined;

  async function step(): Promise<void> {
    const nowMs = Date.now();
    for (let done = false; !done;) {
      done = simulator.step(nowMs, batch);
      const records = gateway.frames(batch, nowMs).map((frame) => ({ ...frame, key: null }));
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
