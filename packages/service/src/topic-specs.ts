import type { TopicNames } from '@haulwatch/domain';
import type { TopicSpec } from '@haulwatch/ports';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Compaction touches closed segments only: with Kafka's 1 GB every partition would keep up to that much of old snapshots. */
const engineStateSegmentBytes = 64_000_000;
/** A deposed owner may still write under the key of its heir's snapshot; for an hour compaction takes nothing away. */
const engineStateCompactionLagMs = hourMs;

/**
 * Every topic of the house with its partitions and retention. Alarms and their handling must be kept for three years
 * (道路运输车辆动态监督管理办法): that is the history's task; the alarm log itself is kept for good, for the live store and
 * the history are rebuilt from it.
 */
export function topicSpecs(topics: TopicNames, telemetryPartitions: number): TopicSpec[] {
  return [
    { name: topics.telemetry, partitions: telemetryPartitions, retentionMs: 7 * dayMs },
    // Compacted by chunk and generation: a partition keeps its two newest snapshots, however long it stands still.
    {
      name: topics.engineState,
      partitions: telemetryPartitions,
      compacted: true,
      segmentBytes: engineStateSegmentBytes,
      compactionLagMs: engineStateCompactionLagMs,
    },
    { name: topics.traccar, partitions: telemetryPartitions, retentionMs: dayMs },
    { name: topics.alarmLog, partitions: 1, retentionMs: -1 },
    { name: topics.deadLetters, partitions: 1, retentionMs: 30 * dayMs },
    { name: topics.fleet, partitions: 1, compacted: true },
    { name: topics.policies, partitions: 1, compacted: true },
  ];
}
