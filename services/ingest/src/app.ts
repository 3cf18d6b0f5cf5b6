import { groupOf, type Policy } from '@haulwatch/domain';
import { startBridge } from './bridge.ts';
import { ingestDefaults, type IngestOptions, type IngestPorts } from './ingest-ports.ts';
import { Workers } from './workers.ts';

export { ingestDefaults, NoPolicyError, type IngestOptions, type IngestPorts } from './ingest-ports.ts';
export { IngestMetrics } from './metrics.ts';
export { exportIngestMetrics } from './metrics-export.ts';
export { decodeMetadata, type CommitMetadata } from './state-records.ts';

/** Between two looks at what waits in the log. */
const lagEveryMs = 5_000;

export type Ingest = {
  /** The partitions that this process serves. */
  assignment(): readonly number[];
  /** By partition that is served: the offset after the newest record that its engine has seen. */
  positions(): ReadonlyMap<number, number>;
  /** This policy holds from the first batch on after its fences are indexed. */
  setPolicy(policy: Policy): void;
  /** @throws why its alarms go nowhere at this moment, though they are tried again. */
  mustFlow(): void;
  readonly failed: Promise<never>;
  /** Checkpoints every partition, finishes the running batch and leaves the group: what came since is judged again by whoever comes. */
  close(): Promise<void>;
  /** Checkpoints every partition that has moved, now. */
  checkpointAll(): Promise<void>;
};

/**
 * telemetry -> codec -> engine -> alarm-log. Delivery: at least once; a restart plays the input since the last checkpoint
 * again and gives the same alarm ids and seqs, which every sink drops.
 */
export async function startIngest(ports: IngestPorts, options: IngestOptions = ingestDefaults): Promise<Ingest> {
  const { log, topics, fleet } = ports;
  const partitions = await log.partitionCount(topics.telemetry);
  // What was started ends again where the rest does not start.
  await using boot = new AsyncDisposableStack();
  const workers = boot.adopt(await Workers.start(ports, options, partitions), (it) => it.close());
  const joining = { group: groupOf(topics, 'ingest'), topic: topics.telemetry, handler: workers };
  const member = boot.adopt(await log.join(joining), (it) => it.close());
  workers.checkpoints.member = member;
  const bridge = await startBridge({ ...ports, ...workers.outlets, fleet, telemetryPartitions: partitions });
  boot.move();
  const checkpointTimer = setInterval(() => workers.checkpoints.startDue(), Math.min(250, options.idleCheckpointMs));
  const lastFixesTimer = setInterval(() => void workers.writeLastFixes(), options.lastFixesMs);
  const timeTimer = setInterval(() => workers.tellTime(), Math.max(100, options.tellTimeMs / 3));
  const lagTimer = setInterval(() => void workers.measureLag(), lagEveryMs);
  return {
    assignment: () => member.assignment(),
    positions: () => workers.positions(),
    mustFlow: () => workers.mustFlow(),
    setPolicy: (next) => workers.setPolicy(next),
    failed: Promise.race([member.failed, bridge.failed, workers.failed]),
    checkpointAll: async () => await workers.checkpoints.takeAll(),
    async close() {
      clearInterval(checkpointTimer);
      clearInterval(lastFixesTimer);
      clearInterval(lagTimer);
      clearInterval(timeTimer);
      await workers.close();
      await bridge.close();
      // While input goes on to be judged: nobody is silent until the group is left.
      try {
        await workers.checkpoints.takeAll();
      } finally {
        const lastFixes = workers.writeLastFixes();
        await member.close(() => workers.finish());
        await lastFixes;
      }
    },
  };
}
