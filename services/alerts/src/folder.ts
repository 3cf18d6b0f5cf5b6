import { setTimeout as sleep } from 'node:timers/promises';
import { AlarmFold, Crowding } from '@haulwatch/alerting';
import { decodeAlarmStep, encodeAlarmStep } from '@haulwatch/codec';
import type { AlarmStep } from '@haulwatch/domain';
import { LiveStoreError, LogError, type GroupBatch, type LiveWrite } from '@haulwatch/ports';
import { placeInAlarmLog } from '@haulwatch/service';
import type { AlertsPorts } from './app.ts';

/** What was produced longer ago than this waited somewhere: it is a backlog, not news, ms. */
const backlogAfterMs = 60_000;
/** A backlog is over when for so long nothing comes any more, ms: ingest is still at it where more does. */
const backlogQuietMs = 1_000;
/** Longer than this people do not wait for the end of a backlog, ms. */
const untoldMaxMs = 30_000;
/** The pause before the store is tried again, ms. The alarm log waits. */
const retryMs = 500;

/** The active side: a fold in memory that stands exactly at `position`, the store's own. */
export class Folder {
  active = false;
  position = -1;
  /** Rejects where the store has lost what it had while nothing came that would have told so. */
  readonly failed: Promise<never>;
  #fail!: (error: unknown) => void;
  #beganAtMs = 0;
  #movedAtMs = 0;
  /** When the fold last had nothing that people are still to be told of. */
  #untoldSinceMs = 0;
  readonly #ports: AlertsPorts;
  #fold = new AlarmFold();
  #crowding = new Crowding();
  /** Why the store, or the log, takes nothing at this moment; undefined: it does. */
  #refusal: LiveStoreError | LogError | undefined;
  /** What is in the log before this was looked at by somebody before us, who told what there was to tell of crowds. */
  #newFrom = 0;

  constructor(ports: AlertsPorts) {
    this.#ports = ports;
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  /** @throws why alarms reach nobody at this moment, though it is tried again. */
  mustFlow(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Starts from what the store holds; returns the offset to read from. */
  async begin(): Promise<number> {
    const { log, store, logger, metrics, topics } = this.#ports;
    await this.#patiently(async () => {
      this.position = await store.position();
      const kept = await store.alarms();
      this.#fold = new AlarmFold(kept);
      this.#crowding = new Crowding(kept);
    });
    // After the position: a former active process may still have written both.
    [this.#newFrom = 0] = await log.endOffsets(topics.alarmLog);
    this.#beganAtMs = this.#ports.nowMs();
    this.#movedAtMs = this.#beganAtMs;
    this.#untoldSinceMs = this.#beganAtMs;
    const next = await placeInAlarmLog(this.#ports, liveStore, this.position);
    this.active = true;
    metrics.openAlarms = this.#fold.openCount;
    logger.info({ position: this.position, openAlarms: this.#fold.openCount }, 'alerts is active');
    return next;
  }

  end(): void {
    this.active = false;
    this.#refusal = undefined;
    this.#ports.logger.info('alerts stands by');
  }

  /**
   * Looks up how much waits, also where the store takes nothing, and there above all; and whether the store still has what it had:
   * in a quiet night nobody else would notice that the screens are empty. Called by a timer.
   */
  async measureLag(): Promise<void> {
    if (!this.active) return;
    const { log, logger, metrics, nowMs, store, topics } = this.#ports;
    try {
      const believed = this.position;
      const stored = await store.position();
      if (stored < believed) this.#fail(lostStore(stored, believed));
      const [end = 0] = await log.endOffsets(topics.alarmLog);
      metrics.lagRecords = Math.max(0, end - 1 - this.position);
      metrics.lagSeconds = metrics.lagRecords === 0 ? 0 : Math.max(0, nowMs() - this.#movedAtMs) / 1_000;
    } catch (error) {
      logger.warn({ error: String(error) }, 'the lag cannot be measured');
    }
  }

  async take(batch: GroupBatch): Promise<void> {
    const { metrics, nowMs } = this.#ports;
    const oldBeforeMs = nowMs() - backlogAfterMs;
    let hasOld = false;
    const writes: LiveWrite[] = [];
    const producedAtMs: number[] = [];
    const crowds: AlarmStep[] = [];
    const upTo = batch.records.at(-1)?.offset ?? this.position;
    for (const record of batch.records) {
      if (record.offset <= this.position) continue;
      const step = decodeAlarmStep(record.value ?? new Uint8Array(0));
      if ('reason' in step) {
        metrics.count(step.reason);
        this.#ports.logger.warn({ offset: record.offset, ...step }, 'alarm-log record not understood');
        continue;
      }
      const isOld = step.producedAtMs < oldBeforeMs;
      hasOld ||= isOld;
      const { verdict, writes: decided } = this.#fold.fold(step, record.offset, isOld);
      metrics.count(verdict);
      if (verdict !== 'applied') continue;
      writes.push(...decided);
      const isNew = record.offset >= this.#newFrom;
      crowds.push(...this.#crowding.see(step, isNew ? this.#ports.policy() : undefined));
      // What was produced before we began waited for us, not for the pipeline.
      if (!step.late && step.producedAtMs >= this.#beganAtMs) producedAtMs.push(step.producedAtMs);
    }
    if (upTo >= this.#newFrom - 1) crowds.push(...this.#crowding.catchUp(this.#ports.policy()));
    await this.#tellCrowds(crowds);
    if (await this.#isBacklogOver(hasOld, writes, upTo, batch.endOffset)) writes.push(...this.#fold.tellUntold(upTo));
    await this.#apply(writes, upTo);
    const visibleAtMs = nowMs();
    this.#movedAtMs = visibleAtMs;
    for (const at of producedAtMs) metrics.latency.record(visibleAtMs - at);
    metrics.openAlarms = this.#fold.openCount;
    metrics.lagRecords = batch.endOffset - upTo - 1;
  }

  /** Writes what belongs to positions up to one of them. */
  async #apply(writes: readonly LiveWrite[], upTo: number): Promise<void> {
    if (upTo <= this.position) return;
    await this.#patiently(async () => await this.#ports.store.apply({ after: this.position, upTo, writes }));
    this.position = upTo;
  }

  /**
   * Whether people are to be told now of what is still open of a backlog. Where the batch is the log's end that is seen by waiting:
   * all but the last position is written meanwhile, and what is told goes in with that one.
   */
  async #isBacklogOver(hasOld: boolean, writes: LiveWrite[], upTo: number, endOffset: number): Promise<boolean> {
    const nowMs = this.#ports.nowMs();
    if (!this.#fold.hasUntold) {
      this.#untoldSinceMs = nowMs;
      return false;
    }
    if (!hasOld || nowMs - this.#untoldSinceMs > untoldMaxMs) return true;
    if (upTo < endOffset - 1) return false;
    const before = writes.findIndex(({ position }) => position === upTo);
    await this.#apply(writes.splice(0, before < 0 ? writes.length : before), upTo - 1);
    await sleep(backlogQuietMs, undefined, { signal: this.#ports.signal });
    let end = 0;
    await this.#patiently(async () => {
      [end = 0] = await this.#ports.log.endOffsets(this.#ports.topics.alarmLog);
    });
    return end <= upTo + 1;
  }

  /**
   * Crowds go into the log before the position moves on: a crash between the two tells them again under the same ids. They come
   * back through the log like any other alarm.
   */
  async #tellCrowds(crowds: readonly AlarmStep[]): Promise<void> {
    if (crowds.length === 0) return;
    const { log, topics } = this.#ports;
    const records = crowds.map((step) => ({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) }));
    await this.#patiently(async () => void (await log.append(topics.alarmLog, records)));
  }

  /**
   * Tries until the store, or the log, answers. A store that has lost what it had ('rewound') cannot be caught up from here: the
   * error ends this member, and the process begins again from the store's own position.
   */
  async #patiently(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        this.#refusal = undefined;
        return;
      } catch (error) {
        const isKnown = error instanceof LiveStoreError || error instanceof LogError;
        if (!isKnown || !error.retriable) throw error;
        this.#refusal = error;
        this.#ports.logger.warn(
          { code: error.code, detail: error.message },
          'the live store, or the log, does not take writes; waiting',
        );
        await sleep(retryMs, undefined, { signal: this.#ports.signal });
      }
    }
  }
}

function lostStore(stored: number, believed: number): LiveStoreError {
  return new LiveStoreError(
    'rewound',
    `The live store is at position ${stored} of the alarm log, before ${believed}: it has lost what it had. Start anew, which fills it.`,
    { retriable: false },
  );
}

const liveStore = { name: 'the live store', rebuild: 'haulwatch rebuild redis' };
