import { encodeFrame } from '@haulwatch/codec';
import type { Policy } from '@haulwatch/domain';
import {
  LogError,
  type CommittedOffset,
  type GroupBatch,
  type GroupHandler,
  type GroupMember,
  type LogRecord,
} from '@haulwatch/ports';
import { compilePolicy, type RuleSet } from '@haulwatch/rules';
import { FenceIndexMaker } from '@haulwatch/service';
import type { IngestOptions, IngestPorts } from './ingest-ports.ts';
import { captureState, commitState, type CapturedState } from './checkpoint.ts';
import { DeadLetters } from './dead-letters.ts';
import { Isolation } from './isolation.ts';
import { LastFixWriter } from './last-fix-writer.ts';
import { Outbox } from './outbox.ts';
import type { PartitionWorker, PartitionOutlets } from './partition-worker.ts';
import { Rerouter } from './rerouter.ts';
import { Restorer } from './restorer.ts';
import { sampledRejectLog } from './sampled-log.ts';

/** Partitions that are checkpointed side by side when all are: each is some ms of work and a wait for the broker. */
const checkpointedTogether = 4;
/** Workers put a policy in force one after the other, each when it has indexed its fences: within so long. */
const policySpreadMs = 60_000;

type Served = {
  worker: PartitionWorker;
  /** That its engine goes by. */
  rules: RuleSet;
  /** What runs for this partition now; batches and the taking of its state take turns. */
  busy: Promise<void>;
  /** The commit of its newest state: they follow each other, while batches go on. */
  committing: Promise<unknown>;
  /** By the process's own clock, as the two below: one that is set back must not put checkpoints off. */
  checkpointedAtMs: number;
  checkpointedPosition: number;
  /** When its newest state was committed. */
  committedAtMs: number;
  movedAtMs: number;
  /** When the newest record that the engine has seen was produced. */
  newestAtMs: number;
  /** A checkpoint waits or is being made. */
  isCheckpointing: boolean;
};

/** The partitions of this process: assigns, restores, feeds and checkpoints their engines. */
export class Workers implements GroupHandler {
  member: GroupMember | undefined;
  readonly outlets: { telemetry: Outbox; letters: Outbox; deadLetters: DeadLetters };
  /** Rejects when a checkpoint outside of a batch fails for good. */
  readonly failed: Promise<never>;
  #fail!: (error: unknown) => void;
  readonly #ports: IngestPorts;
  readonly #options: IngestOptions;
  readonly #partitions: number;
  readonly #alarms: Outbox;
  readonly #restorer: Restorer;
  readonly #isolation: Isolation;
  readonly #lastFixes: LastFixWriter;
  readonly #served = new Map<number, Served>();
  #rules: RuleSet;
  /** Checkpoints by the clock, one partition after the other: the state of all at once is hundreds of MB. */
  #checkpoints: Promise<void> = Promise.resolve();

  /** The newest policy that was asked for; the one in force follows as soon as its fences are indexed. */
  #wanted: Policy;
  /** When another policy came into force. */
  #changedAtMs = -Infinity;
  #changes: Promise<void> = Promise.resolve();
  #isClosed = false;
  readonly #fenceIndices: FenceIndexMaker;

  /** Compiles the first policy; the fences of this one and of all that follow are indexed beside the event loop. */
  static async start(ports: IngestPorts, options: IngestOptions, partitions: number): Promise<Workers> {
    const fenceIndices = new FenceIndexMaker();
    const rules = compilePolicy(ports.policy, await fenceIndices.make(ports.policy.fences));
    return new Workers(ports, options, { partitions, rules, fenceIndices });
  }

  private constructor(
    ports: IngestPorts,
    options: IngestOptions,
    { partitions, rules, fenceIndices }: { partitions: number; rules: RuleSet; fenceIndices: FenceIndexMaker },
  ) {
    this.#wanted = ports.policy;
    this.#fenceIndices = fenceIndices;
    this.#ports = ports;
    this.#options = options;
    this.#partitions = partitions;
    this.#rules = rules;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    const { topics, logger, signal, fleet } = ports;
    const outbox = (topic: string): Outbox =>
      new Outbox(
        ports.log,
        topic,
        (at, error) =>
          logger.warn({ topic: at, code: error.code, detail: error.message }, 'the log does not take records; waiting'),
        signal,
      );
    this.#alarms = outbox(topics.alarmLog);
    const telemetry = outbox(topics.telemetry);
    const letters = outbox(topics.deadLetters);
    const deadLetters = new DeadLetters(letters, topics.telemetry);
    this.outlets = { telemetry, letters, deadLetters: new DeadLetters(letters, topics.traccar) };
    const partitionOutlets: PartitionOutlets = {
      alarms: this.#alarms,
      deadLetters,
      rerouter: new Rerouter(telemetry, deadLetters, fleet, partitions),
      onReject: sampledRejectLog(ports),
    };
    this.#restorer = new Restorer(ports, partitions, partitionOutlets);
    this.#isolation = new Isolation(ports, this.#restorer);
    this.#lastFixes = new LastFixWriter(ports);
  }

  /** @throws why what comes of the input goes nowhere at this moment. */
  mustFlow(): void {
    for (const outbox of this.#outboxes()) outbox.mustFlow();
  }

  positions(): ReadonlyMap<number, number> {
    return new Map([...this.#served].map(([partition, { worker }]) => [partition, worker.position]));
  }

  /** Puts a policy in force as soon as its fences are indexed; fixes flow under the former one meanwhile. */
  setPolicy(policy: Policy): void {
    if (policy.version === this.#wanted.version) return;
    this.#wanted = policy;
    if (this.#isClosed) return;
    this.#changes = this.#changes
      .then(() => this.#adopt(policy))
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#fail(error);
      });
  }

  async #adopt(policy: Policy): Promise<void> {
    // A newer one has come while this one waited.
    if (this.#wanted !== policy) return;
    const fenceIndex = await this.#fenceIndices.make(policy.fences);
    if (!this.#isClosed) this.#change(compilePolicy(policy, fenceIndex));
  }

  /** No other policy comes into force from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#fenceIndices[Symbol.asyncDispose]();
  }

  /**
   * One partition after the other, each checkpointed under the former policy first, so that a restart does not play input again
   * under other rules than it was judged by. Where the log does not take that checkpoint the policy holds all the same: a
   * crash before the next one then plays that input under the new policy.
   */
  #change(rules: RuleSet): void {
    this.#rules = rules;
    this.#changedAtMs = this.#ports.nowMs();
    for (const served of this.#served.values()) {
      const change = async (): Promise<void> => {
        await this.#checkpointNow(served);
        served.worker.engine.setRules(rules);
        served.rules = rules;
      };
      this.#checkpoints = this.#checkpoints
        .then(() => this.#inTurn(served, change))
        .catch((error: unknown) => this.#fail(error));
    }
    this.#ports.logger.info({ policy: rules.policy.name, version: rules.version }, 'a new policy is in force');
  }

  async onAssigned(partition: number, committed: CommittedOffset | undefined): Promise<number | 'beginning'> {
    const restoredUnder = this.#rules;
    const worker = await this.#restorer.restore(partition, committed, restoredUnder);
    // Another may have come into force while the state was read.
    const rules = this.#rules;
    if (rules !== restoredUnder) worker.engine.setRules(rules);
    const { position } = worker;
    const nowMs = performance.now();
    const served: Served = {
      worker,
      rules,
      busy: Promise.resolve(),
      committing: Promise.resolve(),
      // As if the partitions had been checkpointed one after the other: so they go on.
      checkpointedAtMs: nowMs - Math.floor((partition / this.#partitions) * this.#options.checkpointMs),
      // Where it begins is committed soon where that is elsewhere: a gap is told once, and nobody waits for a partition without records.
      checkpointedPosition: committed?.offset ?? -1,
      committedAtMs: nowMs,
      movedAtMs: nowMs,
      newestAtMs: this.#ports.nowMs(),
      isCheckpointing: false,
    };
    this.#served.set(partition, served);
    this.#ports.metrics.watch(partition, () => served.worker.engine.counters);
    this.#ports.logger.debug({ partition, position, vehicles: worker.engine.vehicleCount }, 'partition assigned');
    return position;
  }

  onRevoked(partition: number): void {
    this.#served.delete(partition);
    this.#ports.metrics.forget(partition);
  }

  async onBatch(batch: GroupBatch): Promise<void> {
    const served = this.#served.get(batch.partition);
    if (served === undefined) return;
    await this.#inTurn(served, async () => {
      await this.#take(served, batch.records);
      served.movedAtMs = performance.now();
      const last = batch.records.at(-1)!;
      served.newestAtMs = last.timestampMs;
      this.#noteLag(served, batch.endOffset);
      await this.#alarms.room();
      await this.outlets.telemetry.room();
      await this.outlets.letters.room();
    });
  }

  async #take(served: Served, records: readonly LogRecord[]): Promise<void> {
    const { worker, rules } = served;
    try {
      worker.take(records);
    } catch (error) {
      if (worker.isBlocked) throw error;
      await served.committing;
      served.worker = await this.#isolation.recover(worker, rules, records.at(-1)!.offset + 1, error);
      // Soon, so that the next one is found among less.
      served.checkpointedAtMs = -Infinity;
    }
  }

  /** Looks up how much waits: also where nothing moves, and there above all. Called by a timer. */
  async measureLag(): Promise<void> {
    const { log, logger, topics } = this.#ports;
    try {
      const ends = await log.endOffsets(topics.telemetry);
      for (const served of this.#served.values()) this.#noteLag(served, ends[served.worker.partition] ?? 0);
      this.#noteAges();
    } catch (error) {
      logger.warn({ error: String(error) }, 'the lag cannot be measured');
    }
  }

  #noteAges(): void {
    const { metrics, nowMs } = this.#ports;
    const [now, runsMs] = [nowMs(), performance.now()];
    let aheadMs = 0;
    for (const { worker, checkpointedPosition, committedAtMs, newestAtMs } of this.#served.values()) {
      const ageMs = worker.position === checkpointedPosition ? 0 : runsMs - committedAtMs;
      metrics.snapshotAgeSeconds.set(worker.partition, ageMs / 1_000);
      aheadMs = Math.max(aheadMs, newestAtMs - now);
    }
    metrics.clockBehindSeconds = aheadMs / 1_000;
  }

  #noteLag(served: Served, endOffset: number): void {
    const { metrics, nowMs } = this.#ports;
    const { partition, position } = served.worker;
    const waiting = Math.max(0, endOffset - position);
    metrics.lagRecords.set(partition, waiting);
    metrics.lagSeconds.set(partition, waiting === 0 ? 0 : Math.max(0, nowMs() - served.newestAtMs) / 1_000);
  }

  /** Starts the checkpoints that are due; called by a timer. */
  checkpointDue(): void {
    const nowMs = performance.now();
    for (const served of this.#served.values()) {
      if (served.isCheckpointing || served.worker.position === served.checkpointedPosition) continue;
      const due = nowMs - served.checkpointedAtMs >= this.#options.checkpointMs;
      const quiet = nowMs - served.movedAtMs >= this.#options.idleCheckpointMs;
      if (!due && !quiet) continue;
      served.checkpointedAtMs = nowMs;
      served.isCheckpointing = true;
      this.#checkpoints = this.#checkpoints
        .then(() => this.#checkpointBeside(served))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          served.isCheckpointing = false;
        });
    }
  }

  /**
   * Writes what time it is into partitions that say nothing: timers go by the partition's time, which is a matter of the log
   * alone, so that whoever plays it again tells the same. Called by a timer.
   */
  tellTime(): void {
    const [nowMs, runsMs] = [this.#ports.nowMs(), performance.now()];
    for (const { worker, movedAtMs } of this.#served.values()) {
      if (worker.engine.vehicleCount === 0 || runsMs - movedAtMs < this.#options.tellTimeMs) continue;
      this.outlets.telemetry.put({ partition: worker.partition, key: null, value: encodeFrame([], nowMs) });
    }
  }

  /** Checkpoints all that have moved, each beside its input. */
  checkpointAll(): Promise<void> {
    return this.#each((served) => this.#checkpointBeside(served));
  }

  /**
   * The last thing before the group is left, when no input comes any more. What came since `checkpointAll` is left to whoever takes the
   * partitions over, who tells the same under the same ids: to checkpoint it too would be half of the silence. But not where they may go by
   * another policy.
   */
  async finish(): Promise<void> {
    const isSpread = this.#ports.nowMs() - this.#changedAtMs > policySpreadMs;
    await this.#each(async (served) => {
      if (isSpread && served.rules.policy.version === this.#wanted.version) return;
      await this.#inTurn(served, () => this.#checkpointNow(served));
    });
  }

  /** A few partitions at a time: their states are not all in memory at once. */
  async #each(work: (served: Served) => Promise<void>): Promise<void> {
    const waiting = [...this.#served.values()];
    const someOf = async (): Promise<void> => {
      for (let served = waiting.pop(); served !== undefined; served = waiting.pop()) await work(served);
    };
    await Promise.all(Array.from({ length: checkpointedTogether }, someOf));
  }

  /** Holds the partition only while its state is copied: batches that wait for a commit are alarms that come late. */
  async #checkpointBeside(served: Served): Promise<void> {
    let committed: Promise<void> | undefined;
    await this.#inTurn(served, async () => {
      await served.committing;
      const captured = this.#capture(served);
      if (captured === undefined) return;
      committed = this.#commit(served, captured);
      served.committing = committed.catch(() => undefined);
    });
    await committed;
  }

  /** In the partition's turn: when this resolves, nothing after the checkpoint has been looked at. */
  async #checkpointNow(served: Served): Promise<void> {
    await served.committing;
    const captured = this.#capture(served);
    if (captured !== undefined) await this.#commit(served, captured);
  }

  async writeLastFixes(): Promise<void> {
    await this.#lastFixes.write([...this.#served.values()].map(({ worker }) => worker.engine));
  }

  #capture(served: Served): CapturedState | undefined {
    const { worker } = served;
    if (this.member === undefined || worker.position === served.checkpointedPosition) return undefined;
    return this.#served.get(worker.partition) === served ? captureState(worker, this.#outboxes()) : undefined;
  }

  /** A checkpoint that the log does not take now is no loss: the former one stands, the next covers more. */
  async #commit(served: Served, captured: CapturedState): Promise<void> {
    const { partition } = served.worker;
    try {
      const committed = await commitState(captured, {
        log: this.#ports.log,
        member: this.member!,
        engineStateTopic: this.#ports.topics.engineState,
        isOurs: () => this.#served.get(partition) === served,
      });
      if (!committed) return;
      served.checkpointedPosition = captured.position;
      served.committedAtMs = performance.now();
      this.#ports.metrics.checkpoints += 1;
    } catch (error) {
      if (!(error instanceof LogError) || !error.retriable) throw error;
      this.#ports.logger.warn({ partition, detail: error.message }, 'no checkpoint');
    }
  }

  #outboxes(): readonly Outbox[] {
    return [this.#alarms, this.outlets.telemetry, this.outlets.letters];
  }

  /** Batches and checkpoints of one partition never overlap. */
  async #inTurn(served: Served, work: () => Promise<void>): Promise<void> {
    const turn = served.busy.then(work);
    served.busy = turn.catch(() => {});
    await turn;
  }
}
