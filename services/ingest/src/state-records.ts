import { crc32 } from 'node:zlib';
import type { EngineCounters } from '@haulwatch/domain';
import { SnapshotError, type EngineSnapshot } from '@haulwatch/engine';
import type { LogRecord } from '@haulwatch/ports';

/** A record of engine-state stays below the broker's usual limit of 1 MB. */
const chunkBytes = 900_000;

/** Where a snapshot stands in `engine-state`, and what it must be. */
export type StatePointer = {
  readonly offset: number;
  readonly count: number;
  readonly bytes: number;
  readonly crc32: number;
  /** 0 or 1: which of the two keys of each chunk holds this snapshot. */
  readonly generation: 0 | 1;
};

/** A snapshot, and the offset of the telemetry that it has not seen any more. */
export type StatePlace = { readonly upTo: number; readonly state: StatePointer };

/**
 * The pointer to a snapshot, as the metadata of the commit that it belongs to: offset and state are one atomic write.
 * The counters stand here too, so that anyone who may read commits can tell what became of the telemetry.
 */
export type CommitMetadata = {
  readonly v: 1;
  readonly state: StatePointer;
  /** The one before, which the topic still holds: where the newest cannot be read. */
  readonly previous?: StatePlace;
  /** The policy that had judged the input up to here. */
  readonly policyVersion: number;
  readonly counters: EngineCounters;
};

/** A snapshot as the values of records: 4 bytes of header length, the header in UTF-8, the columns; cut into chunks. */
export function packSnapshot(snapshot: EngineSnapshot): { chunks: Buffer[]; bytes: number; crc32: number } {
  const header = Buffer.from(snapshot.header, 'utf8');
  const whole = Buffer.allocUnsafe(4 + header.length + snapshot.columns.byteLength);
  whole.writeUInt32LE(header.length, 0);
  header.copy(whole, 4);
  whole.set(snapshot.columns, 4 + header.length);
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += chunkBytes) chunks.push(whole.subarray(at, at + chunkBytes));
  return { chunks, bytes: whole.length, crc32: crc32(whole) };
}

/**
 * The snapshot back from its records. Throws `SnapshotError` where a record is missing or a byte differs: a state that
 * cannot be read must never be taken for an empty one.
 */
export function unpackSnapshot(records: readonly LogRecord[], state: StatePointer): EngineSnapshot {
  const chunks = records.map((record) => record.value ?? new Uint8Array(0));
  const whole = Buffer.concat(chunks);
  if (records.length !== state.count || whole.length !== state.bytes) {
    throw new SnapshotError(
      `the snapshot has ${records.length} records with ${whole.length} bytes, its commit names ${state.count} with ${state.bytes}`,
    );
  }
  if (crc32(whole) !== state.crc32) throw new SnapshotError('the snapshot does not match the checksum of its commit');
  const headerLength = whole.readUInt32LE(0);
  const columns = new Uint8Array(whole.length - 4 - headerLength);
  columns.set(whole.subarray(4 + headerLength));
  return { header: whole.toString('utf8', 4, 4 + headerLength), columns };
}

export function encodeMetadata(metadata: CommitMetadata): string {
  return JSON.stringify(metadata);
}

/** The metadata of a commit of ours, or undefined for one that somebody else wrote. */
export function decodeMetadata(text: string): CommitMetadata | undefined {
  try {
    const value = JSON.parse(text) as CommitMetadata;
    return value.v === 1 && typeof value.state.offset === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
