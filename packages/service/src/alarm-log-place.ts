import type { TopicNames } from '@haulwatch/domain';
import type { Log } from '@haulwatch/ports';
import type { Logger } from './logger.ts';

/** What is filled from the alarm log, in words for people. */
export type ProjectionName = {
  /** "The live store". */
  readonly name: string;
  /** The command that fills it anew. */
  readonly rebuild: string;
};

/** A projection stands beyond the end of the alarm log: nobody can tell what it holds. The message says what to do. */
class OtherLogError extends Error {
  override readonly name = 'OtherLogError';
  readonly code = 'other-log';

  constructor({ name, rebuild }: ProjectionName, position: number, end: number) {
    super(
      `${name} stands at position ${position}, but the alarm log ends at ${end}: it is another log, or has lost its end. Run \`${rebuild}\`, which fills it anew from this log.`,
    );
  }
}

/**
 * Where in the alarm log a projection goes on that has applied it up to a position (-1: nothing). A log
 * that begins later, which is kept for good by right, is told as a gap in the dead letters and read from its oldest record
 * on: a process that insisted on what is gone would end at each start.
 *
 * @throws OtherLogError; LogError
 */
export async function placeInAlarmLog(
  ports: { readonly log: Log; readonly topics: TopicNames; readonly logger: Logger },
  projection: ProjectionName,
  position: number,
): Promise<number> {
  const { log, topics, logger } = ports;
  const [[start = 0], [end = 0]] = await Promise.all([
    log.startOffsets(topics.alarmLog),
    log.endOffsets(topics.alarmLog),
  ]);
  if (position >= end) throw new OtherLogError(projection, position, end);
  if (position + 1 >= start) return position + 1;
  const detail = `the alarm log has lost its records before ${start}: ${projection.name} lacks what they told; is the topic's retention -1?`;
  logger.error({ position, start }, detail);
  const headers = {
    reason: 'data-gap',
    topic: topics.alarmLog,
    partition: '0',
    offset: String(position + 1),
    'to-offset': String(start),
    detail,
  };
  await log.append(topics.deadLetters, [{ partition: 0, key: null, value: null, headers }]);
  return start;
}
