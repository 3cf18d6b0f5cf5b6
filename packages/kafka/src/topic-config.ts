import type { TopicSpec } from '@haulwatch/ports';
import type { ITopicConfig } from 'kafkajs';

/** A topic in Kafka's words; what the spec leaves open is left to the broker. */
export function topicConfig(spec: TopicSpec, replicationFactor: number | undefined): ITopicConfig {
  const settings: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['cleanup.policy', spec.compacted === true ? 'compact' : undefined],
    ['retention.ms', spec.retentionMs],
    ['max.message.bytes', spec.recordBytesMax],
    ['segment.bytes', spec.segmentBytes],
    ['min.compaction.lag.ms', spec.compactionLagMs],
  ];
  return {
    topic: spec.name,
    numPartitions: spec.partitions,
    configEntries: settings.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value: String(value) }])),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
  };
}
