import type {
  CommittedOffset,
  GroupBatch,
  GroupHandler,
  GroupMember,
  Log,
  LogRecord,
  NewLogRecord,
} from '@haulwatch/ports';
import { onTestFinished, vi } from 'vitest';

/** A log to test. */
export type LogUnderTest = {
  readonly log: Log;
  /** Makes a name for a topic or a group that nobody else uses. */
  readonly topic: (name: string) => string;
  readonly close: () => Promise<void>;
};

export type OpenLog = () => Promise<LogUnderTest>;

/** Long enough for a rebalance on a busy machine. */
export const waitOptions = { timeout: 20_000, interval: 20 };

/** Opens a log for the running test, and closes it after. */
export async function logForTest(open: OpenLog): Promise<LogUnderTest> {
  const subject = await open();
  onTestFinished(() => subject.close());
  return subject;
}

/** A topic made for the running test. */
export async function topicForTest(
  { log, topic }: LogUnderTest,
  spec: { partitions?: number; compacted?: boolean } = {},
): Promise<string> {
  const name = topic('records');
  await log.ensureTopics([{ name, partitions: 1, ...spec }]);
  return name;
}

/** Records of one partition, with the texts as values. */
export function texts(partition: number, ...values: readonly string[]): NewLogRecord[] {
  return values.map((value) => ({ partition, key: null, value }));
}

export function numbered(partition: number, count: number, prefix = ''): NewLogRecord[] {
  return texts(partition, ...Array.from({ length: count }, (_, n) => `${prefix}${n}`));
}

export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** One thing that happened to a handler. */
type Happening =
  | {
      readonly kind: 'assigned';
      readonly partition: number;
      readonly committed: CommittedOffset | undefined;
    }
  | {
      readonly kind: 'batch';
      readonly partition: number;
      readonly offsets: readonly number[];
      readonly values: readonly (string | null)[];
      readonly endOffset: number;
    }
  | { readonly kind: 'revoked'; readonly partition: number };

export type Recorder = GroupHandler & {
  readonly happenings: Happening[];
  /** The values handled so far, by partition. */
  values(partition: number): readonly (string | null)[];
};

type RecorderOptions = {
  /** Where a partition begins; else at its commit, or at the beginning. */
  readonly startAt?: (partition: number, committed: CommittedOffset | undefined) => number | 'beginning';
  /** Runs before a batch counts as handled. */
  readonly during?: (batch: GroupBatch) => void | Promise<void>;
};

/** A handler that writes down what happens to it, and fails when calls for one partition overlap or come out of order. */
export function recorder({ startAt = startAtCommit, during }: RecorderOptions = {}): Recorder {
  const happenings: Happening[] = [];
  const busy = new Set<number>();
  const expected = new Map<number, number>();
  return {
    happenings,
    values: (partition) =>
      happenings.flatMap((it) => (it.kind === 'batch' && it.partition === partition ? it.values : [])),
    async onAssigned(partition, committed) {
      if (busy.has(partition) || expected.has(partition))
        throw new Error(`partition ${partition} was assigned while it was ours`);
      happenings.push({ kind: 'assigned', partition, committed });
      const start = startAt(partition, committed);
      expected.set(partition, start === 'beginning' ? 0 : start);
      return start;
    },
    async onBatch(batch) {
      const { partition, records, endOffset } = batch;
      const offsets = records.map((it) => it.offset);
      if (busy.has(partition)) throw new Error(`calls for partition ${partition} overlap`);
      if (offsets[0] !== expected.get(partition))
        throw new Error(`partition ${partition} goes on at ${offsets[0]}, not ${expected.get(partition)}`);
      busy.add(partition);
      const values = records.map((it) => text(it.value));
      await during?.(batch);
      busy.delete(partition);
      expected.set(partition, offsets.at(-1)! + 1);
      happenings.push({ kind: 'batch', partition, offsets, values, endOffset });
    },
    onRevoked(partition) {
      if (busy.has(partition)) throw new Error(`partition ${partition} was revoked during a call`);
      if (!expected.delete(partition)) throw new Error(`partition ${partition} was revoked, but never assigned`);
      happenings.push({ kind: 'revoked', partition });
    },
  };
}

function startAtCommit(_partition: number, committed: CommittedOffset | undefined): number | 'beginning' {
  return committed?.offset ?? 'beginning';
}

/** Waits until a member has these partitions, its death being an error. */
export async function assigned(member: GroupMember, partitions: readonly number[]): Promise<void> {
  const settled = vi.waitFor(() => {
    if (member.assignment().join() !== partitions.join())
      throw new Error(`has ${member.assignment().join()}, not ${partitions.join()}`);
  }, waitOptions);
  await Promise.race([settled, member.failed]);
}

/** Waits until something holds, a member's death being an error. */
export async function until(member: GroupMember, holds: () => void): Promise<void> {
  await Promise.race([vi.waitFor(holds, waitOptions), member.failed]);
}

/** What of a record a test compares; the time of its production is another matter. */
export function plain(record: LogRecord): object {
  return {
    partition: record.partition,
    offset: record.offset,
    key: text(record.key),
    value: record.value === null ? null : [...record.value],
    headers: { ...record.headers },
  };
}
