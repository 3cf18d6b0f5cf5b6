import type { Fleet, Policy, TopicNames } from '@haulwatch/domain';
import type { LiveStore, Log } from '@haulwatch/ports';
import type { Logger } from '@haulwatch/service';
import type { IngestMetrics } from './metrics.ts';

export type IngestPorts = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: Fleet;
  /** The policy to begin with; `Ingest.setPolicy` changes it. */
  readonly policy: Policy;
  /** Takes vehicles' newest positions for maps; a failure is logged and costs nothing else. */
  readonly lastFixes: Pick<LiveStore, 'putLastFixes'>;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** Ends the waiting for a log that does not answer. */
  readonly signal: AbortSignal;
};

export type IngestOptions = {
  /** Between two checkpoints of a busy partition: the input that a restart plays again. */
  readonly checkpointMs: number;
  /** A partition that has been quiet for so long is checkpointed at once. */
  readonly idleCheckpointMs: number;
  /** Between two writes of newest positions. */
  readonly lastFixesMs: number;
  /** A partition that has been quiet for so long is told the time, so that silence is noticed where nobody else reports. */
  readonly tellTimeMs: number;
};

export const ingestDefaults: IngestOptions = {
  checkpointMs: 10_000,
  idleCheckpointMs: 1_000,
  lastFixesMs: 200,
  tellTimeMs: 30_000,
};

/** Without a policy nobody knows what is dangerous. */
export class NoPolicyError extends Error {
  override readonly name = 'NoPolicyError';
  readonly code = 'no-policy';

  constructor() {
    super('no policy is published: run `haulwatch policy publish deploy/policies/shanghai.yaml`, then start again');
  }
}
