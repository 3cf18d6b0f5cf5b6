import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAlarmStep, isReject } from '@haulwatch/codec';
import { alarmAfter, groupOf, topicsWithPrefix } from '@haulwatch/domain';
import { openKafkaLog } from '@haulwatch/kafka';
import { LiveStoreError, type GroupMember, type LiveStore, type LiveWrite, type Log } from '@haulwatch/ports';
import { openRedisStore } from '@haulwatch/redis';
import { createLogger, openFleetRegistry, openPolicyRegistry, readConfig, runService } from '@haulwatch/service';
import { ingestDefaults, IngestMetrics, NoPolicyError, startIngest } from '../services/ingest/src/app.ts';
import { Config } from '../services/ingest/src/config.ts';

/**
 * Workers with a mistake built in, which stand in for ours in a run of chaos: a harness that does not find these finds
 * nothing. Each mistake is made outside of the services, in the ports that they are given.
 */
const logger = createLogger('chaos-bug', 'info');
const bug = process.env['CHAOS_BUG'];

await runService(logger, async ({ signal, stack }) => {
  const config = readConfig(Config, process.env);
  const topics = topicsWithPrefix(config.TOPIC_PREFIX);
  const log = await openKafkaLog({ brokers: config.KAFKA_BROKERS, clientId: 'chaos-bug' });
  stack.defer(() => log.close());
  const store = await openRedisStore({ url: config.REDIS_URL, prefix: config.REDIS_PREFIX, logger });
  stack.defer(() => store.close());
  if (bug === 'unchecked-seq') {
    const member = await log.join(uncheckedSink(topics.alarmLog, groupOf(topics, 'alerts'), store));
    stack.defer(() => member.close());
    logger.info({ admin: 'http://nowhere' }, 'alerts runs');
    return { until: member.failed };
  }
  const { fleet } = stack.use(await openFleetRegistry(log, topics.fleet));
  const policy = stack.use(await openPolicyRegistry(log, topics.policies)).active();
  if (policy === undefined) throw new NoPolicyError();
  const metrics = new IngestMetrics();
  const wrapped = bug === 'early-ack' ? earlyAck(log, topics.alarmLog) : oldSnapshot(log);
  const ports = { log: wrapped, topics, fleet, policy, lastFixes: store, metrics, logger, nowMs: Date.now, signal };
  const ingest = await startIngest(ports, { ...ingestDefaults, checkpointMs: config.CHECKPOINT_MS });
  stack.defer(() => ingest.close());
  logger.info({ admin: 'http://nowhere' }, 'ingest runs');
  return { until: ingest.failed };
});

/** Says that alarms are durable while they wait to be sent: input is committed before what it caused. */
function earlyAck(log: Log, alarmLog: string): Log {
  const lingerMs = 3_000;
  let last: Promise<unknown> = Promise.resolve();
  return withMethods(log, {
    append: async (topic, records) => {
      if (topic !== alarmLog) return await log.append(topic, records);
      const due = sleep(lingerMs);
      last = last.then(() => due).then(() => log.append(topic, records));
      last.catch(() => undefined);
      return [];
    },
  });
}

/** Commits where it is together with the state of the commit before: the last batches are missing in it. */
function oldSnapshot(log: Log): Log {
  const former = new Map<number, string>();
  return withMethods(log, {
    join: async (options) => {
      const member = await log.join(options);
      if (!options.group.endsWith('ingest')) return member;
      const commit: GroupMember['commit'] = async (partition, offset, metadata) => {
        await member.commit(partition, offset, former.get(partition) ?? metadata);
        former.set(partition, metadata);
      };
      return {
        commit,
        assignment: () => member.assignment(),
        failed: member.failed,
        close: (beforeLeave) => member.close(beforeLeave),
      };
    },
  });
}

/** Writes every step that comes, also one that it has written before. */
function uncheckedSink(topic: string, group: string, store: LiveStore): Parameters<Log['join']>[0] {
  let position = -1;
  return {
    group,
    topic,
    handler: {
      onAssigned: async () => {
        position = await store.position();
        logger.info({ position }, 'alerts is active');
        return position + 1;
      },
      onRevoked: () => logger.info('alerts stands by'),
      onBatch: async ({ records }) => {
        const writes = records.flatMap(({ value, offset }): LiveWrite[] => {
          const step = decodeAlarmStep(value ?? new Uint8Array(0));
          if (isReject(step) || offset <= position) return [];
          const alarm = alarmAfter(step);
          const event = {
            op: 'event',
            position: offset,
            index: 0,
            type: step.kind,
            data: JSON.stringify(alarm),
          } as const;
          return [{ op: 'put-alarm', position: offset, alarm }, ...(step.late ? [] : [event])];
        });
        const upTo = records.at(-1)?.offset ?? position;
        if (upTo > position) await patiently(() => store.apply({ after: position, upTo, writes }));
        position = Math.max(position, upTo);
      },
    },
  };
}

/** Tries until the store answers. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof LiveStoreError) || !error.retriable) throw error;
      await sleep(500);
    }
  }
}

/** The log with some methods of ours. */
function withMethods(log: Log, ours: Partial<Log>): Log {
  return new Proxy(log, {
    get(target, name) {
      const own: unknown = Reflect.get(ours, name) ?? Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
