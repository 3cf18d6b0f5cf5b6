import { LogError, type CommittedOffset, type GroupMember, type GroupOptions } from '@haulwatch/ports';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { setTimeout as delay } from 'node:timers/promises';
import { isCoordinatorOnItsWay, toLogError } from './kafka-errors.ts';
import type { KafkaLogger } from './kafka-logger.ts';
import type { FetchedBatch } from './kafkajs-internals.ts';
import { PartitionLanes, type Lane } from './partition-lanes.ts';
import { watchStalls, type Reading } from './stall-watch.ts';
import type { PartitionClaim } from './sticky-assignment.ts';
import type { OffsetRange } from './topic-calls.ts';

export type MemberDeps = {
  /** Makes the consumer; it asks what the member holds whenever it joins. */
  readonly consumer: (claims: () => readonly PartitionClaim[]) => Consumer;
  readonly committed: (group: string, topic: string) => Promise<readonly CommittedOffset[]>;
  readonly ranges: (topic: string) => Promise<readonly OffsetRange[]>;
  readonly brokers: readonly string[];
  readonly logger: KafkaLogger;
  readonly heartbeatMs: number;
  readonly stallMs: number;
};

/** Records that reach the handler at once; some 2 ms of work for the engine, so that heartbeats are never late. */
const batchRecordsMaxDefault = 2_000;
/** How long a rebalance waits for a member whose handler is at work. */
export const rebalanceTimeoutMs = 15_000;
/** Kafka's limit is 4,096 bytes (offset.metadata.max.bytes). */
const metadataBytesMax = 4_000;

/**
 * A member of a group on kafkajs. At least once: after a crash the records since the last commit come again.
 *
 * A rebalance: the new assignment is paused while kafkajs still tells of it, before it can fetch. Then the commits are
 * looked up. A partition that stays ours and whose commit is the one our state stands on goes on where it was; any
 * other is assigned to the handler anew, for somebody else may have had it in between.
 */
export class KafkaGroupMember implements GroupMember {
  readonly failed: Promise<never>;
  readonly #deps: MemberDeps;
  readonly #options: GroupOptions;
  readonly #consumer: Consumer;
  readonly #lanes: PartitionLanes;
  readonly #recordsMax: number;
  #rejectFailed!: (error: unknown) => void;
  #state: 'joining' | 'running' | 'closing' | 'failed' | 'closed' = 'joining';
  /** Counts the assignments that kafkajs has told of. */
  #generation = 0;
  /** The generation whose commits have been looked up; only then partitions are read. */
  #settledGeneration = 0;
  #settling: Promise<void> = Promise.resolve();
  readonly #acknowledged = new Set<string>();
  #isHandling = false;
  #watch: { stop(): void } | undefined;
  #leaving: Promise<void> | undefined;

  private constructor(deps: MemberDeps, options: GroupOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#recordsMax = options.batchRecordsMax ?? batchRecordsMaxDefault;
    this.#lanes = new PartitionLanes(options.handler, (error) => this.#fail(error));
    this.#consumer = deps.consumer(() => this.#claims());
    this.failed = new Promise<never>((_, reject) => (this.#rejectFailed = reject));
    // The owner awaits `failed`; where it does so late, that is no unhandled rejection.
    this.failed.catch(() => undefined);
  }

  /** Resolves when the group has told what is ours; that may be nothing, yet. */
  static async join(deps: MemberDeps, options: GroupOptions): Promise<KafkaGroupMember> {
    const member = new KafkaGroupMember(deps, options);
    try {
      // Also wakes the group's coordinator: a join before it is loaded would count as a crash with kafkajs.
      await deps.committed(options.group, options.topic);
      await Promise.race([member.#start(), member.failed]);
    } catch (error) {
      await member.close();
      throw member.#told(error, 'join');
    }
    return member;
  }

  async #start(): Promise<void> {
    const consumer = this.#consumer;
    const { stallMs } = this.#deps;
    const { topic } = this.#options;
    const joined = new Promise<void>((resolve) => {
      consumer.on('consumer.group_join', ({ payload }) => {
        this.#onJoin(payload.memberAssignment[topic] ?? []);
        resolve();
      });
    });
    consumer.on('consumer.crash', ({ payload }) => this.#onCrash(payload.error, payload.restart));
    // Until kafkajs has joined anew nothing can be read, sought or committed.
    consumer.on('consumer.stop', () => (this.#generation += 1));
    consumer.on('consumer.commit_offsets', ({ payload }) => {
      for (const it of payload.topics)
        for (const at of it.partitions) this.#acknowledged.add(commitKey(at.partition, at.offset));
    });
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      const lane = payload.batchSize === 0 ? this.#lanes.get(payload.partition) : undefined;
      if (lane !== undefined) lane.filteredTo = Number(payload.lastOffset) + 1;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    await joined;
    if (this.#state === 'joining') this.#state = 'running';
    this.#watch = watchStalls(
      stallMs,
      () => this.#positions(),
      (partition) => this.#onStall(partition),
    );
  }

  assignment(): readonly number[] {
    return this.#lanes
      .all()
      .map((it) => it.partition)
      .toSorted((a, b) => a - b);
  }

  #claims(): readonly PartitionClaim[] {
    return this.#lanes
      .all()
      .map(({ partition, next, filteredTo }) => ({ partition, offset: Math.max(next, filteredTo) }));
  }

  async commit(partition: number, offset: number, metadata: string): Promise<void> {
    const { topic, group } = this.#options;
    const doing = `commit ${topic}[${partition}] at ${offset} for group ${group}`;
    if (Buffer.byteLength(metadata) > metadataBytesMax) {
      throw new LogError('failed', `Metadata of a commit may have ${metadataBytesMax} bytes (${doing}).`, {
        retriable: false,
      });
    }
    const lane = this.#lanes.get(partition);
    const generation = this.#generation;
    try {
      await this.#tryCommit(lane, { partition, offset, metadata }, doing);
    } catch (error) {
      const told = this.#told(error, doing);
      // A rebalance waits for the running handler, so that nothing in it may wait for the rebalance.
      if (told.code !== 'fenced' || !told.retriable || this.#isHandling) throw told;
      await this.#settledAfter(generation);
      await this.#tryCommit(lane, { partition, offset, metadata }, doing);
    }
  }

  async #tryCommit(lane: Lane | undefined, commit: CommittedOffset, doing: string): Promise<void> {
    const { partition, offset, metadata } = commit;
    await this.#settling;
    if (lane === undefined || this.#lanes.get(partition) !== lane || !this.#isAlive()) {
      throw new LogError('fenced', `The partition is not ours any more (${doing}): drop its state.`, {
        retriable: false,
      });
    }
    const key = commitKey(partition, offset);
    this.#acknowledged.delete(key);
    try {
      const offsets = [{ topic: this.#options.topic, partition, offset: String(offset), metadata }];
      if (this.#settledGeneration === this.#generation) await this.#consumer.commitOffsets(offsets);
    } catch (error) {
      throw this.#told(error, doing);
    }
    // Not sent, or swallowed: kafkajs resolves a commit without sending it while its runner stops.
    if (!this.#acknowledged.delete(key)) {
      throw new LogError('fenced', `The member is joining the group anew (${doing}): try again.`, {
        retriable: true,
      });
    }
    lane.commit = commit;
  }

  /** Waits for the end of the rebalance that begins in a generation, as long as one may last. */
  async #settledAfter(generation: number): Promise<void> {
    const pauseMs = 50;
    const isSettled = (): boolean => this.#generation > generation && this.#settledGeneration === this.#generation;
    for (let waitedMs = 0; waitedMs < rebalanceTimeoutMs && !isSettled() && this.#isAlive(); waitedMs += pauseMs)
      await delay(pauseMs);
  }

  close(beforeLeave?: () => Promise<void>): Promise<void> {
    this.#leaving ??= this.#leave(beforeLeave);
    return this.#leaving;
  }

  async #leave(beforeLeave?: () => Promise<void>): Promise<void> {
    const isOurs = this.#state === 'running';
    if (isOurs) {
      this.#state = 'closing';
      // Nothing more is fetched, but kafkajs goes on with heartbeats: the partitions stay ours.
      if (this.#settledGeneration === this.#generation) this.#pause(this.assignment());
    }
    this.#watch?.stop();
    await this.#lanes.idle();
    try {
      if (isOurs && this.#state === 'closing') await beforeLeave?.();
    } finally {
      await this.#consumer
        .disconnect()
        .catch((error: unknown) => this.#log('debug', 'leaving the group failed', { reason: String(error) }));
      this.#state = this.#state === 'failed' ? 'failed' : 'closed';
      for (const lane of this.#lanes.all()) this.#lanes.release(lane);
      await this.#lanes.idle();
    }
  }

  #onJoin(partitions: readonly number[]): void {
    if (!this.#isAlive()) return this.#disconnectAgain();
    this.#pause(partitions);
    this.#generation += 1;
    for (const lane of this.#lanes.all()) if (!partitions.includes(lane.partition)) this.#lanes.release(lane);
    this.#log('info', 'joined the group', { partitions: partitions.length });
    const generation = this.#generation;
    this.#settling = this.#settle(generation, partitions).catch((error: unknown) => {
      // What an earlier generation could not find out is of no interest any more.
      if (generation === this.#generation) this.#fail(this.#told(error, 'look up commits'));
    });
  }

  async #settle(generation: number, partitions: readonly number[]): Promise<void> {
    const commits = await this.#deps.committed(this.#options.group, this.#options.topic);
    if (generation !== this.#generation || !this.#isAlive()) return;
    this.#settledGeneration = generation;
    for (const partition of partitions) {
      const commit = commits.find((it) => it.partition === partition);
      const lane = this.#lanes.get(partition);
      if (lane !== undefined && isSameCommit(lane.commit, commit)) {
        if (lane.phase === 'reading') void this.#lanes.inTurn(partition, () => this.#read(lane));
        continue;
      }
      if (lane !== undefined) this.#lanes.release(lane);
      if (this.#state !== 'closing') this.#lanes.take(partition, commit, (taken, start) => this.#begin(taken, start));
    }
  }

  /** The handler has restored its state and says where it goes on. */
  async #begin(lane: Lane, start: number | 'beginning'): Promise<void> {
    const ranges = start === 'beginning' ? await this.#deps.ranges(this.#options.topic) : [];
    lane.next = start === 'beginning' ? (ranges.find((it) => it.partition === lane.partition)?.start ?? 0) : start;
    if (lane.phase !== 'restoring') return;
    lane.phase = 'reading';
    this.#read(lane);
  }

  /** Lets kafkajs fetch from where the lane stands; in a rebalance the next settling does it. */
  #read(lane: Lane): void {
    if (lane.phase !== 'reading' || this.#state === 'closing' || this.#settledGeneration !== this.#generation) return;
    const { topic } = this.#options;
    lane.filteredTo = lane.next;
    this.#consumer.seek({ topic, partition: lane.partition, offset: String(lane.next) });
    this.#consumer.resume([{ topic, partitions: [lane.partition] }]);
  }

  #pause(partitions: readonly number[]): void {
    if (partitions.length > 0) this.#consumer.pause([{ topic: this.#options.topic, partitions: [...partitions] }]);
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload as unknown as { readonly batch: FetchedBatch };
    const generation = this.#generation;
    const lane = this.#lanes.get(batch.partition);
    const canGoOn = (): boolean =>
      this.#state === 'running' && lane?.phase === 'reading' && generation === this.#generation;
    if (lane === undefined || !canGoOn() || payload.isStale()) return;
    const position = Number(batch.fetchedOffset);
    if (position !== lane.next && position !== lane.filteredTo) return this.#read(lane);

    const endOffset = Number(batch.highWatermark);
    // The handler may wait for a slow sink longer than a session lasts; that is back pressure, not death.
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), this.#deps.heartbeatMs);
    this.#isHandling = true;
    try {
      for (let from = 0; from < batch.messages.length; from += this.#recordsMax) {
        const records = batch.messages.slice(from, from + this.#recordsMax);
        const last = records.at(-1)!.offset;
        await this.#lanes.handle(lane, records, endOffset);
        if (lane.next !== last + 1) return;
        payload.resolveOffset(String(last));
        if (!canGoOn()) return;
        await payload.heartbeat();
        if (!canGoOn()) return;
      }
      lane.next = Number(batch.lastOffset()) + 1;
    } finally {
      clearInterval(beat);
      this.#isHandling = false;
    }
  }

  #onCrash(error: Error, restart: boolean): void {
    if (!this.#isAlive()) return this.#disconnectAgain();
    if (!restart) return this.#fail(this.#told(error, 'consume'));
    const level = isCoordinatorOnItsWay(error) ? 'debug' : 'warn';
    this.#log(level, 'the consumer starts anew', { reason: error.message });
  }

  /** kafkajs starts its consumer anew though it was disconnected in the middle of that: a ghost that would hold partitions. */
  #disconnectAgain(): void {
    setImmediate(() => void this.#consumer.disconnect().catch(() => undefined));
  }

  /** Where each partition stands. A handler at work, or a broker that does not answer, is no stall: nothing to look at. */
  async #positions(): Promise<readonly Reading[]> {
    const ranges = this.#isHandling ? [] : await this.#deps.ranges(this.#options.topic).catch(() => []);
    return ranges.flatMap(({ partition, end }) => {
      const lane = this.#isHandling ? undefined : this.#lanes.get(partition);
      return lane?.phase === 'reading' ? [{ partition, position: Math.max(lane.next, lane.filteredTo), end }] : [];
    });
  }

  #onStall(partition: number): void {
    const message = `Nothing came of ${this.#options.topic}[${partition}] for ${this.#deps.stallMs / 1_000} s although records wait there: start the process anew.`;
    this.#fail(new LogError('failed', message, { retriable: true }));
  }

  #fail(error: unknown): void {
    if (!this.#isAlive()) return;
    this.#state = 'failed';
    this.#log('error', 'the member has died', {
      reason: error instanceof Error ? error.message : String(error),
    });
    this.#rejectFailed(error);
    // Not awaited: kafkajs waits for the very call in which this may have happened.
    void this.close();
  }

  #isAlive(): boolean {
    return this.#state !== 'failed' && this.#state !== 'closed';
  }

  #told(error: unknown, doing: string): LogError {
    return toLogError(error, doing, this.#deps.brokers);
  }

  #log(level: Parameters<KafkaLogger>[0], message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#deps.logger(level, message, {
      group: this.#options.group,
      topic: this.#options.topic,
      ...fields,
    });
  }
}

function isSameCommit(ours: CommittedOffset | undefined, found: CommittedOffset | undefined): boolean {
  return ours?.offset === found?.offset && ours?.metadata === found?.metadata;
}

function commitKey(partition: number, offset: unknown): string {
  return `${partition}@${String(offset)}`;
}
