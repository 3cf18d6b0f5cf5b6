import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { giveBack } from './answer-sockets.ts';
import { PlainRecords, readFetchAnswer, type FetchedRecord } from './fetch-reader.ts';
import { toLogRecord } from './kafka-record.ts';
import { NotAssigned, OffsetGone, type FetchedBatch } from './kafkajs-internals.ts';
import { encodeProduce, type ProduceData } from './record-batch-writer.ts';

const require = createRequire(import.meta.url);

type Timer = ReturnType<typeof setTimeout>;
type RequestQueue = {
  throttledUntil: number;
  throttleCheckTimeoutId: Timer | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
};
type TopicCommits = readonly {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
}[];
type OffsetManager = {
  readonly memberAssignment: Readonly<Record<string, readonly number[]>>;
  setDefaultOffset: (at: { topic: string; partition: number }) => Promise<void>;
  commitOffsets: (this: OffsetManager, offsets?: { topics?: TopicCommits }) => Promise<void>;
};
type ConsumerGroup = {
  readonly subscriptionState: { active(): readonly { readonly partitions: readonly number[] }[] };
  fetch: (this: ConsumerGroup, nodeId: string) => Promise<readonly FetchedBatch[]>;
};
type Connection = {
  readonly authHandlers: object | null;
  readonly bytesBuffered: number;
  readonly requestQueue: {
    fulfillRequest(answer: { size: number; correlationId: number; payload: Buffer }): void;
  };
  connect: (this: Connection) => Promise<unknown>;
  processData: (this: Connection, data: Buffer) => void;
};
type Prototype<T> = { readonly prototype: T };
/** A version of a request: from its arguments what is sent and how the answer is read. */
type Exchange = (data: never) => { readonly request: object; readonly response: object };
type RequestDefinition = { protocol: (at: { readonly version: number }) => Exchange };
type Encoded = { readonly buf: Buffer; readonly buffer: Buffer; size(): number };

let repaired = false;

/** Repairs kafkajs in this process; to be called before the first client is made, again does nothing. */
export function repairKafkajs(): void {
  if (repaired) return;
  repaired = true;
  const connection = require('kafkajs/src/network/connection.js') as Prototype<Connection>;
  connectOnce(connection);
  takeWholeAnswers(connection);
  stopIdleTimer(require('kafkajs/src/network/requestQueue/index.js') as Prototype<RequestQueue>);
  refuseOffsetReset(require('kafkajs/src/consumer/offsetManager/index.js') as Prototype<OffsetManager>);
  awaitCoordinator(require('kafkajs/src/cluster/index.js') as Prototype<GroupCluster>);
  const group = require('kafkajs/src/consumer/consumerGroup.js') as Prototype<ConsumerGroup>;
  useAnswersAgain(group);
  lookAgainSoon(group);
  const requests = require('kafkajs/src/protocol/requests/index.js').requests as Record<
    'Produce' | 'Fetch',
    RequestDefinition
  >;
  writeProduceAtOnce(requests.Produce);
  readFetchAtOnce(requests.Fetch);
}

/** Versions 3 to 7 have the same body. What is compressed is left to kafkajs; we send nothing so. */
function writeProduceAtOnce(definition: RequestDefinition): void {
  const original = definition.protocol;
  definition.protocol = ({ version }) => {
    const exchange = original({ version });
    if (version < 3 || version > 7) return exchange;
    return (data: ProduceData & { readonly compression?: number }) => {
      const made = exchange(data as never);
      const isPlain = (data.compression ?? 0) === 0 && data.topicData.every(hasNoTimes);
      if (!isPlain) return made;
      const encode = async (): Promise<Encoded> => {
        const buf = encodeProduce(data, Date.now());
        return { buf, buffer: buf, size: () => buf.length };
      };
      return { ...made, request: { ...made.request, encode } };
    };
  };
}

/** A record with a time of its own is for kafkajs' encoder: ours have the batch's. */
function hasNoTimes({ partitions }: ProduceData['topicData'][number]): boolean {
  return partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp === undefined));
}

function readFetchAtOnce(definition: RequestDefinition): void {
  const Decoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;
  const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as (
    decoder: object,
  ) => Promise<readonly (KafkaMessage & Pick<FetchedRecord, 'isControlRecord' | 'batchContext'>)[]>;
  const others = async (recordSet: Buffer, partition: number): Promise<FetchedRecord[]> => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(recordSet.length);
    const messages = await decodeMessages(new Decoder(Buffer.concat([size, recordSet])));
    return messages.map((it) => ({
      ...toLogRecord(partition, it),
      isControlRecord: it.isControlRecord,
      batchContext: it.batchContext,
    }));
  };
  const original = definition.protocol;
  definition.protocol = ({ version }) => {
    const exchange = original({ version });
    if (version !== 11) return exchange;
    return (data) => {
      const made = exchange(data);
      return { ...made, response: { ...made.response, decode: (bytes: Buffer) => readFetchAnswer(bytes, others) } };
    };
  };
}

/**
 * Requests that meet before a connection stands open a socket each, and all but the last are forgotten, never closed: an
 * ingest that restored 32 partitions at once left 31 behind and did not end. Here they share one.
 */
function connectOnce({ prototype }: Prototype<Connection>): void {
  const { connect } = prototype;
  const running = new WeakMap<Connection, Promise<unknown>>();
  prototype.connect = function connectShared(this: Connection): Promise<unknown> {
    let connecting = running.get(this);
    if (connecting === undefined) {
      connecting = connect.call(this).finally(() => running.delete(this));
      running.set(this, connecting);
    }
    return connecting;
  };
}

/** kafkajs joins whatever arrives with the nothing that was left over, which copies it all once more. */
function takeWholeAnswers({ prototype }: Prototype<Connection>): void {
  const { processData } = prototype;
  prototype.processData = function takeAnswer(this: Connection, data: Buffer): void {
    const isWhole = data.length >= 8 && data.readInt32BE(0) === data.length - 4;
    if (!isWhole || this.bytesBuffered > 0 || this.authHandlers !== null) return processData.call(this, data);
    this.requestQueue.fulfillRequest({
      size: data.length - 4,
      correlationId: data.readInt32BE(4),
      payload: data.subarray(8),
    });
  };
}

/**
 * A member fetches from a broker again when all that came of the former fetch has been handled, and records are valid only so
 * long: then the memory of that answer is free. An answer that was not read as plain records is left to the garbage collector.
 */
function useAnswersAgain({ prototype }: Prototype<ConsumerGroup>): void {
  const { fetch } = prototype;
  const handled = new WeakMap<ConsumerGroup, Map<string, Buffer>>();
  prototype.fetch = async function fetchAgain(this: ConsumerGroup, nodeId): Promise<readonly FetchedBatch[]> {
    const answers = handled.get(this) ?? new Map<string, Buffer>();
    handled.set(this, answers);
    const former = answers.get(nodeId);
    answers.delete(nodeId);
    if (former !== undefined) giveBack(former);
    const batches = await fetch.call(this, nodeId);
    const records = batches.find((it) => it.rawMessages instanceof PlainRecords)?.rawMessages;
    if (records instanceof PlainRecords) answers.set(nodeId, records.bytes);
    return batches;
  };
}

type GroupCluster = { findGroupCoordinatorMetadata: (group: object) => Promise<unknown> };

/**
 * While the one broker restarts nobody can say who coordinates a group. kafkajs takes that for the end of the member; told as a broker that
 * cannot be found, which it also is, it looks again.
 */
function awaitCoordinator({ prototype }: Prototype<GroupCluster>): void {
  const { KafkaJSBrokerNotFound } = require('kafkajs/src/errors.js') as {
    KafkaJSBrokerNotFound: new (m: string) => Error;
  };
  const { findGroupCoordinatorMetadata: find } = prototype;
  prototype.findGroupCoordinatorMetadata = async function findPatiently(this: GroupCluster, group): Promise<unknown> {
    try {
      return await find.call(this, group);
    } catch (error) {
      if (error instanceof Error && error.name === 'KafkaJSGroupCoordinatorNotFound')
        throw new KafkaJSBrokerNotFound(error.message);
      throw error;
    }
  };
}

/**
 * Where all partitions are paused, for their states are restored or the member is about to leave, kafkajs sleeps as long as a fetch may
 * wait, and neither goes on nor leaves before that is over.
 */
function lookAgainSoon({ prototype }: Prototype<ConsumerGroup>): void {
  const pauseMs = 25;
  const { fetch } = prototype;
  prototype.fetch = async function fetchOrPause(this: ConsumerGroup, nodeId): Promise<readonly FetchedBatch[]> {
    if (this.subscriptionState.active().some(({ partitions }) => partitions.length > 0))
      return fetch.call(this, nodeId);
    await sleep(pauseMs);
    return [];
  };
}

/**
 * kafkajs re-arms setTimeout(-1 - Date.now()) for ever on every connection: 934 wake-ups a second when idle, and a
 * TimeoutNegativeWarning on Node 24 (tulios/kafkajs#1751). A look at the queue is needed only while something waits.
 */
function stopIdleTimer({ prototype }: Prototype<RequestQueue>): void {
  const recheckMs = 10;
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : recheckMs,
    );
  };
}

/**
 * On OFFSET_OUT_OF_RANGE kafkajs jumps to the oldest record and commits -2 over the group's commit, metadata and all:
 * records are skipped in silence and the pointer to the snapshot is lost. Here it is an error that ends the member.
 * And its retry of a commit may run in a later generation, where the broker no longer sees that the partition moved.
 */
function refuseOffsetReset({ prototype }: Prototype<OffsetManager>): void {
  prototype.setDefaultOffset = async ({ topic, partition }) => {
    throw new OffsetGone(topic, partition);
  };
  const commit = prototype.commitOffsets;
  prototype.commitOffsets = async function commitOffsets(this: OffsetManager, offsets = {}): Promise<void> {
    for (const { topic, partitions } of offsets.topics ?? []) {
      const moved = partitions.find(({ partition }) => !this.memberAssignment[topic]?.includes(partition));
      if (moved !== undefined) throw new NotAssigned(`${topic}[${moved.partition}] is another member's`);
    }
    return commit.call(this, offsets);
  };
}
