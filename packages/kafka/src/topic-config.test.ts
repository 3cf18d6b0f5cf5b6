import type { TopicSpec } from '@haulwatch/ports';
import { expect, test } from 'vitest';
import { topicConfig } from './topic-config.ts';

test.each<[what: string, spec: Partial<TopicSpec>, settings: Record<string, string>]>([
  ['what is not said is left to the broker', {}, {}],
  ['not compacted', { compacted: false }, {}],
  ['compacted', { compacted: true }, { 'cleanup.policy': 'compact' }],
  ['kept for good', { retentionMs: -1 }, { 'retention.ms': '-1' }],
  ['large records', { recordBytesMax: 5_000_000 }, { 'max.message.bytes': '5000000' }],
  ['small segments', { segmentBytes: 64_000_000 }, { 'segment.bytes': '64000000' }],
  ['late compaction', { compactionLagMs: 3_600_000 }, { 'min.compaction.lag.ms': '3600000' }],
  ['compaction at once, said aloud', { compactionLagMs: 0 }, { 'min.compaction.lag.ms': '0' }],
])('%s', (_what, spec, settings) => {
  const config = topicConfig({ name: 'records', partitions: 3, ...spec }, undefined);
  expect(config).toEqual({ topic: 'records', numPartitions: 3, configEntries: config.configEntries });
  expect(Object.fromEntries(config.configEntries!.map(({ name, value }) => [name, value]))).toEqual(settings);
});

test("copies are the broker's choice where none are asked for", () => {
  const spec = { name: 'records', partitions: 1 };
  expect(topicConfig(spec, undefined)).not.toHaveProperty('replicationFactor');
  expect(topicConfig(spec, 3)).toMatchObject({ replicationFactor: 3 });
});
