import type { LogRecord } from '@haulwatch/ports';

/** A record as it was fetched, and what kafkajs asks of it: which transaction it belongs to, and whether it only marks one's end. */
export type FetchedRecord = LogRecord & {
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
};

/** One partition's answer as kafkajs knows it. */
export type FetchedPartition = {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: FetchedRecords;
};

/** A partition's records in order of their offsets: an array of them, or `PlainRecords`. */
export type FetchedRecords = {
  readonly length: number;
  filter(keep: (record: FetchedRecord) => unknown): FetchedRecords;
  slice(from?: number, to?: number): readonly FetchedRecord[];
};

/** Reads what this reader leaves to kafkajs: compressed batches and formats older than 2. */
export type OtherRecords = (recordSet: Buffer, partition: number) => Promise<readonly FetchedRecord[]>;

/**
 * An answer to a fetch, version 11. kafkajs makes two decoders, two BigInts and two strings of each record and looks at all of
 * them three times more: 1.2 us a record. Here a record is one object with numbers, its value a view of the answer, and
 * nothing of it is made before somebody asks: see `PlainRecords`.
 */
export async function readFetchAnswer(bytes: Buffer, others: OtherRecords) {
  const from: Cursor = { bytes, at: 0 };
  const clientSideThrottleTime = int32(from);
  const errorCode = int16(from);
  const sessionId = int32(from);
  const responses = [];
  for (let topics = int32(from); topics > 0; topics -= 1) {
    const topicName = text(from);
    const partitions: FetchedPartition[] = [];
    for (let left = int32(from); left > 0; left -= 1) partitions.push(await readPartition(from, others));
    responses.push({ topicName, partitions });
  }
  // As kafkajs has it: the broker did not throttle this answer, it asks the client to wait.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function readPartition(from: Cursor, others: OtherRecords): Promise<FetchedPartition> {
  const partition = int32(from);
  const errorCode = int16(from);
  const highWatermark = String(int64(from));
  const lastStableOffset = String(int64(from));
  int64(from); // the log's start
  const abortedTransactions = [];
  for (let left = int32(from); left > 0; left -= 1)
    abortedTransactions.push({ producerId: bigText(from), firstOffset: bigText(from) });
  const preferredReadReplica = int32(from);
  const size = Math.max(0, int32(from));
  const recordSet = from.bytes.subarray(from.at, from.at + size);
  from.at += size;
  const messages =
    readRecordSet(recordSet, partition, abortedTransactions.length > 0) ?? (await others(recordSet, partition));
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    abortedTransactions,
    preferredReadReplica,
    messages,
  };
}

/** Where the fields of a record batch lie (kafka.apache.org/43/implementation/message-format). */
const batchAt = {
  length: 8,
  magic: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
} as const;
const batchHeaderBytes = 61;
const attribute = { compression: 0x07, appendTime: 0x08, transaction: 0x10, control: 0x20 } as const;

/** A batch of records in format 2, uncompressed: where it begins, and what its header says. */
type RecordBatch = {
  readonly at: number;
  readonly attributes: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly count: number;
};

/** The records of uncompressed batches in format 2; undefined where one is anything else. A batch that is cut off at the end is left out. */
function readRecordSet(bytes: Buffer, partition: number, hasAborted: boolean): FetchedRecords | undefined {
  const batches: RecordBatch[] = [];
  let isPlain = !hasAborted;
  for (let at = 0; at + batchHeaderBytes <= bytes.length;) {
    if (bytes[at + batchAt.magic] !== 2) return undefined;
    const end = at + batchAt.length + 4 + bytes.readInt32BE(at + batchAt.length);
    if (end > bytes.length) break;
    const batch = readBatchHeader(bytes, at);
    if ((batch.attributes & attribute.compression) !== 0) return undefined;
    const isDense = batch.lastOffset - batch.firstOffset + 1 === batch.count;
    if (!isDense || (batch.attributes & attribute.control) !== 0) isPlain = false;
    if (batch.count > 0) batches.push(batch);
    at = end;
  }
  const set = { bytes, partition, batches };
  return isPlain && batches.length > 0 ? new PlainRecords(set) : readRecords(set, 0, Infinity);
}

function readBatchHeader(bytes: Buffer, at: number): RecordBatch {
  const firstOffset = int64({ bytes, at });
  return {
    at,
    attributes: bytes.readInt16BE(at + batchAt.attributes),
    firstOffset,
    lastOffset: firstOffset + bytes.readInt32BE(at + batchAt.lastOffsetDelta),
    count: bytes.readInt32BE(at + batchAt.count),
  };
}

type RecordSet = { readonly bytes: Buffer; readonly partition: number; readonly batches: readonly RecordBatch[] };

/**
 * Plain data whose offsets have no gap: how many there are and which, the batches' headers say. The records are made when they
 * are asked for. A fetch brings the records of all partitions, tens of thousands; made at once they outlive the young
 * generation and are marked, moved and swept one by one, made partition by partition they die where they were made.
 *
 * Like an array as far as kafkajs looks: it filters by the offset that was asked for and for control records, both of which all pass where
 * the first one does, and reads the offsets of the first and the last.
 */
export class PlainRecords implements FetchedRecords {
  readonly length: number;
  readonly #set: RecordSet;
  readonly [index: number]: Pick<FetchedRecord, 'offset' | 'isControlRecord'>;

  constructor(set: RecordSet) {
    const { batches } = set;
    this.#set = set;
    this.length = batches.reduce((sum, { count }) => sum + count, 0);
    const ends: Record<number, PlainRecords[number]> = {
      [this.length - 1]: { offset: batches.at(-1)!.lastOffset, isControlRecord: false },
      0: { offset: batches[0]!.firstOffset, isControlRecord: false },
    };
    Object.assign(this, ends);
  }

  filter(keep: (record: FetchedRecord) => unknown): FetchedRecords {
    return keep(this[0] as FetchedRecord) ? this : this.slice().filter(keep);
  }

  /** The part of the answer that they are read from. */
  get bytes(): Buffer {
    return this.#set.bytes;
  }

  slice(from = 0, to = this.length): FetchedRecord[] {
    return readRecords(this.#set, from, to);
  }
}

/** Copied where an array is begun, for the reason that `BatchRecord` is a class: `[]` is a literal too. */
const noRecords: readonly FetchedRecord[] = [];

/** The records from one place to before another, counted from the set's first. */
function readRecords({ bytes, partition, batches }: RecordSet, from: number, to: number): FetchedRecord[] {
  const records = noRecords.slice();
  let first = 0;
  for (const batch of batches) {
    if (first >= to) break;
    const places = { from: Math.max(0, from - first), to: Math.min(batch.count, to - first) };
    if (places.from < batch.count) readBatch(bytes, partition, batch, places, records);
    first += batch.count;
  }
  return records;
}

/**
 * A class and no literal: where a literal's objects have once lived long, V8 makes all later ones among the old, and whatever these
 * point to lives as long as they do.
 */
class BatchRecord implements FetchedRecord {
  readonly partition: number;
  readonly offset: number;
  key: Uint8Array | null = null;
  value: Uint8Array | null = null;
  headers = noHeaders;
  readonly timestampMs: number;
  readonly isControlRecord: boolean;
  readonly batchContext: FetchedRecord['batchContext'];

  constructor(
    partition: number,
    offset: number,
    timestampMs: number,
    { isControlRecord, batchContext }: Pick<FetchedRecord, 'isControlRecord' | 'batchContext'>,
  ) {
    this.partition = partition;
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.isControlRecord = isControlRecord;
    this.batchContext = batchContext;
  }
}

function readBatch(
  bytes: Buffer,
  partition: number,
  { at, attributes, firstOffset }: RecordBatch,
  places: { readonly from: number; readonly to: number },
  records: FetchedRecord[],
): void {
  const from: Cursor = { bytes, at: at + batchAt.firstTimestamp };
  const firstTimestampMs = int64(from);
  const maxTimestampMs = int64(from);
  const context = {
    isControlRecord: (attributes & attribute.control) !== 0,
    batchContext: { producerId: bigText(from), inTransaction: (attributes & attribute.transaction) !== 0 },
  };
  const isAppendTime = (attributes & attribute.appendTime) !== 0;
  from.at = at + batchHeaderBytes;
  for (let place = 0; place < places.to; place += 1) {
    const length = varint(from);
    const end = from.at + length;
    if (place >= places.from) {
      from.at += 1; // attributes, which no version uses
      const timeDelta = varlong(from);
      const offset = firstOffset + varint(from);
      const timestampMs = isAppendTime ? maxTimestampMs : firstTimestampMs + timeDelta;
      const record = new BatchRecord(partition, offset, timestampMs, context);
      record.key = sized(from);
      record.value = sized(from);
      record.headers = readHeaders(from);
      records.push(record);
    }
    from.at = end;
  }
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** A header that stands twice counts with its last value, as Kafka's own `lastHeader` has it. */
function readHeaders(from: Cursor): Readonly<Record<string, string>> {
  let left = varint(from);
  if (left <= 0) return noHeaders;
  const headers: Record<string, string> = {};
  for (; left > 0; left -= 1) {
    const name = sized(from)!.toString();
    const value = sized(from);
    if (value !== null) headers[name] = value.toString();
  }
  return headers;
}

type Cursor = { readonly bytes: Buffer; at: number };

function int16(from: Cursor): number {
  const value = from.bytes.readInt16BE(from.at);
  from.at += 2;
  return value;
}

function int32(from: Cursor): number {
  const value = from.bytes.readInt32BE(from.at);
  from.at += 4;
  return value;
}

/** Offsets and times are below 2^53. */
function int64(from: Cursor): number {
  const high = from.bytes.readInt32BE(from.at);
  const low = from.bytes.readUInt32BE(from.at + 4);
  from.at += 8;
  return high * 0x1_0000_0000 + low;
}

function bigText(from: Cursor): string {
  const value = from.bytes.readBigInt64BE(from.at);
  from.at += 8;
  return value.toString();
}

function text(from: Cursor): string {
  const length = int16(from);
  const value = from.bytes.toString('utf8', from.at, from.at + length);
  from.at += length;
  return value;
}

function varint(from: Cursor): number {
  const { bytes } = from;
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[from.at++];
    if (byte === undefined || shift > 28) throw new RangeError('a record batch that is not whole');
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
}

/** Times may lie further apart than 31 bits of milliseconds: 24 days. */
function varlong(from: Cursor): number {
  const { bytes } = from;
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = bytes[from.at++];
    if (byte === undefined || scale > 2 ** 63) throw new RangeError('a record batch that is not whole');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    scale *= 0x80;
  }
}

function sized(from: Cursor): Buffer | null {
  const length = varint(from);
  if (length < 0) return null;
  const end = from.at + length;
  if (end > from.bytes.length) throw new RangeError('a record batch that is not whole');
  const value = from.bytes.subarray(from.at, end);
  from.at = end;
  return value;
}
