import { open, type FileHandle } from 'node:fs/promises';
import { decodeRecord, encodeAlarmStep, isReject, rowsPerRecordMax } from '@haulwatch/codec';
import {
  addCounters,
  countersZero,
  FixBatch,
  rejectReason,
  type AlarmStep,
  type EngineCounters,
  type Fleet,
  type Policy,
  type VendorMapping,
} from '@haulwatch/domain';
import { Engine } from '@haulwatch/engine';
import { compilePolicy, type RuleSet } from '@haulwatch/rules';
import { fileError } from '../file-error.ts';
import type { RejectTally } from '../replay/reject-tally.ts';
import type { ReplayRow } from '../replay/replay-row.ts';
import type { ReplayTarget } from '../replay/replay-target.ts';
import { Homes } from './homes.ts';

export type EngineTargetOptions = {
  readonly policy: Policy;
  readonly fleet: Fleet;
  readonly partitions: number;
  /** The file for alarm steps; absent: they are only counted. */
  readonly out?: string;
  /** Hears every step of every alarm, in order. */
  readonly onStep?: (step: AlarmStep) => void;
  readonly tally: RejectTally;
};

/**
 * The engines of all partitions in this process, without a server: the same bytes, the same codec, the same engine for
 * each partition as in ingest.
 *
 * Rows go through one by one in the file's order, so that steps come out in that order too, whatever the pieces in which
 * the file is read: the output depends on the file, the policy and the number of partitions, and on nothing else.
 */
export async function openEngineTarget(options: EngineTargetOptions): Promise<ReplayTarget> {
  const { out: path } = options;
  if (path === undefined) return new EngineTarget(options, undefined);
  const out = await open(path, 'w').catch((error: unknown) => {
    throw fileError('write', path, error);
  });
  return new EngineTarget(options, out);
}

class EngineTarget implements ReplayTarget {
  readonly vendors: VendorMapping | undefined;
  readonly #rules: RuleSet;
  readonly #fleet: Fleet;
  readonly #homes: Homes;
  readonly #tally: RejectTally;
  readonly #out: FileHandle | undefined;
  readonly #onStep: ((step: AlarmStep) => void) | undefined;
  /** By partition; a partition without telemetry has none. */
  readonly #engines: (Engine | undefined)[] = [];
  readonly #nextOffsets: number[];
  /** One for all: it is empty between two rows. */
  readonly #batch = new FixBatch(rowsPerRecordMax);
  #lines: string[] = [];

  constructor({ policy, fleet, partitions, tally, onStep }: EngineTargetOptions, out: FileHandle | undefined) {
    this.vendors = policy.vendors;
    this.#rules = compilePolicy(policy);
    this.#fleet = fleet;
    this.#homes = new Homes(fleet, partitions);
    this.#tally = tally;
    this.#out = out;
    this.#onStep = onStep;
    this.#nextOffsets = Array.from({ length: partitions }, () => 0);
  }

  async take(rows: readonly ReplayRow[]): Promise<void> {
    for (const row of rows) this.#takeRow(row);
    await this.#write();
  }

  async #write(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (this.#out === undefined || lines.length === 0) return;
    await this.#out.appendFile(`${lines.join('\n')}\n`);
  }

  /** No file goes on for as long as late input is waited for. */
  async finish(): Promise<EngineCounters> {
    for (const engine of this.#engines) this.#tell(engine?.settle() ?? []);
    await this.#write();
    return this.#engines.reduce<EngineCounters>(
      (sum, engine) => (engine === undefined ? sum : addCounters(sum, engine.counters)),
      countersZero(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#out?.close();
  }

  #takeRow(row: ReplayRow): void {
    if (row.kind === 'refused') return this.#tally.count(row.at, row.reject);
    const records =
      row.kind === 'frame'
        ? this.#homes.split(row)
        : [{ partition: this.#homes.of(row.vehicleId).partition, bytes: Buffer.from(row.value, 'utf8') }];
    for (const { partition, bytes } of records) this.#takeRecord(partition, bytes, row);
  }

  #takeRecord(partition: number, value: Uint8Array, { at, receivedAtMs }: { at: number; receivedAtMs: number }): void {
    const engine = this.#engineOf(partition);
    const offset = this.#nextOffsets[partition]!;
    this.#nextOffsets[partition] = offset + 1;
    const batch = this.#batch;
    batch.clear();
    const decoded = decodeRecord({ value, offset, timestampMs: receivedAtMs }, engine.vehicles, batch);
    if (isReject(decoded)) {
      engine.countReject(decoded.reason);
      this.#tally.show(at, decoded);
      return;
    }
    const elsewhere = decoded.kind === 'fix' ? decoded.elsewhere : decoded.elsewhereRows.length > 0;
    if (elsewhere) throw new Error(`row ${at} was given to partition ${partition}, where its vehicle is not at home`);
    const isTime = decoded.kind === 'frame' && decoded.count === 0;
    const steps = isTime ? engine.advance(decoded.receivedAtMs, offset, receivedAtMs) : engine.process(batch);
    for (let row = 0; row < batch.count; row += 1) {
      if (batch.reject[row] !== 0) this.#show(at, batch.reject[row]!, decoded);
    }
    this.#tell(steps);
  }

  #tell(steps: readonly AlarmStep[]): void {
    for (const step of steps) {
      this.#onStep?.(step);
      if (this.#out !== undefined) this.#lines.push(encodeAlarmStep(step));
    }
  }

  #show(at: number, code: number, decoded: Exclude<ReturnType<typeof decodeRecord>, { reason: unknown }>): void {
    const reason = rejectReason(code);
    const because = decoded.kind === 'fix' ? decoded.because?.detail : undefined;
    this.#tally.show(at, { reason, detail: because ?? engineDetails[reason] ?? 'refused by the engine' });
  }

  #engineOf(partition: number): Engine {
    return (this.#engines[partition] ??= new Engine({
      fleet: this.#fleet,
      rules: this.#rules,
      partition,
      isHome: (vehicleId) => this.#homes.of(vehicleId).partition === partition,
    }));
  }
}

/** What is wrong with rows that the codec took, or that have no words of their own. */
const engineDetails: Readonly<Partial<Record<string, string>>> = {
  'clock-ahead': 'stamped further ahead of its receipt than the policy allows',
  'vehicle-unknown': 'no registered vehicle has this number',
  'coordinates-out-of-range': 'longitude must be -180 to 180 and latitude -90 to 90 degrees',
};
