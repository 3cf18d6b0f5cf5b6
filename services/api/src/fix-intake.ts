import { encodeFixJson, homePartition, isReject, isSalvaged, parseFix } from '@haulwatch/codec';
import type { Fix, Reject, RejectReason } from '@haulwatch/domain';
import type { NewLogRecord } from '@haulwatch/ports';
import type { ApiPorts } from './api-ports.ts';

/** One item of a request: a value that may be a fix, or a text that is not even JSON. */
export type FixItem =
  | { readonly index: number; readonly value: unknown }
  | { readonly index: number; readonly text: string; readonly reject: Reject };

export type IntakeOutcome = {
  readonly accepted: number;
  readonly rejected: { index: number; reason: RejectReason; detail: string }[];
};

/** A dead letter carries at most this much of what was sent: enough to see what it was. */
const letterBytesMax = 64 * 1024;

/**
 * Puts fixes into telemetry, each on the home partition of its vehicle, and what cannot be read into the dead letters.
 *
 * Delivery: answered when durable. A client that repeats a request after a lost answer repeats the fixes; the engine
 * drops what it has. Vehicles that nobody registered are let through: the policy decides about them, in the engine.
 */
export class FixIntake {
  readonly #ports: Pick<ApiPorts, 'log' | 'topics' | 'fleet' | 'nowMs'>;
  #partitions: number | undefined;
  accepted = 0;
  readonly rejected: Partial<Record<RejectReason, number>> = {};

  constructor(ports: Pick<ApiPorts, 'log' | 'topics' | 'fleet' | 'nowMs'>) {
    this.#ports = ports;
  }

  async take(items: readonly FixItem[]): Promise<IntakeOutcome> {
    const { log, topics, nowMs } = this.#ports;
    this.#partitions ??= await log.partitionCount(topics.telemetry);
    const receivedAtMs = nowMs();
    const records: NewLogRecord[] = [];
    const letters: NewLogRecord[] = [];
    const outcome: IntakeOutcome = { accepted: 0, rejected: [] };
    let accepted = 0;
    for (const item of items) {
      const parsed = 'reject' in item ? item.reject : parseFix(item.value);
      if (!isReject(parsed)) {
        records.push(this.#record(parsed, receivedAtMs, this.#partitions));
        accepted += 1;
        continue;
      }
      // The emergency button is heard whatever else is wrong with the fix.
      if (isSalvaged(parsed)) records.push(this.#record(buttonAlone(parsed.salvage), receivedAtMs, this.#partitions));
      letters.push(letterOf(item, parsed));
      outcome.rejected.push({ index: item.index, reason: parsed.reason, detail: parsed.detail });
    }
    if (records.length > 0) await log.append(topics.telemetry, records);
    if (letters.length > 0) await log.append(topics.deadLetters, letters);
    this.accepted += accepted;
    for (const { reason } of outcome.rejected) this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
    return { ...outcome, accepted };
  }

  #record(fix: Fix, receivedAtMs: number, partitions: number): NewLogRecord {
    const vehicleId = this.#ports.fleet.fleet.find(fix.vehicleId)?.id ?? fix.vehicleId;
    return {
      partition: homePartition(vehicleId, partitions),
      key: vehicleId,
      value: encodeFixJson({ receivedAtMs, ...fix, vehicleId }),
    };
  }
}

/** What is left of a refused fix whose emergency button is pressed: flags without a position. */
function buttonAlone(
  salvage: Pick<Fix, 'vehicleId' | 'fixedAtMs' | 'receivedAtMs' | 'alarmFlags' | 'statusFlags'>,
): Fix {
  return { ...salvage, lonDeg: 0, latDeg: 0, valid: false };
}

function letterOf(item: FixItem, { reason, detail }: Reject): NewLogRecord {
  const text = Buffer.from('text' in item ? item.text : JSON.stringify(item.value));
  const cut = text.length > letterBytesMax ? { 'truncated-from-bytes': String(text.length) } : {};
  return {
    partition: 0,
    key: null,
    value: text.subarray(0, letterBytesMax),
    headers: { source: 'http', reason, detail: detail.slice(0, 500), index: String(item.index), ...cut },
  };
}
