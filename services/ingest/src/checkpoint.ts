import { LogError, type GroupMember, type Log } from '@haulwatch/ports';
import type { Outbox } from './outbox.ts';
import type { PartitionWorker } from './partition-worker.ts';
import { encodeMetadata, packSnapshot } from './state-records.ts';

export type CheckpointPorts = {
  readonly log: Log;
  readonly engineStateTopic: string;
  /** Everything that input caused: all of it must be durable before the input is committed. */
  readonly outboxes: readonly Outbox[];
};

/**
 * Commits a partition up to where its engine stands: first everything that the input caused becomes durable, then the
 * state is written, then offset and pointer to the state go into one commit. A crash between two of these steps leaves
 * the former commit in force, and the same input gives the same alarms again.
 *
 * Returns false where the partition has gone to another member meanwhile: then nothing was committed.
 */
export async function checkpoint(
  worker: PartitionWorker,
  member: GroupMember,
  ports: CheckpointPorts,
): Promise<boolean> {
  // The topic is compacted by these keys: the two generations take turns, so that the committed snapshot is never the
  // one that is written over.
  const generation = worker.generation === 0 ? 1 : 0;
  const position = worker.position;
  const { chunks, bytes, crc32 } = packSnapshot(worker.engine.snapshot());
  const counters = structuredClone(worker.engine.counters);
  for (const outbox of ports.outboxes) await outbox.drained();
  const { partition } = worker;
  const places = await ports.log.append(
    ports.engineStateTopic,
    chunks.map((value, chunk) => ({ partition, key: `${generation}-${chunk}`, value })),
  );
  const [appended] = places;
  // Somebody else has written between the chunks: the partition is theirs, or will be ours again.
  if (places.length !== 1 || appended === undefined) return false;
  const metadata = encodeMetadata({
    v: 1,
    state: { offset: appended.baseOffset, count: appended.count, bytes, crc32, generation },
    policyVersion: worker.engine.policyVersion,
    counters,
  });
  try {
    await member.commit(partition, position, metadata);
    worker.generation = generation;
    return true;
  } catch (error) {
    if (error instanceof LogError && error.code === 'fenced') return false;
    throw error;
  }
}
