import type { Topic } from './log-topics.ts';
import type { LogDatabase } from './sqlite-database.ts';
import { inTransaction, type WriteTurns } from './sqlite-writes.ts';

/** How long a tombstone is kept, so that whoever follows the topic learns of it. Kafka's own default (delete.retention.ms). */
const tombstoneKeptMs = 24 * 3_600_000;
/** Records, and bytes of them, that one transaction removes: some 5 ms, then the writers have a turn. */
const chunkRecordsMax = 250;
const chunkBytesMax = 2_000_000;

/**
 * Removes what has had its time: records older than a topic's retention, oldest first, and tombstones. The pages become
 * free for new records; the file does not shrink.
 */
export async function removeExpired(
  database: LogDatabase,
  turns: WriteTurns,
  topics: readonly Topic[],
  nowMs: number,
): Promise<void> {
  for (const topic of topics) {
    if (topic.compacted) {
      await whileTrue(() => turns.run(() => removeTombstones(database, topic, nowMs - tombstoneKeptMs)));
    } else if (topic.retentionMs !== undefined) {
      const beforeMs = nowMs - topic.retentionMs;
      for (let partition = 0; partition < topic.partitions; partition++) {
        await whileTrue(() => turns.run(() => removeOldest(database, topic, partition, beforeMs)));
      }
    }
  }
}

async function whileTrue(step: () => Promise<boolean>): Promise<void> {
  while (await step());
}

type Aged = { offset: number; timestamp_ms: number; bytes: number };

/** One chunk; true: there may be more. */
function removeOldest({ writer }: LogDatabase, topic: Topic, partition: number, beforeMs: number): boolean {
  const oldest = writer
    .prepare(
      'SELECT "offset", timestamp_ms, coalesce(length(value), 0) AS bytes FROM record WHERE topic = ? AND partition = ? ORDER BY "offset" LIMIT ?',
    )
    .all(topic.id, partition, chunkRecordsMax) as Aged[];
  let start = topic.starts[partition]!;
  let bytes = 0;
  let count = 0;
  for (const it of oldest) {
    if (it.timestamp_ms >= beforeMs || bytes >= chunkBytesMax) break;
    bytes += it.bytes;
    count += 1;
    start = it.offset + 1;
  }
  if (count === 0) return false;
  inTransaction(writer, () => {
    writer
      .prepare('DELETE FROM record WHERE topic = ? AND partition = ? AND "offset" < ?')
      .run(topic.id, partition, start);
    writer
      .prepare('UPDATE partition SET start_offset = ? WHERE topic = ? AND partition = ?')
      .run(start, topic.id, partition);
  });
  topic.starts[partition] = start;
  return true;
}

type Tombstone = { partition: number; offset: number; key: Uint8Array };

/** One chunk; true: there may be more. A compacted topic's start does not move: holes are what compaction is. */
function removeTombstones({ writer }: LogDatabase, topic: Topic, beforeMs: number): boolean {
  const tombstones = writer
    .prepare(
      'SELECT partition, "offset", key FROM record WHERE topic = ? AND value IS NULL AND timestamp_ms < ? LIMIT ?',
    )
    .all(topic.id, beforeMs, chunkRecordsMax) as Tombstone[];
  if (tombstones.length === 0) return false;
  inTransaction(writer, () => {
    const forget = writer.prepare('DELETE FROM newest WHERE topic = ? AND partition = ? AND key = ?');
    const remove = writer.prepare('DELETE FROM record WHERE topic = ? AND partition = ? AND "offset" = ?');
    for (const { partition, offset, key } of tombstones) {
      forget.run(topic.id, partition, key);
      remove.run(topic.id, partition, offset);
    }
  });
  return true;
}
