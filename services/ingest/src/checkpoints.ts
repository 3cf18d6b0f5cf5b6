import { LogError, type GroupMember } from '@haulwatch/ports';
import { captureState, commitState, type CapturedState } from './checkpoint.ts';
import type { IngestOptions, IngestPorts } from './ingest-ports.ts';
import type { Outbox } from './outbox.ts';
import { inTurn, type Served } from './served.ts';

/** Partitions that are checkpointed side by side when all are: each is some ms of work and a wait for the broker. */
const checkpointedTogether = 4;

export type CheckpointsDeps = {
  readonly ports: IngestPorts;
  readonly options: IngestOptions;
  /** The partitions of this process. */
  readonly served: ReadonlyMap<number, Served>;
  /** Where what the input causes goes. */
  readonly outboxes: () => readonly Outbox[];
  /** Hears of what fails outside of a batch, for good. */
  readonly onFailure: (error: unknown) => void;
};

/** When and in which order the states of the partitions are taken and committed. */
export class Checkpoints {
  /** Nothing is committed before there is one. */
  member: GroupMember | undefined;
  readonly #deps: CheckpointsDeps;
  /** By the clock, one partition after the other: the state of all at once is hundreds of MB. */
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: CheckpointsDeps) {
    this.#deps = deps;
  }

  /** Starts those that are due; called by a timer. */
  startDue(): void {
    const { options, served: all } = this.#deps;
    const nowMs = performance.now();
    for (const served of all.values()) {
      if (served.isCheckpointing || served.worker.position === served.checkpointedPosition) continue;
      const due = nowMs - served.checkpointedAtMs >= options.checkpointMs;
      const quiet = nowMs - served.movedAtMs >= options.idleCheckpointMs;
      if (!due && !quiet) continue;
      served.checkpointedAtMs = nowMs;
      served.isCheckpointing = true;
      this.enqueue(async () => {
        try {
          await this.#takeBeside(served);
        } finally {
          served.isCheckpointing = false;
        }
      });
    }
  }

  /** After those that wait already. */
  enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch(this.#deps.onFailure);
  }

  /** All that have moved, each beside its input. */
  takeAll(): Promise<void> {
    return this.#each((served) => this.#takeBeside(served));
  }

  /** Some, when no input comes any more. */
  async takeLast(isWanted: (served: Served) => boolean): Promise<void> {
    await this.#each(async (served) => {
      if (isWanted(served)) await inTurn(served, () => this.takeNow(served));
    });
  }

  /** In the partition's turn: when this resolves, nothing after the checkpoint has been looked at. */
  async takeNow(served: Served): Promise<void> {
    await served.committing;
    const captured = this.#capture(served);
    if (captured !== undefined) await this.#commit(served, captured);
  }

  /** Holds the partition only while its state is copied: batches that wait for a commit are alarms that come late. */
  async #takeBeside(served: Served): Promise<void> {
    let committed: Promise<void> | undefined;
    await inTurn(served, async () => {
      await served.committing;
      const captured = this.#capture(served);
      if (captured === undefined) return;
      committed = this.#commit(served, captured);
      served.committing = committed.catch(() => undefined);
    });
    await committed;
  }

  /** A few partitions at a time: their states are not all in memory at once. */
  async #each(work: (served: Served) => Promise<void>): Promise<void> {
    const waiting = [...this.#deps.served.values()];
    const someOf = async (): Promise<void> => {
      for (let served = waiting.pop(); served !== undefined; served = waiting.pop()) await work(served);
    };
    await Promise.all(Array.from({ length: checkpointedTogether }, someOf));
  }

  #isOurs(served: Served): boolean {
    return this.#deps.served.get(served.worker.partition) === served;
  }

  #capture(served: Served): CapturedState | undefined {
    const { worker } = served;
    if (this.member === undefined || worker.position === served.checkpointedPosition) return undefined;
    return this.#isOurs(served) ? captureState(worker, this.#deps.outboxes()) : undefined;
  }

  /** A checkpoint that the log does not take now is no loss: the former one stands, the next covers more. */
  async #commit(served: Served, captured: CapturedState): Promise<void> {
    const { log, topics, logger, metrics } = this.#deps.ports;
    const { partition } = served.worker;
    try {
      const committed = await commitState(captured, {
        log,
        member: this.member!,
        engineStateTopic: topics.engineState,
        isOurs: () => this.#isOurs(served),
      });
      if (!committed) return;
      served.checkpointedPosition = captured.position;
      served.committedAtMs = performance.now();
      metrics.checkpoints += 1;
    } catch (error) {
      if (!(error instanceof LogError) || !error.retriable) throw error;
      logger.warn({ partition, detail: error.message }, 'no checkpoint');
    }
  }
}
