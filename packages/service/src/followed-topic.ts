import { LogError, type Log, type LogRecord } from '@haulwatch/ports';

/** A topic of one partition that is read from its beginning and followed, where a writer can wait for its own records. */
export type FollowedTopic = {
  /** Appends to the topic and resolves when this reader has seen the last of the records. */
  append(records: readonly { readonly key: string; readonly value: string }[]): Promise<void>;
  close(): Promise<void>;
};

/** A record that the log has taken comes back within milliseconds; ten seconds are a broken connection. */
const visibleWithinMs = 10_000;

/** Records of one append: 1,000 vehicles of 300 bytes stay well below Kafka's usual 1 MB a request. */
const recordsPerAppendMax = 1_000;

type Waiter = { readonly offset: number; readonly seen: () => void };

export async function followTopic(
  log: Pick<Log, 'append' | 'follow'>,
  topic: string,
  onRecord: (record: LogRecord) => void,
): Promise<FollowedTopic> {
  let newest = -1;
  let waiters: Waiter[] = [];
  const following = await log.follow(topic, (record) => {
    onRecord(record);
    newest = record.offset;
    const due = waiters.filter(({ offset }) => offset <= newest);
    if (due.length === 0) return;
    waiters = waiters.filter(({ offset }) => offset > newest);
    for (const { seen } of due) seen();
  });

  async function visible(offset: number): Promise<void> {
    if (offset <= newest) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const message = `${topic}: offset ${offset} was written but did not come back within ${visibleWithinMs / 1_000} s; try again`;
    const timer = setTimeout(() => reject(new LogError('unreachable', message, { retriable: true })), visibleWithinMs);
    waiters.push({ offset, seen: resolve });
    await promise.finally(() => clearTimeout(timer));
  }

  return {
    async append(records) {
      let last = -1;
      for (let from = 0; from < records.length; from += recordsPerAppendMax) {
        const part = records.slice(from, from + recordsPerAppendMax);
        const [appended] = await log.append(
          topic,
          part.map((record) => ({ partition: 0, ...record })),
        );
        if (appended !== undefined) last = appended.baseOffset + appended.count - 1;
      }
      await visible(last);
    },
    close: () => following.close(),
  };
}
