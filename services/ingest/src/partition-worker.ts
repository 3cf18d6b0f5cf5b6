import { decodeRecord, encodeAlarmStep, rowsPerRecordMax } from '@haulwatch/codec';
import { FixBatch, rejectReason, type AlarmStep, type RejectReason } from '@haulwatch/domain';
import { Engine, type EngineOptions, type EngineSnapshot } from '@haulwatch/engine';
import type { LogRecord } from '@haulwatch/ports';
import type { DeadLetters } from './dead-letters.ts';
import type { Outbox } from './outbox.ts';
import type { Rerouter } from './rerouter.ts';
import type { StatePlace } from './state-records.ts';

/**
 * Fixes that are decoded before the engine runs over them: twice the largest record, which fits the second-level cache. One batch for
 * all partitions of the process: it is filled and emptied within one synchronous call of `take`.
 */
const sharedBatch = new FixBatch(2 * rowsPerRecordMax);

export type PartitionOutlets = {
  readonly alarms: Outbox;
  readonly deadLetters: DeadLetters;
  readonly rerouter: Rerouter;
  readonly onReject: (reason: RejectReason, detail: string) => void;
};

/** One partition of telemetry: its engine, and the way from its records to alarms, dead letters and re-routed records. */
export class PartitionWorker {
  readonly partition: number;
  readonly engine: Engine;
  /** The offset after the newest record that the engine has seen. */
  position: number;
  /** The snapshot that is committed. */
  committed: StatePlace | undefined;
  /** Records over which the engine fails, and how: by offset. They are set aside. */
  readonly poison = new Map<number, string>();
  readonly #outlets: PartitionOutlets;
  readonly #batch = sharedBatch;
  /** The records of the running call. */
  #records: readonly LogRecord[] = [];
  /** What exactly is wrong with the one row of a JSON record, by offset. */
  readonly #details = new Map<number, string>();

  constructor(
    options: EngineOptions,
    position: number,
    snapshot: EngineSnapshot | undefined,
    outlets: PartitionOutlets,
  ) {
    this.partition = options.partition;
    this.engine = new Engine(options, snapshot);
    this.position = position;
    this.#outlets = outlets;
  }

  /** Takes records in offset order, all the way to the outboxes. Synchronous: nothing of a record is kept but copies. */
  take(records: readonly LogRecord[]): void {
    this.#records = records;
    this.#batch.clear();
    for (const record of records) {
      if (record.offset < this.position) continue;
      if (this.#batch.room < rowsPerRecordMax) this.#run();
      if (this.poison.size > 0 && this.poison.has(record.offset)) this.#setAside(record);
      else this.#decode(record);
      this.position = record.offset + 1;
    }
    this.#run();
    this.#records = [];
  }

  /** Whether it cannot go on because what comes of it can go nowhere. */
  get isBlocked(): boolean {
    const { alarms, deadLetters, rerouter } = this.#outlets;
    return alarms.hasFailed || deadLetters.hasFailed || rerouter.hasFailed;
  }

  #setAside(record: LogRecord): void {
    const detail = this.poison.get(record.offset)!;
    this.engine.countReject('poison');
    this.#outlets.onReject('poison', detail);
    this.#outlets.deadLetters.put({ record, reason: 'poison', detail });
  }

  #decode(record: LogRecord): void {
    const decoded = decodeRecord(record, this.engine.vehicles, this.#batch);
    if ('reason' in decoded) {
      this.engine.countReject(decoded.reason);
      this.#outlets.onReject(decoded.reason, decoded.detail);
      this.#outlets.deadLetters.put({ record, ...decoded });
      return;
    }
    if (decoded.kind === 'frame' && decoded.count === 0) this.#advance(record, decoded.receivedAtMs);
    if (decoded.kind === 'fix' && decoded.because !== undefined) {
      this.#details.set(record.offset, decoded.because.detail);
    }
    this.engine.counters.rerouted += this.#outlets.rerouter.sendHome(record, decoded);
  }

  /** Runs the engine over the batch; its rejects become dead letters, its steps go to the alarm log. */
  #run(): void {
    const batch = this.#batch;
    if (batch.count > 0) {
      const steps = this.engine.process(batch);
      this.#tellRejects();
      this.#tell(steps);
    }
    batch.clear();
    this.#details.clear();
  }

  /** A record that says what time it is: what came before it is judged first. */
  #advance(record: LogRecord, timeMs: number): void {
    this.#run();
    this.#tell(this.engine.advance(timeMs, record.offset, record.timestampMs));
  }

  #tell(steps: readonly AlarmStep[]): void {
    for (const step of steps) {
      this.#outlets.alarms.put({ partition: 0, key: step.vehicleId, value: encodeAlarmStep(step) });
    }
  }

  /** One dead letter for each record and reason, naming the rows. */
  #tellRejects(): void {
    const batch = this.#batch;
    const rows = new Map<string, { offset: number; reason: RejectReason; rows: number[] }>();
    for (let row = 0; row < batch.count; row += 1) {
      if (batch.reject[row] === 0) continue;
      const reason = rejectReason(batch.reject[row]!);
      const key = `${batch.offset[row]} ${reason}`;
      const entry = rows.get(key) ?? { offset: batch.offset[row]!, reason, rows: [] };
      entry.rows.push(batch.index[row]!);
      rows.set(key, entry);
    }
    for (const { offset, reason, rows: indices } of rows.values()) {
      const detail = this.#details.get(offset) ?? rejectDetails[reason] ?? reason;
      for (let i = 0; i < indices.length; i += 1) this.#outlets.onReject(reason, detail);
      this.#outlets.deadLetters.put({ record: this.#recordAt(offset), reason, detail, rows: indices });
    }
  }

  /** Offsets grow: the record is found by halving, and nobody keeps an index for the few that are asked for. */
  #recordAt(offset: number): LogRecord {
    let [from, to] = [0, this.#records.length - 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#records[middle]!.offset < offset) from = middle + 1;
      else to = middle;
    }
    return this.#records[from]!;
  }
}

/** What a producer should do about a fix that was turned down for itself. */
const rejectDetails: Partial<Record<RejectReason, string>> = {
  'vehicle-unknown':
    'no vehicle of the registry has this id, alias or number: import it, or let the policy take strangers',
  'clock-ahead': "stamped further ahead of its receipt than the policy allows: set the terminal's clock",
  'coordinates-out-of-range': 'longitude must be -180 to 180 and latitude -90 to 90 degrees',
};
