import type { Status } from '@haulwatch/contract';
import { counterFrom, gaugeFrom, type Registry } from '@haulwatch/service';

/**
 * The whole pipeline's numbers for one scrape of the API, whatever processes they come from: what the status says, as
 * metrics. Each service has finer ones of its own, alarm latency among them, on its admin port.
 */
export class PipelineMetrics {
  #status: Omit<Status, 'platformAlarms'> | undefined;
  /** Since when telemetry has been waiting without a break, or -1. */
  #waitingSinceMs = -1;

  /** Registers the metrics; they show what `note` was told last. */
  constructor(registry: Registry) {
    const status = (): Omit<Status, 'platformAlarms'> | undefined => this.#status;
    counterFrom(registry, {
      name: 'haulwatch_pipeline_fixes_total',
      help: 'Fixes taken by all workers, up to their last checkpoints.',
      read: () => status()?.ingest.counters.fixes ?? 0,
    });
    counterFrom(registry, {
      name: 'haulwatch_pipeline_rejects_total',
      help: 'Fixes and records turned down by all workers, by reason.',
      label: 'reason',
      read: () => status()?.ingest.counters.rejects ?? {},
    });
    counterFrom(registry, {
      name: 'haulwatch_pipeline_alarms_raised_total',
      help: 'Alarms raised by all workers, by rule.',
      label: 'rule',
      read: () => status()?.ingest.counters.alarmsByRule ?? {},
    });
    counterFrom(registry, {
      name: 'haulwatch_pipeline_alarms_suppressed_total',
      help: 'Of the raised: nobody was called, by why.',
      label: 'by',
      read: () => status()?.ingest.counters.suppressed ?? {},
    });
    gaugeFrom(registry, {
      name: 'haulwatch_pipeline_lag_records',
      help: 'Records that wait, by stage.',
      label: 'stage',
      read: () => ({
        ingest: status()?.ingest.lagRecords ?? 0,
        live: status()?.alarmLog.liveLag ?? 0,
        history: status()?.alarmLog.historyLag ?? 0,
      }),
    });
    gaugeFrom(registry, {
      name: 'haulwatch_pipeline_lag_seconds',
      help: 'How long telemetry has been waiting without a break, as far as scrapes have seen.',
      read: () => this.#waitingS(),
    });
  }

  /** Takes the status of this moment. */
  note(status: Omit<Status, 'platformAlarms'>): void {
    this.#status = status;
    if (status.ingest.lagRecords === 0) this.#waitingSinceMs = -1;
    else if (this.#waitingSinceMs < 0) this.#waitingSinceMs = status.atMs;
  }

  #waitingS(): number {
    return this.#waitingSinceMs < 0 || this.#status === undefined
      ? 0
      : (this.#status.atMs - this.#waitingSinceMs) / 1_000;
  }
}
