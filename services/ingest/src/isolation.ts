import { groupOf } from '@haulwatch/domain';
import type { RuleSet } from '@haulwatch/rules';
import type { IngestPorts } from './ingest-ports.ts';
import type { PartitionWorker } from './partition-worker.ts';
import type { Restorer } from './restorer.ts';

/** Records that are played again in one reading of the log. */
const readMax = 1_000;

/**
 * A record over which the engine fails must not take its partition with it: the process would die of it, start again, read it
 * again and die again, and nobody would be watched. The engine that failed is thrown away, half of the record may be in it. Its
 * state is restored from the newest commit and the input since then is played again, record by record, until the one is
 * found; then once more without it. What that input has caused comes twice, under the same ids, as after any crash.
 *
 * Deterministic: whoever plays the log again finds the same record.
 */
export class Isolation {
  readonly #ports: IngestPorts;
  readonly #restorer: Restorer;

  constructor(ports: IngestPorts, restorer: Restorer) {
    this.#ports = ports;
    this.#restorer = restorer;
  }

  /**
   * A worker in place of one that failed, which has seen everything before `upTo` but the records that make it fail.
   *
   * @throws what the log throws; the error itself where it does not come again.
   */
  async recover(failed: PartitionWorker, rules: RuleSet, upTo: number, error: unknown): Promise<PartitionWorker> {
    const { partition, poison } = failed;
    const found = poison.size;
    for (;;) {
      const worker = await this.#restorer.restore(partition, await this.#committed(partition), rules);
      for (const [offset, reason] of poison) worker.poison.set(offset, reason);
      const fault = await this.#play(worker, upTo);
      if (fault === undefined) {
        // An engine that fails once and then does not is broken in another way than by its input.
        if (poison.size === found) throw error;
        return worker;
      }
      poison.set(fault.offset, reasonOf(fault.error));
      this.#ports.logger.error(
        { partition, offset: fault.offset, error: String(fault.error) },
        'the engine fails over a record: it is set aside in the dead letters, the partition goes on',
      );
    }
  }

  /** Plays records one by one; tells the first over which the engine fails. */
  async #play(
    worker: PartitionWorker,
    upTo: number,
  ): Promise<{ readonly offset: number; readonly error: unknown } | undefined> {
    const { log, topics } = this.#ports;
    while (worker.position < upTo) {
      const count = Math.min(readMax, upTo - worker.position);
      const records = await log.read(topics.telemetry, worker.partition, worker.position, count);
      if (records.length === 0) return undefined;
      for (const record of records) {
        if (record.offset >= upTo) return undefined;
        try {
          worker.take([record]);
        } catch (error) {
          if (worker.isBlocked) throw error;
          return { offset: record.offset, error };
        }
      }
    }
    return undefined;
  }

  async #committed(partition: number) {
    const { log, topics } = this.#ports;
    const commits = await log.committed(groupOf(topics, 'ingest'), topics.telemetry);
    return commits.find((commit) => commit.partition === partition);
  }
}

function reasonOf(error: unknown): string {
  return `the engine fails over it: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
