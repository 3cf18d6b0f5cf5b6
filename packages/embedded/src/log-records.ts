import { LogError, type LogRecord, type NewLogRecord } from '@haulwatch/ports';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Topic } from './log-topics.ts';

/** Bytes of key, value and headers that one record may have: the same as on Kafka (packages/kafka). */
const recordBytesMax = 1_000_000;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** A record as its row has it. */
export type StoredRecord = {
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: string | null;
};

/** @throws LogError 'record-too-large'; 'failed' where the topic cannot take the record at all. */
export function toStored(topic: Topic, record: NewLogRecord): StoredRecord {
  const { partition } = record;
  if (topic.ends[partition] === undefined) {
    throw refused('failed', `${topic.name} has ${topic.partitions} partitions; there is no partition ${partition}.`);
  }
  if (topic.compacted && record.key === null)
    throw refused('failed', `A record of the compacted topic ${topic.name} needs a key.`);
  const key = record.key === null ? null : Buffer.from(record.key);
  const value = typeof record.value === 'string' ? Buffer.from(record.value) : record.value;
  const names = record.headers === undefined ? [] : Object.keys(record.headers);
  let bytes = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  for (const name of names) bytes += Buffer.byteLength(name) + Buffer.byteLength(record.headers![name]!);
  if (bytes > recordBytesMax) {
    const message = `A record for ${topic.name}[${partition}] has ${bytes} bytes, the limit is ${recordBytesMax}: split it. Nothing of the call was written.`;
    throw refused('record-too-large', message);
  }
  return {
    partition,
    key,
    value,
    headers: names.length === 0 ? null : JSON.stringify(record.headers),
  };
}

export type RecordPage = {
  readonly records: readonly LogRecord[];
  /** Where the partition goes on; at the end of the topic where nothing is left. */
  readonly next: number;
};

type Row = [
  offset: number,
  timestampMs: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: string | null,
];

/** Reads pages of committed records. */
export class RecordReader {
  readonly #select: StatementSync;

  constructor(reader: DatabaseSync) {
    this.#select = reader.prepare(
      'SELECT "offset", timestamp_ms, key, value, headers FROM record WHERE topic = ? AND partition = ? AND "offset" >= ? AND "offset" < ? ORDER BY "offset" LIMIT ?',
    );
    this.#select.setReturnArrays(true);
  }

  /** At most `countMax` records, and fewer when they have `bytesMax` together; one at least, where there is one. */
  page(topic: Topic, partition: number, offset: number, countMax: number, bytesMax: number): RecordPage {
    const end = topic.ends[partition]!;
    const records: LogRecord[] = [];
    if (offset >= end) return { records, next: offset };
    let bytes = 0;
    for (const row of this.#select.iterate(topic.id, partition, offset, end, countMax) as unknown as Iterable<Row>) {
      const [at, timestampMs, key, value, headers] = row;
      records.push({
        partition,
        offset: at,
        key,
        value,
        headers: headers === null ? noHeaders : parseHeaders(headers),
        timestampMs,
      });
      bytes += (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
      if (bytes >= bytesMax || records.length === countMax) return { records, next: at + 1 };
    }
    return { records, next: end };
  }
}

/** Somebody who asks for what retention has removed must hear of it, not silently get something else. */
export function checkKept(topic: Topic, partition: number, offset: number): void {
  const start = topic.starts[partition]!;
  if (offset >= start) return;
  throw refused(
    'offset-gone',
    `${topic.name}[${partition}] begins at ${start}, offset ${offset} is gone: retention has removed it.`,
  );
}

/** Somebody who goes on beyond the end has state of another log, or this one has lost its last records. */
export function checkWritten(topic: Topic, partition: number, offset: number): void {
  const end = topic.ends[partition]!;
  if (offset <= end) return;
  throw refused(
    'offset-gone',
    `${topic.name}[${partition}] ends at ${end}, offset ${offset} is not there: this is another log, or it lost its end.`,
  );
}

function parseHeaders(headers: string): Readonly<Record<string, string>> {
  return JSON.parse(headers) as Record<string, string>;
}

function refused(code: 'failed' | 'record-too-large' | 'offset-gone', message: string): LogError {
  return new LogError(code, message, { retriable: false });
}
