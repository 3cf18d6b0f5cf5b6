import { LogError } from '@haulwatch/ports';
import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { isCoordinatorOnItsWay, isTransient, toLogError } from './kafka-errors.ts';
import { NotAssigned, OffsetGone } from './kafkajs-internals.ts';

const {
  KafkaJSConnectionError,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} = kafkajs;

function refusal(type: string, retriable = false): Error {
  return new KafkaJSProtocolError(Object.assign(new Error(type.toLowerCase()), { type, code: 0, retriable }));
}

function afterRetries(error: Error): Error {
  return new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 5, retryTime: 400 });
}

describe('what kafkajs throws is told in our words', () => {
  test.each<[Error, string, boolean, RegExp]>([
    [
      new KafkaJSConnectionError('connect ECONNREFUSED'),
      'unreachable',
      true,
      /Kafka at a:1, b:2 does not answer.*is it running/,
    ],
    [afterRetries(new KafkaJSConnectionError('closed')), 'unreachable', true, /npm run servers/],
    [
      afterRetries(new KafkaJSConnectionError('disconnected before secure TLS connection was established')),
      'unreachable',
      true,
      /KAFKA_TLS/,
    ],
    [
      afterRetries(new KafkaJSConnectionError('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })),
      'failed',
      false,
      /does not prove to be Kafka.*self-signed certificate.*KAFKA_CA_FILE/,
    ],
    [
      Object.assign(new KafkaJSNonRetriableError('Invalid credentials'), { name: 'KafkaJSSASLAuthenticationError' }),
      'failed',
      false,
      /turns us away.*KAFKA_PASSWORD/,
    ],
    [afterRetries(refusal('UNKNOWN_TOPIC_OR_PARTITION', true)), 'topic-missing', false, /create it first/],
    [refusal('MESSAGE_TOO_LARGE'), 'record-too-large', false, /max\.message\.bytes/],
    [
      Object.assign(new KafkaJSNonRetriableError('wrapped'), { cause: new OffsetGone('records', 3) }),
      'offset-gone',
      false,
      /retention/,
    ],
    [refusal('OFFSET_OUT_OF_RANGE'), 'offset-gone', false, /retention/],
    [refusal('ILLEGAL_GENERATION'), 'fenced', true, /rebalanced/],
    [refusal('UNKNOWN_MEMBER_ID'), 'fenced', true, /rebalanced/],
    [new NotAssigned('records[3]'), 'fenced', false, /another member/],
    [refusal('TOPIC_AUTHORIZATION_FAILED'), 'failed', false, /topic_authorization_failed/],
    [refusal('NOT_ENOUGH_REPLICAS', true), 'failed', true, /not_enough_replicas/],
    [
      Object.assign(new Error('Topic creation errors'), { errors: [refusal('INVALID_PARTITIONS')] }),
      'failed',
      false,
      /invalid_partitions/,
    ],
    [new RangeError('Maximum call stack size exceeded'), 'failed', false, /Maximum call stack/],
  ])('%s is %s', (error, code, retriable, message) => {
    const told = toLogError(error, 'append to records', ['a:1', 'b:2']);
    expect(told).toMatchObject({ code, retriable, cause: error });
    expect(told.message).toMatch(message);
    expect(told.message).toContain('append to records');
  });

  test('our own errors pass as they are', () => {
    const ours = new LogError('failed', 'The log is closed.', { retriable: false });
    expect(toLogError(ours, 'append', [])).toBe(ours);
  });
});

test.each<[Error, boolean]>([
  [new KafkaJSConnectionError('closed'), true],
  [afterRetries(refusal('NOT_LEADER_FOR_PARTITION', true)), true],
  [refusal('GROUP_LOAD_IN_PROGRESS'), true],
  [refusal('TOPIC_AUTHORIZATION_FAILED'), false],
  [new OffsetGone('records', 0), false],
  [new RangeError('Maximum call stack size exceeded'), false],
])('%s: is it worth another try? %s', (error, isWorth) => {
  expect(isTransient(error)).toBe(isWorth);
});

test('a coordinator that is on its way is known by its text where kafkajs has lost the type', () => {
  expect(
    isCoordinatorOnItsWay(afterRetries(new KafkaJSError('This is not the correct coordinator for this group'))),
  ).toBe(true);
  expect(isCoordinatorOnItsWay(new KafkaJSConnectionError('closed'))).toBe(false);
});
