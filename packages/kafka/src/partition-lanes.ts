import type { CommittedOffset, GroupHandler, LogRecord } from '@haulwatch/ports';

/** One partition while it is ours. */
export type Lane = {
  readonly partition: number;
  /** The commit that the handler's state stands on: the one it was assigned with, then its own newest. */
  commit: CommittedOffset | undefined;
  phase: 'waiting' | 'restoring' | 'reading' | 'gone';
  /** The offset that the handler awaits. */
  next: number;
  /** Where kafkajs went on by itself after records that are not for us (aborted transactions, control records). */
  filteredTo: number;
};

/**
 * The partitions that are ours, and the calls to their handler: those for one partition never overlap, whatever the
 * group does meanwhile. After the first error nothing is called any more.
 */
export class PartitionLanes {
  readonly #handler: GroupHandler;
  readonly #onError: (error: unknown) => void;
  readonly #lanes = new Map<number, Lane>();
  /** The last call of each partition, also of one that is ours no longer. */
  readonly #calls = new Map<number, Promise<void>>();
  #stopped = false;

  constructor(handler: GroupHandler, onError: (error: unknown) => void) {
    this.#handler = handler;
    this.#onError = onError;
  }

  get(partition: number): Lane | undefined {
    return this.#lanes.get(partition);
  }

  all(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  /** Takes a partition: its handler says where to begin, then `onReady` lets the records come. */
  take(
    partition: number,
    commit: CommittedOffset | undefined,
    onReady: (lane: Lane, start: number | 'beginning') => Promise<void>,
  ): void {
    const lane: Lane = { partition, commit, phase: 'waiting', next: -1, filteredTo: -1 };
    this.#lanes.set(partition, lane);
    void this.inTurn(partition, async () => {
      if (isGone(lane)) return;
      lane.phase = 'restoring';
      const start = await this.#handler.onAssigned(partition, commit);
      if (!isGone(lane)) await onReady(lane, start);
    });
  }

  /** Gives a partition up: at once for commits and batches, and for its handler when the running call is over. */
  release(lane: Lane): void {
    if (lane.phase === 'gone') return;
    const wasAssigned = lane.phase !== 'waiting';
    lane.phase = 'gone';
    this.#lanes.delete(lane.partition);
    if (wasAssigned) void this.inTurn(lane.partition, () => this.#handler.onRevoked(lane.partition));
  }

  async handle(lane: Lane, records: readonly LogRecord[], endOffset: number): Promise<void> {
    await this.inTurn(lane.partition, async () => {
      if (lane.phase !== 'reading') return;
      await this.#handler.onBatch({ partition: lane.partition, records, endOffset });
      lane.next = records.at(-1)!.offset + 1;
    });
  }

  /** Runs a call after the partition's earlier ones. Resolves when it is over; an error goes to `onError`. */
  inTurn(partition: number, call: () => Promise<void> | void): Promise<void> {
    const earlier = this.#calls.get(partition) ?? Promise.resolve();
    const turn = earlier
      .then(() => (this.#stopped ? undefined : call()))
      .catch((error: unknown) => {
        this.#stopped = true;
        this.#onError(error);
      });
    this.#calls.set(partition, turn);
    return turn;
  }

  /** Resolves when no call is running or waiting. */
  async idle(): Promise<void> {
    await Promise.all(this.#calls.values());
  }
}

/** Asked anew after each await: the group moves on meanwhile. */
function isGone(lane: Lane): boolean {
  return lane.phase === 'gone';
}
