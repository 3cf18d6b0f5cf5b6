import type { RuleSet } from '@haulwatch/rules';
import type { PartitionWorker } from './partition-worker.ts';

/** A partition that this process serves. */
export type Served = {
  worker: PartitionWorker;
  /** That its engine goes by. */
  rules: RuleSet;
  /** What runs for this partition now; batches and the taking of its state take turns. */
  busy: Promise<void>;
  /** The commit of its newest state: they follow each other, while batches go on. */
  committing: Promise<unknown>;
  /** By the process's own clock, as the two below: one that is set back must not put checkpoints off. */
  checkpointedAtMs: number;
  checkpointedPosition: number;
  /** When its newest state was committed. */
  committedAtMs: number;
  movedAtMs: number;
  /** When the newest record that the engine has seen was produced. */
  newestAtMs: number;
  /** A checkpoint waits or is being made. */
  isCheckpointing: boolean;
};

/** Batches and checkpoints of one partition never overlap. */
export async function inTurn(served: Served, work: () => Promise<void>): Promise<void> {
  const turn = served.busy.then(work);
  served.busy = turn.catch(() => {});
  await turn;
}
