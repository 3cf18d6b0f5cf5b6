import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alarmAfter, topicsWithPrefix, type AlarmStep } from '@haulwatch/domain';
import { openMemoryStore, openSqliteLog } from '@haulwatch/embedded';
import type { LiveStore, Log, LogRecord } from '@haulwatch/ports';
import { createLogger, openFleetRegistry, openPolicyRegistry, Registry, topicSpecs } from '@haulwatch/service';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { buildApi, type ApiLimits } from '../src/app.ts';
import { MemoryHistory } from './memory-history.ts';

/** The clock of the tests. */
export const nowMs = 1_700_000_100_000;
export const telemetryPartitions = 4;

export type ApiForTests = {
  readonly app: FastifyInstance;
  readonly log: Log;
  readonly live: LiveStore;
  readonly history: MemoryHistory;
  readonly registry: Registry;
  readonly topics: ReturnType<typeof topicsWithPrefix>;
  /** Where it listens, from the first call on. */
  address(): Promise<string>;
  /** Every record of a topic, by partition. */
  records(topic: string): Promise<readonly LogRecord[]>;
  /** Puts steps into the history, and into the live store with an event each. */
  happened(...steps: readonly AlarmStep[]): Promise<void>;
};

/** The whole API on embedded ports, torn down when the test ends. */
export async function apiForTests(
  options: {
    readonly limits?: Partial<ApiLimits>;
    readonly live?: LiveStore;
    /** Calls of the log that the test answers itself. */
    readonly logCalls?: Partial<Log>;
  } = {},
): Promise<ApiForTests> {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const dir = await mkdtemp(join(tmpdir(), 'haulwatch-api-'));
  stack.defer(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>Haulwatch</title>');
  const topics = topicsWithPrefix('');
  const sqlite = stack.adopt(await openSqliteLog({ dir: join(dir, 'log') }), (open) => open.close());
  await sqlite.ensureTopics(topicSpecs(topics, telemetryPartitions));
  const log = withCalls(sqlite, options.logCalls ?? {});
  const live = stack.adopt(options.live ?? openMemoryStore(), (open) => open.close());
  const history = new MemoryHistory();
  const fleet = stack.use(await openFleetRegistry(log, topics.fleet));
  const policies = stack.use(await openPolicyRegistry(log, topics.policies));
  const registry = new Registry();
  const app = stack.adopt(
    await buildApi({
      log,
      topics,
      live,
      history,
      fleet,
      policies,
      registry,
      logger: createLogger('test', 'silent'),
      nowMs: () => nowMs,
      publicDir: dir,
      limits: options.limits ?? {},
    }),
    (open) => open.close(),
  );
  let listening: Promise<string> | undefined;
  return {
    app,
    log,
    live,
    history,
    registry,
    topics,
    address: () => (listening ??= app.listen({ host: '127.0.0.1', port: 0 })),
    async records(topic) {
      const ends = await sqlite.endOffsets(topic);
      const pages = await Promise.all(ends.map((end, partition) => sqlite.read(topic, partition, 0, end)));
      return pages.flat();
    },
    async happened(...steps) {
      const after = await live.position();
      const upTo = after + steps.length;
      const writes = steps.flatMap((step, index) => {
        const alarm = alarmAfter(step);
        const position = after + 1 + index;
        return [
          { op: 'put-alarm', position, alarm } as const,
          { op: 'event', position, index: 0, type: step.kind, data: JSON.stringify(alarm) } as const,
        ];
      });
      await live.apply({ after, upTo, writes });
      await history.apply({ upTo, steps: steps.map((step) => ({ step })) });
    },
  };
}

function withCalls(log: Log, calls: Partial<Log>): Log {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitionCount: (topic) => log.partitionCount(topic),
    append: (topic, records) => log.append(topic, records),
    join: (options) => log.join(options),
    follow: (topic, onRecord) => log.follow(topic, onRecord),
    read: (topic, partition, offset, count) => log.read(topic, partition, offset, count),
    committed: (group, topic) => log.committed(group, topic),
    startOffsets: (topic) => log.startOffsets(topic),
    endOffsets: (topic) => log.endOffsets(topic),
    close: () => log.close(),
    ...calls,
  };
}
