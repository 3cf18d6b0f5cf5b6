import type { LogRecord, NewLogRecord } from '@haulwatch/ports';
import type { KafkaMessage, Message } from 'kafkajs';

/**
 * Bytes of key, value and headers that one record may have. Kafka's own default limit is 1,048,588 for a batch with its
 * framing; the round number leaves room for that. The same limit holds in packages/embedded.
 */
export const recordBytesMax = 1_000_000;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** The value stays a slice of the network buffer: nothing is copied. */
export function toLogRecord(partition: number, message: KafkaMessage): LogRecord {
  return {
    partition,
    offset: Number(message.offset),
    key: message.key,
    value: message.value,
    headers: message.headers === undefined ? noHeaders : textHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** A header that stands twice counts with its last value, as Kafka's own `lastHeader` has it. */
function textHeaders(headers: NonNullable<KafkaMessage['headers']>): Readonly<Record<string, string>> {
  let texts: Record<string, string> | undefined;
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) (texts ??= {})[name] = last.toString();
  }
  return texts ?? noHeaders;
}

export function toMessage(record: NewLogRecord): Message {
  const { value } = record;
  return {
    partition: record.partition,
    key: record.key,
    value: value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value,
    ...(record.headers === undefined ? {} : { headers: { ...record.headers } }),
  };
}

export function recordBytes(record: NewLogRecord): number {
  let bytes = textBytes(record.key);
  bytes += record.value instanceof Uint8Array ? record.value.byteLength : textBytes(record.value);
  for (const name in record.headers) bytes += textBytes(name) + textBytes(record.headers[name] ?? null);
  return bytes;
}

/** What the format adds to a record at most: lengths, offset and time as varints, and the two lengths of each header. */
export function framingBytes(record: NewLogRecord): number {
  return 24 + (record.headers === undefined ? 0 : 6 * Object.keys(record.headers).length);
}

function textBytes(text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(text);
}
