import { LogError, type GroupMember, type Log } from '@haulwatch/ports';
import type { Outbox } from './outbox.ts';
import type { PartitionWorker } from './partition-worker.ts';
import { encodeMetadata, packSnapshot, type CommitMetadata, type StatePointer } from './state-records.ts';

export type CheckpointPorts = {
  readonly log: Log;
  readonly member: GroupMember;
  readonly engineStateTopic: string;
  /** Whether the partition is still the one that the state was taken from. */
  readonly isOurs: () => boolean;
};

/** A partition's state at one position, copied: its engine may go on at once. */
export type CapturedState = {
  readonly worker: PartitionWorker;
  readonly position: number;
  readonly generation: 0 | 1;
  readonly chunks: readonly Buffer[];
  readonly metadata: Omit<CommitMetadata, 'state' | 'previous'>;
  readonly state: Pick<StatePointer, 'bytes' | 'crc32' | 'generation'>;
  /** Resolves when all that the input up to here caused is durable. */
  readonly caused: Promise<unknown>;
};

/**
 * Takes a partition's state between two batches. Synchronous, so that nothing comes between its parts. Everything that the
 * input caused is in the outboxes, and must be durable before the input is committed.
 */
export function captureState(worker: PartitionWorker, outboxes: readonly Outbox[]): CapturedState {
  // The topic is compacted by these keys: the two generations take turns, so that the committed snapshot is never the
  // one that is written over.
  const generation = worker.committed?.state.generation === 0 ? 1 : 0;
  const { chunks, bytes, crc32 } = packSnapshot(worker.engine.snapshot());
  const caused = Promise.all(outboxes.map((outbox) => outbox.drained()));
  // Awaited by commitState, which may not be called any more.
  caused.catch(() => undefined);
  return {
    worker,
    position: worker.position,
    generation,
    chunks,
    metadata: {
      v: 1,
      policyVersion: worker.engine.policyVersion,
      counters: structuredClone(worker.engine.counters),
    },
    state: { bytes, crc32, generation },
    caused,
  };
}

/**
 * Commits a partition up to where its state was taken: first everything that the input caused becomes durable, then the
 * state is written, then offset and pointer to the state go into one commit. A crash between two of these steps leaves
 * the former commit in force, and the same input gives the same alarms again.
 *
 * At most one of these at a time for a partition, in the order in which the states were taken. Returns false where the
 * partition has gone to another member meanwhile: then nothing was committed.
 */
export async function commitState(captured: CapturedState, ports: CheckpointPorts): Promise<boolean> {
  const { worker, position, generation, chunks } = captured;
  const { partition } = worker;
  await captured.caused;
  if (!ports.isOurs()) return false;
  const places = await ports.log.append(
    ports.engineStateTopic,
    chunks.map((value, chunk) => ({ partition, key: `${generation}-${chunk}`, value })),
  );
  const [appended] = places;
  // Somebody else has written between the chunks: the partition is theirs, or will be ours again.
  if (places.length !== 1 || appended === undefined || !ports.isOurs()) return false;
  const state = { ...captured.state, offset: appended.baseOffset, count: appended.count };
  const previous = worker.committed;
  const metadata = { ...captured.metadata, state, ...(previous !== undefined && { previous }) };
  try {
    await ports.member.commit(partition, position, encodeMetadata(metadata));
    worker.committed = { upTo: position, state };
    return true;
  } catch (error) {
    if (error instanceof LogError && error.code === 'fenced') return false;
    throw error;
  }
}
