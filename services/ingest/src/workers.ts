import { encodeFrame } from '@haulwatch/codec';
import type { Policy } from '@haulwatch/domain';
import type { CommittedOffset, GroupBatch, GroupHandler, LogRecord } from '@haulwatch/ports';
import { compilePolicy, type RuleSet } from '@haulwatch/rules';
import { FenceIndexMaker } from '@haulwatch/service';
import type { IngestOptions, IngestPorts } from './ingest-ports.ts';
import { Checkpoints } from './checkpoints.ts';
import { DeadLetters } from './dead-letters.ts';
import { Isolation } from './isolation.ts';
import { LastFixWriter } from './last-fix-writer.ts';
import { Outbox } from './outbox.ts';
import type { PartitionOutlets } from './partition-worker.ts';
import { Rerouter } from './rerouter.ts';
import { Restorer } from './restorer.ts';
import { sampledRejectLog } from './sampled-log.ts';
import { inTurn, type Served } from './served.ts';

/** Workers put a policy in force one after the other, each when it has indexed its fences: within so long. */
const policySpreadMs = 60_000;

/** The partitions of this process: assigns, restores, feeds and checkpoints their engines. */
export class Workers implements GroupHandler {
  readonly checkpoints: Checkpoints;
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
    this.checkpoints = new Checkpoints({
      ports,
      options,
      served: this.#served,
      outboxes: () => this.#outboxes(),
      onFailure: (error) => this.#fail(error),
    });
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
        await this.checkpoints.takeNow(served);
        served.worker.engine.setRules(rules);
        served.rules = rules;
      };
      this.checkpoints.enqueue(() => inTurn(served, change));
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
    await inTurn(served, async () => {
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

  /**
   * The last thing before the group is left, when no input comes any more. What came since all were checkpointed is left to whoever takes
   * the partitions over, who tells the same under the same ids: to checkpoint it too would be half of the silence. But not where they may
   * go by another policy.
   */
  async finish(): Promise<void> {
    const isSpread = this.#ports.nowMs() - this.#changedAtMs > policySpreadMs;
    await this.checkpoints.takeLast(({ rules }) => !isSpread || rules.policy.version !== this.#wanted.version);
  }

  async writeLastFixes(): Promise<void> {
    await this.#lastFixes.write([...this.#served.values()].map(({ worker }) => worker.engine));
  }

  #outboxes(): readonly Outbox[] {
    return [this.#alarms, this.outlets.telemetry, this.outlets.letters];
  }
}
