import { LogError, type Appended, type NewLogRecord } from '@haulwatch/ports';
import type { Message } from 'kafkajs';
import { framingBytes, recordBytes, recordBytesMax, toMessage } from './kafka-record.ts';

/**
 * Limits of one produce request. 10,000 records a partition are librdkafka's limit too, and kafkajs' consumers die of
 * 125,000 in one batch; a batch must stay under the broker's 1,048,588 bytes; 4 MB of CRC in JavaScript block the loop
 * for 25 ms.
 */
const partitionRecordsMax = 10_000;
const partitionBytesMax = 1_000_000;
const requestBytesMax = 4_000_000;

/** Messages that go out in one request, by partition. */
export class Slice {
  readonly groups = new Map<number, Message[]>();
  readonly #bytes = new Map<number, number>();
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Whether so much more of a partition still keeps the limits; a single record always does. */
  hasRoom(partition: number, count: number, bytes: number): boolean {
    const before = this.groups.get(partition)?.length ?? 0;
    if (before + count > partitionRecordsMax) return false;
    if (before > 0 && this.#bytes.get(partition)! + bytes > partitionBytesMax) return false;
    return this.#totalBytes === 0 || this.#totalBytes + bytes <= requestBytesMax;
  }

  put(partition: number, messages: readonly Message[], bytes: number): void {
    const group = this.groups.get(partition);
    if (group === undefined) this.groups.set(partition, [...messages]);
    else for (const message of messages) group.push(message);
    this.#bytes.set(partition, (this.#bytes.get(partition) ?? 0) + bytes);
    this.#totalBytes += bytes;
  }

  /** Takes another slice behind what is here, if there is room for all of it. */
  take(other: Slice): boolean {
    // An empty one takes whatever comes: a record of a topic with a limit of its own may be larger than a request should be.
    if (this.#totalBytes > 0 && this.#totalBytes + other.#totalBytes > requestBytesMax) return false;
    for (const [partition, messages] of other.groups) {
      if (!this.hasRoom(partition, messages.length, other.#bytes.get(partition)!)) return false;
    }
    for (const [partition, messages] of other.groups) this.put(partition, messages, other.#bytes.get(partition)!);
    return true;
  }
}

/** One call of `append`, cut into slices; `placed` grows as they are acknowledged. */
export type Job = {
  readonly topic: string;
  readonly slices: readonly Slice[];
  nextSlice: number;
  readonly placed: Map<number, Placed[]>;
  readonly resolve: (placed: readonly Appended[]) => void;
  readonly reject: (error: LogError) => void;
};

type Placed = { readonly partition: number; readonly baseOffset: number; count: number };

/** Cuts a call's records, each partition's order kept. Refuses the whole call where one record is too large. */
export function cut(
  topic: string,
  records: readonly NewLogRecord[],
  bytesMax: number = recordBytesMax,
): readonly Slice[] {
  const slices: Slice[] = [];
  const sliceOf = new Map<number, number>();
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > bytesMax) throw tooLarge(topic, record, bytes, bytesMax);
    const { partition } = record;
    const framedBytes = bytes + framingBytes(record);
    let index = sliceOf.get(partition) ?? 0;
    while (slices[index]?.hasRoom(partition, 1, framedBytes) === false) index += 1;
    sliceOf.set(partition, index);
    (slices[index] ??= new Slice()).put(partition, [toMessage(record)], framedBytes);
  }
  return slices;
}

/** Notes where a job's records came to stand; continues the last place where nobody wrote in between. */
export function place(job: Job, partition: number, baseOffset: number, count: number): void {
  const places = job.placed.get(partition);
  const last = places?.at(-1);
  if (places === undefined || last === undefined) job.placed.set(partition, [{ partition, baseOffset, count }]);
  else if (last.baseOffset + last.count === baseOffset) last.count += count;
  else places.push({ partition, baseOffset, count });
}

function tooLarge(topic: string, record: NewLogRecord, bytes: number, bytesMax: number): LogError {
  return new LogError(
    'record-too-large',
    `A record for ${topic}[${record.partition}] has ${bytes} bytes, the limit is ${bytesMax}: split it. Nothing of the call was written.`,
    { retriable: false },
  );
}
