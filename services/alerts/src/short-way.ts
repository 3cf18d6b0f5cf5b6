import { clearedKeptMax } from '@haulwatch/alerting';
import { decodeAlarmStep } from '@haulwatch/codec';
import type { HistoryBatch, NewestSteps } from '@haulwatch/ports';
import type { AlertsPorts } from './app.ts';

/** The log gives so many records sooner than the database answers. */
const shortWayFrom = 1_000;

/**
 * What an empty or old live store lacks, out of the history: the newest step of each alarm that is still kept, where the log would give every step
 * there ever was. Since a step tells the whole alarm, the fold makes the same of both. Undefined where the log is as near, and where there is
 * no history, none that answers, or one of another log: then the log has it all.
 *
 * Goes to before `end`, and to before the newest of the history. So the log always has at least one more, with which the backlog is seen to be
 * over; alarms that have moved on since come with what it tells of them.
 *
 * @throws LogError where the log does not answer.
 */
export async function readShortWay(ports: AlertsPorts, after: number, end: number): Promise<NewestSteps | undefined> {
  const { history, logger } = ports;
  if (history === undefined || end - 1 - after <= shortWayFrom) return undefined;
  let found: NewestSteps;
  try {
    if ((await history.position()) - after <= shortWayFrom) return undefined;
    found = await history.newestSteps(after, clearedKeptMax);
  } catch (error) {
    logger.warn({ error: String(error) }, 'the history does not answer: the live store is filled from the log alone');
    return undefined;
  }
  const newest = found.steps.at(-1);
  if (newest === undefined) return undefined;
  // Of more than these we would not hear, and one of them may be open in the store.
  const cleared = found.steps.filter(({ step }) => step.kind === 'cleared').length;
  if (after >= 0 && cleared >= clearedKeptMax) return undefined;
  if (!(await isInLog(ports, newest))) {
    logger.warn(
      { position: newest.position },
      'the history is of another log: the live store is filled from the log alone',
    );
    return undefined;
  }
  const upTo = Math.min(found.upTo, end - 1) - 1;
  return { upTo, steps: found.steps.filter(({ position }) => position <= upTo) };
}

async function isInLog(
  { log, topics }: AlertsPorts,
  { position, step }: HistoryBatch['steps'][number],
): Promise<boolean> {
  const [record] = await log.read(topics.alarmLog, 0, position, 1);
  if (record === undefined || record.offset !== position) return false;
  const told = decodeAlarmStep(record.value ?? new Uint8Array(0));
  return !('reason' in told) && told.alarmId === step.alarmId && told.seq === step.seq;
}
