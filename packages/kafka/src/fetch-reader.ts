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
  readonly messages: readonly FetchedRecord[];
};

/** Reads what this reader leaves to kafkajs: compressed batches and formats older than 2. */
export type OtherRecords = (recordSet: Buffer, partition: number) => Promise<readonly FetchedRecord[]>;

/**
 * An answer to a fetch, version 11. kafkajs makes two decoders, two BigInts and two strings of each record and looks at all of
 * them three times more: 1.2 us a record. Here a record is one object with numbers, and its value a view of the answer.
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
const batchAt = { length: 8, magic: 16, attributes: 21, firstTimestamp: 27, maxTimestamp: 35, producerId: 43 } as const;
const batchHeaderBytes = 61;
const attribute = { compression: 0x07, appendTime: 0x08, transaction: 0x10, control: 0x20 } as const;

/** The records of uncompressed batches in format 2; undefined where one is anything else. A batch that is cut off at the end is left out. */
function readRecordSet(bytes: Buffer, partition: number, hasAborted: boolean): readonly FetchedRecord[] | undefined {
  const records = new FetchedRecords();
  records.isPlain = !hasAborted;
  const from: Cursor = { bytes, at: 0 };
  for (let at = 0; at + batchHeaderBytes <= bytes.length;) {
    if (bytes[at + batchAt.magic] !== 2) return undefined;
    const end = at + batchAt.length + 4 + bytes.readInt32BE(at + batchAt.length);
    if (end > bytes.length) break;
    const attributes = bytes.readInt16BE(at + batchAt.attributes);
    if ((attributes & attribute.compression) !== 0) return undefined;
    if ((attributes & attribute.control) !== 0) records.isPlain = false;
    from.at = at;
    readBatch(from, partition, attributes, records);
    at = end;
  }
  return records;
}

function readBatch(from: Cursor, partition: number, attributes: number, records: FetchedRecord[]): void {
  const { bytes, at } = from;
  const firstOffset = int64(from);
  from.at = at + batchAt.firstTimestamp;
  const firstTimestampMs = int64(from);
  const maxTimestampMs = int64(from);
  const batchContext = { producerId: bigText(from), inTransaction: (attributes & attribute.transaction) !== 0 };
  const isControlRecord = (attributes & attribute.control) !== 0;
  const isAppendTime = (attributes & attribute.appendTime) !== 0;
  let left = bytes.readInt32BE(at + batchHeaderBytes - 4);
  from.at = at + batchHeaderBytes;
  for (; left > 0; left -= 1) {
    const length = varint(from);
    const end = from.at + length;
    from.at += 1; // attributes, which no version uses
    const timeDelta = varlong(from);
    const offset = firstOffset + varint(from);
    const key = sized(from);
    const value = sized(from);
    const headers = readHeaders(from);
    const timestampMs = isAppendTime ? maxTimestampMs : firstTimestampMs + timeDelta;
    records.push({ partition, offset, key, value, headers, timestampMs, isControlRecord, batchContext });
    from.at = end;
  }
}

/**
 * kafkajs filters a fetch's records twice, by their offset against the one asked for and for control records. Where the first
 * record passes and nothing but plain data is there, all pass: offsets grow.
 */
class FetchedRecords extends Array<FetchedRecord> {
  isPlain = false;

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  override filter(keep: (record: FetchedRecord, index: number, all: FetchedRecord[]) => unknown): FetchedRecord[] {
    if (this.isPlain && (this.length === 0 || keep(this[0]!, 0, this))) return this;
    return super.filter(keep);
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
