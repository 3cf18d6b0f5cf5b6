import { encodeFixJson, isReject, isSalvaged, readFrameRows, type FixReject } from '@haulwatch/codec';
import type { Fix, Reject } from '@haulwatch/domain';

/** Where a row stands in its file: the line, or the number of the frame, from 1. */
type Place = { readonly at: number };

/** A fix as JSON v1, the very text that goes into the log. */
export type RecordRow = Place & {
  readonly kind: 'record';
  readonly vehicleId: string;
  readonly fixedAtMs: number;
  readonly receivedAtMs: number;
  readonly value: string;
  /** A broken fix whose emergency button is pressed: it goes out as it is, is refused there, and its button is heard. */
  readonly buttonOnly: boolean;
  readonly source?: SourceRecord;
};

/** A frame v1: some rows in one record. */
export type FrameRow = Place & {
  readonly kind: 'frame';
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly receivedAtMs: number;
  /** Registry numbers of the vehicles, one a row. */
  readonly numbers: readonly number[];
  /** When the first of its fixes was fixed. */
  readonly fixedAtMs: number;
};

/** What could not be read at all. */
type RefusedRow = Place & { readonly kind: 'refused'; readonly reject: Reject; readonly source?: SourceRecord };

/** The record as it lay in the file, where it can be sent on as it is. */
export type SourceRecord = { readonly key: string | null; readonly value: Uint8Array | string };

export type ReplayRow = RecordRow | FrameRow | RefusedRow;

/** Rows of a file in its order, some at a time. Nothing is read ahead of the one who asks. */
export type ReplayRows = AsyncIterable<readonly ReplayRow[]>;

/**
 * The row of a fix that a decoder has read. Without a receipt of its own a fix of yesterday was received when it was
 * fixed: today's clock would call all of it late, and no two runs would be alike.
 *
 * `refusedValue` gives the JSON v1 of a fix that was refused although its emergency button is pressed.
 */
export function rowOfFix(
  at: number,
  parsed: Fix | FixReject,
  refusedValue: () => Readonly<Record<string, unknown>>,
  source?: SourceRecord,
): ReplayRow {
  const kept = source === undefined ? {} : { source };
  if (!isReject(parsed)) {
    const receivedAtMs = parsed.receivedAtMs ?? parsed.fixedAtMs;
    const { vehicleId, fixedAtMs } = parsed;
    const value = encodeFixJson({ ...parsed, receivedAtMs });
    return { kind: 'record', at, vehicleId, fixedAtMs, receivedAtMs, value, buttonOnly: false, ...kept };
  }
  if (!isSalvaged(parsed)) return { kind: 'refused', at, reject: parsed, ...kept };
  const { vehicleId, fixedAtMs, receivedAtMs = fixedAtMs } = parsed.salvage;
  const value = JSON.stringify({ receivedAtMs, ...refusedValue() });
  return { kind: 'record', at, vehicleId, fixedAtMs, receivedAtMs, value, buttonOnly: true, ...kept };
}

export function rowOfFrame(at: number, bytes: Uint8Array): ReplayRow {
  const frame = readFrameRows(bytes);
  if (isReject(frame)) return { kind: 'refused', at, reject: frame };
  const { rows, receivedAtMs } = frame;
  const numbers = rows.map((row) => row.vehicleNumber);
  return { kind: 'frame', at, bytes, count: rows.length, receivedAtMs, numbers, fixedAtMs: rows[0]!.fixedAtMs };
}

/** How many rows of the books it is. */
export function rowsIn(row: ReplayRow): number {
  return row.kind === 'frame' ? row.count : 1;
}
