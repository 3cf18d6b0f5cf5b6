import { readFile } from 'node:fs/promises';
import { decodeAlarmStep, isReject } from '@haulwatch/codec';
import { topicsWithPrefix, type AlarmStep, type Policy, type TopicNames, type VehicleEntry } from '@haulwatch/domain';
import type { LastFix, Log, LogRecord, TopicSpec } from '@haulwatch/ports';
import {
  createLogger,
  openFleetRegistry,
  openPolicyRegistry,
  topicSpecs,
  type FleetRegistry,
  type PolicyRegistry,
} from '@haulwatch/service';
import { parse } from 'yaml';
import { IngestMetrics, startIngest, type Ingest, type IngestOptions } from '../src/app.ts';

/** Everything that ingest needs around it, over any log, with vehicles and a policy published. */
export type Road = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: FleetRegistry;
  readonly policies: PolicyRegistry;
  readonly metrics: IngestMetrics;
  readonly lastFixes: LastFix[];
  readonly policy: Policy;
  start(options?: Partial<IngestOptions>): Promise<Ingest>;
  /** Everything in alarm-log, oldest first. */
  steps(): Promise<AlarmStep[]>;
  deadLetters(): Promise<readonly LogRecord[]>;
};

export const policyFile = new URL('../../../deploy/policies/shanghai.yaml', import.meta.url);

export async function openRoad(
  log: Log,
  prefix: string,
  partitions: number,
  vehicles: readonly VehicleEntry[],
  changeTopic: (spec: TopicSpec) => TopicSpec = (spec) => spec,
): Promise<Road> {
  const topics = topicsWithPrefix(prefix);
  await log.ensureTopics(topicSpecs(topics, partitions).map(changeTopic));
  const fleet = await openFleetRegistry(log, topics.fleet);
  const policies = await openPolicyRegistry(log, topics.policies);
  await fleet.register(vehicles);
  const outcome = await policies.publish(parse(await readFile(policyFile, 'utf8')));
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const metrics = new IngestMetrics();
  const lastFixes: LastFix[] = [];
  const wholeTopic = async (topic: string): Promise<readonly LogRecord[]> => {
    const [end = 0] = await log.endOffsets(topic);
    return end === 0 ? [] : await log.read(topic, 0, 0, end);
  };
  return {
    log,
    topics,
    fleet,
    policies,
    metrics,
    lastFixes,
    policy: outcome.policy,
    start: async (options = {}) =>
      await startIngest(
        {
          log,
          topics,
          fleet: fleet.fleet,
          policy: policies.active()!,
          lastFixes: { putLastFixes: async (fixes) => void lastFixes.push(...fixes) },
          metrics,
          logger: createLogger('ingest-test', 'silent'),
          nowMs: Date.now,
          signal: new AbortController().signal,
        },
        { checkpointMs: 500, idleCheckpointMs: 100, lastFixesMs: 100, tellTimeMs: 30_000, ...options },
      ),
    steps: async () =>
      (await wholeTopic(topics.alarmLog)).map(({ value }) => {
        const step = decodeAlarmStep(value);
        if (isReject(step)) throw new Error(step.detail);
        return step;
      }),
    deadLetters: async () => await wholeTopic(topics.deadLetters),
  };
}
