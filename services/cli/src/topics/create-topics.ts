import type { TopicNames } from '@haulwatch/domain';
import type { Log } from '@haulwatch/ports';
import { topicSpecs } from '@haulwatch/service';

/** A topic as it stands after the call. */
export type TopicState = { readonly name: string; readonly partitions: number; readonly wanted: number };

/** Creates what is missing of the topics of a Haulwatch, and says how each of them is. */
export async function createTopics(log: Log, names: TopicNames, telemetryPartitions: number): Promise<TopicState[]> {
  const specs = topicSpecs(names, telemetryPartitions);
  await log.ensureTopics(specs);
  return await Promise.all(
    specs.map(async ({ name, partitions }) => ({
      name,
      partitions: await log.partitionCount(name),
      wanted: partitions,
    })),
  );
}
