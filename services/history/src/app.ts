import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAlarmStep } from '@haulwatch/codec';
import { groupOf, type AlarmStep, type TopicNames } from '@haulwatch/domain';
import type { GroupBatch, GroupMember, History, Log } from '@haulwatch/ports';
import { counterFrom, gaugeFrom, placeInAlarmLog, type Logger, type Registry } from '@haulwatch/service';

export type HistoryPorts = {
  readonly log: Log;
  readonly history: History;
  readonly topics: TopicNames;
  readonly metrics: HistoryMetrics;
  readonly logger: Logger;
  /** Ends the waiting for a database that does not answer. */
  readonly signal: AbortSignal;
};

/** What history counts; plain numbers, collected when somebody scrapes. */
export type HistoryMetrics = { steps: number; unreadable: number; lagRecords: number };

export type HistoryService = {
  position(): number;
  /** @throws why nothing is written at this moment, though it is tried again: a full or read-only database still answers whoever asks. */
  mustFlow(): void;
  readonly failed: Promise<never>;
  close(): Promise<void>;
};

/** Between two looks at what waits in the log, ms. */
const lagEveryMs = 5_000;
/** The pause before the database is tried again, ms. The alarm log waits. */
const retryMs = 1_000;

/**
 * alarm-log -> SQL. The position is written in the transaction of the steps, and what is there already changes nothing:
 * effectively once. Where to begin is what the database says; an empty one is filled from the beginning of the log. A
 * database that is away is waited for, and its schema brought up to date.
 */
export async function startHistory(ports: HistoryPorts): Promise<HistoryService> {
  const { log, history, topics } = ports;
  let position = -1;
  let isActive = false;
  let refusal: Error | undefined;
  const onRefusal = (error: Error | undefined): void => void (refusal = error);
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  const member: GroupMember = await log.join({
    group: groupOf(topics, 'history'),
    topic: topics.alarmLog,
    handler: {
      onAssigned: async () => {
        await patiently(ports, onRefusal, async () => {
          await history.migrate();
          position = await history.position();
        });
        const next = await placeInAlarmLog(ports, database, position);
        isActive = true;
        ports.logger.info({ position }, 'history is active');
        return next;
      },
      onBatch: async (batch) => {
        const upTo = batch.records.at(-1)?.offset ?? position;
        const steps = readSteps(ports, batch, position);
        await patiently(ports, onRefusal, async () => await history.apply({ after: position, upTo, steps }));
        ports.metrics.steps += steps.length;
        ports.metrics.lagRecords = batch.endOffset - upTo - 1;
        position = Math.max(position, upTo);
      },
      onRevoked: () => {
        isActive = false;
        refusal = undefined;
        ports.logger.info('history stands by');
      },
    },
  });
  const look = async (): Promise<void> => {
    if (!isActive) return;
    try {
      const believed = position;
      const stored = await history.position();
      if (stored < believed) lost.reject(new LostHistoryError(stored, believed));
      const [end = 0] = await log.endOffsets(topics.alarmLog);
      ports.metrics.lagRecords = Math.max(0, end - 1 - position);
    } catch (error) {
      ports.logger.warn({ error: String(error) }, 'the lag cannot be measured');
    }
  };
  const timer = setInterval(() => void look(), lagEveryMs);
  return {
    position: () => position,
    mustFlow: () => {
      if (refusal !== undefined) throw refusal;
    },
    failed: Promise.race([member.failed, lost.promise]),
    close: async () => {
      clearInterval(timer);
      await member.close();
    },
  };
}

/** The database has lost what it had while nothing came that would have told so. */
class LostHistoryError extends Error {
  override readonly name = 'LostHistoryError';
  readonly code = 'rewound';

  constructor(stored: number, believed: number) {
    super(
      `the database is at position ${stored} of the alarm log, before ${believed}: it has lost what it had. Start anew, which fills it`,
    );
  }
}

const database = { name: 'the database', rebuild: 'haulwatch rebuild postgres' };

function readSteps(
  ports: HistoryPorts,
  batch: GroupBatch,
  position: number,
): { readonly position: number; readonly step: AlarmStep }[] {
  const steps: { readonly position: number; readonly step: AlarmStep }[] = [];
  for (const record of batch.records) {
    if (record.offset <= position) continue;
    const step = decodeAlarmStep(record.value ?? new Uint8Array(0));
    if ('reason' in step) {
      ports.metrics.unreadable += 1;
      ports.logger.warn({ offset: record.offset, ...step }, 'alarm-log record not understood');
      continue;
    }
    steps.push({ position: record.offset, step });
  }
  return steps;
}

/**
 * Tries until the database answers; an error that would come again ends the process. So does 'rewound': a database that
 * has gone back is filled again by the next start, which begins at the database's own position.
 */
async function patiently(
  ports: HistoryPorts,
  onRefusal: (error: Error | undefined) => void,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await work();
      onRefusal(undefined);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'retriable' in error && error.retriable === true)) throw error;
      onRefusal(error);
      ports.logger.warn({ detail: error.message }, 'the database does not take writes; waiting');
      await sleep(retryMs, undefined, { signal: ports.signal });
    }
  }
}

/** Shows what history counts to Prometheus. */
export function exportHistoryMetrics(metrics: HistoryMetrics, registry: Registry): void {
  counterFrom(registry, {
    name: 'haulwatch_history_steps_total',
    help: 'Steps of alarms written.',
    read: () => metrics.steps,
  });
  counterFrom(registry, {
    name: 'haulwatch_history_unreadable_total',
    help: 'Records of the alarm log that could not be read.',
    read: () => metrics.unreadable,
  });
  gaugeFrom(registry, {
    name: 'haulwatch_history_lag_records',
    help: 'Records of the alarm log that wait for the database.',
    read: () => metrics.lagRecords,
  });
}
