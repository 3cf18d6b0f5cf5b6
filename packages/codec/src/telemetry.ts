import {
  vehicleElsewhere,
  vehicleUnknown,
  type Fix,
  type FixBatch,
  type Reject,
  type VehicleResolver,
} from '@haulwatch/domain';
import { fixToRow, isSalvaged, parseFixText, salvageToRow, type Salvaged } from './fix-json.ts';
import { emptyScannedRow, scanFix } from './fix-scan.ts';
import { frameMagic0, frameRowsMax } from './frame-layout.ts';
import { decodeFrame, type DecodedFrame } from './frame.ts';
import { isReject, reject } from './reject.ts';

/** A record of the topic `telemetry`, as far as decoding needs it. */
export type TelemetryRecord = {
  readonly value: Uint8Array | null;
  readonly offset: number;
  /** When it was produced, ms. */
  readonly timestampMs: number;
};

/** What became of a JSON record: exactly one of a row in the batch and `elsewhere`. */
export type DecodedFix = {
  readonly kind: 'fix';
  readonly vehicleId: string;
  readonly rowsPushed: 0 | 1;
  /** The vehicle is at home on another partition: nothing was pushed, send the whole record on. */
  readonly elsewhere: boolean;
  /** The row carries a reject code: this is why, in words. */
  readonly because?: Reject;
};

/** The most rows that one record can push. A batch must have room for as many before each record. */
export const rowsPerRecordMax = frameRowsMax;

/**
 * The largest frame has 40 KB, a JSON fix with every sensor at its limit some 100 KB: what is larger is no telemetry and is
 * not even parsed. Below the 1 MB that both logs take with key and headers, so that whatever is read can be sent home.
 */
export const recordBytesMax = 900_000;

/**
 * Decodes one record of `telemetry` into the batch; the first byte tells frame v1 from JSON v1. A reject means that no
 * row was pushed and the record counts as one refused row. Otherwise each of its fixes is a row of the batch, good or
 * with a reject code, or is named as elsewhere: none is both and none is lost.
 */
export function decodeRecord(
  record: TelemetryRecord,
  vehicles: VehicleResolver,
  batch: FixBatch,
): Reject | DecodedFrame | DecodedFix {
  const { value, offset, timestampMs } = record;
  if (value === null || value.length === 0) return reject('empty-record', 'the record has no value');
  if (value.length > recordBytesMax) {
    return reject('record-too-large', `${value.length} bytes; telemetry records have at most ${recordBytesMax}`);
  }
  const first = value[0]!;
  if (first === frameMagic0) return decodeFrame(value, { offset, producedAtMs: timestampMs }, vehicles, batch);
  if (beginsJson.has(first)) return decodeFixRecord(record, vehicles, batch);
  const hex = first.toString(16).padStart(2, '0');
  return reject('unknown-magic', `the first byte is 0x${hex}: neither a frame (FW) nor a JSON object ({)`);
}

/** First bytes of JSON: '{', '[' (refused in words), white space, and the first byte of a UTF-8 byte order mark. */
const beginsJson: ReadonlySet<number> = new Set([0x7b, 0x5b, 0x20, 0x09, 0x0a, 0x0d, 0xef]);

function decodeFixRecord(record: TelemetryRecord, vehicles: VehicleResolver, batch: FixBatch): Reject | DecodedFix {
  const vehicleId = scanFix(record.value!, record.timestampMs, scanned);
  if (vehicleId === undefined) return decodeAnyFix(record, vehicles, batch);
  scanned.vehicle = vehicles.resolve(vehicleId);
  if (scanned.vehicle === vehicleElsewhere) return { kind: 'fix', vehicleId, rowsPushed: 0, elsewhere: true };
  // A vehicle that nobody knows wants words.
  if (scanned.vehicle === vehicleUnknown) return decodeAnyFix(record, vehicles, batch);
  batch.push(scanned, record.offset, record.timestampMs, 0);
  return { kind: 'fix', vehicleId, rowsPushed: 1, elsewhere: false };
}

/** The row of a fix in the usual form, on its way into the batch. */
const scanned = emptyScannedRow();

/** A JSON record in any form, by way of objects: what it says of a record is the law for the quick way. */
export function decodeAnyFix(record: TelemetryRecord, vehicles: VehicleResolver, batch: FixBatch): Reject | DecodedFix {
  const { value, offset, timestampMs } = record;
  const parsed = parseFixText(value);
  if (isReject(parsed) && !isSalvaged(parsed)) return parsed;
  const vehicleId = isReject(parsed) ? parsed.salvage.vehicleId : parsed.vehicleId;
  const vehicle = vehicles.resolve(vehicleId);
  if (vehicle === vehicleElsewhere) return { kind: 'fix', vehicleId, rowsPushed: 0, elsewhere: true };
  const row = isReject(parsed) ? salvageToRow(parsed, vehicle, timestampMs) : fixToRow(parsed, vehicle, timestampMs);
  const because = refusal(parsed, vehicle, vehicleId);
  batch.push(because === undefined ? row : { ...row, reject: because.reason }, offset, timestampMs, 0);
  return { kind: 'fix', vehicleId, rowsPushed: 1, elsewhere: false, ...(because !== undefined && { because }) };
}

/** Why the row of a fix is refused. That nobody knows the vehicle comes first: nothing can be raised for it. */
function refusal(parsed: Fix | Salvaged, vehicle: number, vehicleId: string): Reject | undefined {
  if (vehicle === vehicleUnknown) {
    return reject('vehicle-unknown', `no vehicle is registered under the id or alias ${JSON.stringify(vehicleId)}`);
  }
  return isReject(parsed) ? reject(parsed.reason, parsed.detail) : undefined;
}
