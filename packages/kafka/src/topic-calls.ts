import { setTimeout as delay } from 'node:timers/promises';
import type { LogRecord } from '@haulwatch/ports';
import { isTopicUnknown, isTransient, toLogError } from './kafka-errors.ts';
import type { FetchedPartition } from './fetch-reader.ts';
import { fetchedBatch, type Cluster } from './kafkajs-internals.ts';

/** A broker that restarts is back, and its partitions have leaders again, within some 15 s; twice that, then it is an error. */
const retryForMs = 30_000;
const retryPauseMs = 250;
/** A topic made a moment ago may be unknown to the broker asked: so often it is asked. */
const unknownTopicTries = 3;
const fetchBytesMax = 10_000_000;
const partitionFetchBytesMax = 1_000_000;

/** One topic seen through one connection: the calls that need no group. Each goes on until it is answered, or gives up. */
export type TopicCalls = {
  partitions(): Promise<readonly number[]>;
  /** Resolves when each broker that answers knows the topic: they learn of a new one in their own time. */
  knownEverywhere(): Promise<void>;
  ranges(): Promise<readonly OffsetRange[]>;
  /** One fetch from every leader; waits up to `waitMs` for a first byte. Of each partition come about `bytesMax`, or one record that is larger. */
  fetch(positions: ReadonlyMap<number, number>, waitMs: number, bytesMax?: number): Promise<readonly Fetched[]>;
};

/** The offsets that a partition holds: from `start` to before `end`. */
export type OffsetRange = {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
};

/** `next` is where the partition goes on: beyond records that are not for our eyes, too. */
type Fetched = {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly next: number;
};

/** @throws LogError from each of the calls, 'topic-missing' where there is none. */
export function topicCalls(
  cluster: Cluster,
  topic: string,
  brokers: readonly string[],
  isClosed: () => boolean = () => false,
): TopicCalls {
  const retry = async <T>(doing: string, call: () => Promise<T>, unknownTriesMax = unknownTopicTries): Promise<T> => {
    const giveUpAtMs = performance.now() + retryForMs;
    for (let unknown = 0; ;) {
      try {
        await cluster.connect();
        await cluster.addTargetTopic(topic);
        return await call();
      } catch (error) {
        if (isTopicUnknown(error)) unknown += 1;
        const again = isTransient(error) && unknown < unknownTriesMax && performance.now() < giveUpAtMs && !isClosed();
        if (!again) throw toLogError(error, `${doing} of topic ${topic}`, brokers);
        await findWayBack(cluster, error);
      }
    }
  };
  return {
    partitions: () => retry('look up partitions', async () => partitionsOf(cluster, topic)),
    knownEverywhere: () => retry('wait for creation', () => askEachBroker(cluster, topic), Infinity),
    ranges: () => retry('look up offsets', () => rangesOf(cluster, topic)),
    fetch: (positions, waitMs, bytesMax = partitionFetchBytesMax) =>
      retry('read records', () => fetchAll(cluster, topic, positions, { waitMs, bytesMax })),
  };
}

/** Throws where a broker does not know the topic; one that is away will, when it is back. */
async function askEachBroker(cluster: Cluster, topic: string): Promise<void> {
  for (const nodeId of cluster.getNodeIds()) {
    const broker = await cluster.findBroker({ nodeId }).catch(() => undefined);
    await broker?.metadata([topic]);
  }
}

async function fetchAll(
  cluster: Cluster,
  topic: string,
  positions: ReadonlyMap<number, number>,
  { waitMs, bytesMax }: { readonly waitMs: number; readonly bytesMax: number },
): Promise<readonly Fetched[]> {
  const leaders = Object.entries(cluster.findLeaderForPartitions(topic, [...positions.keys()]));
  const answers = await Promise.all(
    leaders.map(async ([nodeId, ids]) => {
      const broker = await cluster.findBroker({ nodeId });
      const partitions = ids.map((partition) => ({
        partition,
        fetchOffset: String(positions.get(partition)),
        maxBytes: Math.min(bytesMax, fetchBytesMax),
      }));
      const minBytes = waitMs === 0 ? 0 : 1;
      return broker.fetch({
        maxWaitTime: waitMs,
        minBytes,
        maxBytes: fetchBytesMax,
        isolationLevel: 1,
        topics: [{ topic, partitions }],
      });
    }),
  );
  return answers
    .flatMap(({ responses }) => responses.flatMap(({ partitions }) => partitions))
    .map((it) => toFetched(topic, positions.get(it.partition)!, it));
}

function toFetched(topic: string, position: number, fetched: FetchedPartition): Fetched {
  const { partition } = fetched;
  if (fetched.messages.length === 0) {
    // Compaction may leave batches without records, whose length is not told: feel for the next one, offset by offset.
    const isHole = position < Number(fetched.lastStableOffset);
    return { partition, records: [], next: isHole ? position + 1 : position };
  }
  const batch = fetchedBatch(topic, position, fetched);
  return { partition, records: batch.messages.slice(), next: Math.max(position, Number(batch.lastOffset()) + 1) };
}

function partitionsOf(cluster: Cluster, topic: string): readonly number[] {
  const partitions = cluster.findTopicPartitionMetadata(topic).map((it) => it.partitionId);
  return partitions.toSorted((a, b) => a - b);
}

async function rangesOf(cluster: Cluster, topic: string): Promise<readonly OffsetRange[]> {
  const partitions = partitionsOf(cluster, topic).map((partition) => ({ partition }));
  const [ends] = await cluster.fetchTopicsOffset([{ topic, fromBeginning: false, partitions }]);
  const [starts] = await cluster.fetchTopicsOffset([{ topic, fromBeginning: true, partitions }]);
  const startOf = new Map(starts?.partitions.map((it) => [it.partition, Number(it.offset)]));
  const ranges = (ends?.partitions ?? []).map(({ partition, offset }) => ({
    partition,
    start: startOf.get(partition) ?? 0,
    end: Number(offset),
  }));
  return ranges.toSorted((a, b) => a.partition - b.partition);
}

/** Leaves the connection so that the next try can succeed: without a broker that closed it or a topic that is gone. */
async function findWayBack(cluster: Cluster, error: unknown): Promise<void> {
  if (isTopicUnknown(error)) cluster.targetTopics.clear();
  const { name, host, port } = error as { name?: string; host?: string; port?: number };
  if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined)
    cluster.removeBroker({ host, port });
  await delay(retryPauseMs);
  // Whatever it was, leaders may have moved. Where even this fails the next try says so.
  await cluster.refreshMetadata().catch(() => undefined);
}
