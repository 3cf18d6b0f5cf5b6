import { LogError, type CommittedOffset, type GroupMember, type GroupOptions } from '@haulwatch/ports';
import { Breath } from './log-breath.ts';
import { checkKept, checkWritten, type RecordReader } from './log-records.ts';
import type { Topic } from './log-topics.ts';

/** As on Kafka: records that reach the handler at once, and bytes of them. */
const batchRecordsMaxDefault = 2_000;
const batchBytesMax = 1_000_000;
/** Kafka's limit is 4,096 bytes (offset.metadata.max.bytes). */
const metadataBytesMax = 4_000;

export type GroupDeps = {
  readonly topic: Topic;
  readonly records: RecordReader;
  readonly committed: () => readonly CommittedOffset[];
  readonly commit: (offset: CommittedOffset) => Promise<void>;
};

/** The members of one group in this process: the first has all partitions, the others stand by in the order they came. */
export class GroupRoom {
  readonly #members: LogGroupMember[] = [];

  join(deps: GroupDeps, options: GroupOptions): GroupMember {
    const member = new LogGroupMember(deps, options, (left) => this.#remove(left));
    this.#members.push(member);
    if (this.#members.length === 1) member.begin();
    return member;
  }

  async close(): Promise<void> {
    // From the last on, so that nobody takes over in order to be closed.
    for (const member of [...this.#members].toReversed()) await member.close();
  }

  #remove(member: LogGroupMember): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    if (index === 0) this.#members[0]?.begin();
  }
}

/** At least once: after a crash the records since the last commit come again. */
class LogGroupMember implements GroupMember {
  readonly failed: Promise<never>;
  readonly #deps: GroupDeps;
  readonly #options: GroupOptions;
  readonly #onLeft: (member: LogGroupMember) => void;
  readonly #breath = new Breath();
  #rejectFailed!: (error: unknown) => void;
  #state: 'standby' | 'running' | 'closing' | 'failed' | 'closed' = 'standby';
  /** The offset that each partition's handler awaits; a partition is here once it has been assigned. */
  readonly #positions = new Map<number, number>();
  #running: Promise<void> = Promise.resolve();
  #leaving: Promise<void> | undefined;

  constructor(deps: GroupDeps, options: GroupOptions, onLeft: (member: LogGroupMember) => void) {
    this.#deps = deps;
    this.#options = options;
    this.#onLeft = onLeft;
    this.failed = new Promise<never>((_, reject) => (this.#rejectFailed = reject));
    // The owner awaits `failed`; where it does so late, that is no unhandled rejection.
    this.failed.catch(() => undefined);
  }

  /** The partitions are ours from now on. */
  begin(): void {
    this.#state = 'running';
    this.#running = this.#run().catch((error: unknown) => {
      this.#state = 'failed';
      this.#rejectFailed(error);
      this.#onLeft(this);
    });
  }

  assignment(): readonly number[] {
    return this.#isOurs() ? this.#deps.topic.ends.map((_, partition) => partition) : [];
  }

  async commit(partition: number, offset: number, metadata: string): Promise<void> {
    const doing = `commit ${this.#options.topic}[${partition}] at ${offset} for group ${this.#options.group}`;
    if (Buffer.byteLength(metadata) > metadataBytesMax) {
      throw new LogError('failed', `Metadata of a commit may have ${metadataBytesMax} bytes (${doing}).`, {
        retriable: false,
      });
    }
    if (!this.assignment().includes(partition)) {
      throw new LogError('fenced', `The partition is not ours any more (${doing}): drop its state.`, {
        retriable: false,
      });
    }
    await this.#deps.commit({ partition, offset, metadata });
  }

  close(beforeLeave?: () => Promise<void>): Promise<void> {
    this.#leaving ??= this.#leave(beforeLeave);
    return this.#leaving;
  }

  async #leave(beforeLeave?: () => Promise<void>): Promise<void> {
    const wasOurs = this.#state === 'running';
    if (wasOurs) this.#state = 'closing';
    this.#deps.topic.appended.ring();
    await this.#running;
    try {
      if (wasOurs && this.#isOurs()) await beforeLeave?.();
    } finally {
      if (this.#state !== 'failed') {
        this.#state = 'closed';
        for (const partition of this.#positions.keys()) this.#options.handler.onRevoked(partition);
      }
      this.#onLeft(this);
    }
  }

  async #run(): Promise<void> {
    await this.#assign();
    const { appended } = this.#deps.topic;
    while (this.#state === 'running') {
      const { rings } = appended;
      if (!(await this.#step()) && this.#isOurs()) await appended.after(rings);
    }
  }

  async #assign(): Promise<void> {
    const commits = new Map(this.#deps.committed().map((it) => [it.partition, it]));
    await Promise.all(
      this.#deps.topic.ends.map(async (_, partition) => {
        const start = await this.#options.handler.onAssigned(partition, commits.get(partition));
        if (start !== 'beginning') checkWritten(this.#deps.topic, partition, start);
        this.#positions.set(partition, start === 'beginning' ? this.#deps.topic.starts[partition]! : start);
      }),
    );
  }

  /** A batch of each partition; false where there was nothing. */
  async #step(): Promise<boolean> {
    const { topic, records } = this.#deps;
    const { handler, batchRecordsMax } = this.#options;
    let found = false;
    for (const [partition, position] of this.#positions) {
      checkKept(topic, partition, position);
      const page = records.page(topic, partition, position, batchRecordsMax ?? batchRecordsMaxDefault, batchBytesMax);
      if (page.next === position) continue;
      found = true;
      if (page.records.length > 0)
        await handler.onBatch({
          partition,
          records: page.records,
          endOffset: topic.ends[partition]!,
        });
      this.#positions.set(partition, page.next);
      await this.#breath.take();
      if (this.#state !== 'running') return false;
    }
    return found;
  }

  #isOurs(): boolean {
    return this.#state === 'running' || this.#state === 'closing';
  }
}
