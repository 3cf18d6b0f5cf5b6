import { expect, test } from 'vitest';
import { UsageError } from './cli-error.ts';
import { readBrokers } from './broker-options.ts';

test.each([
  ['127.0.0.1:9092', ['127.0.0.1:9092']],
  ['a:1, b.example:2', ['a:1', 'b.example:2']],
  ['[::1]:9092', ['[::1]:9092']],
])('%s', (text, expected) => expect(readBrokers(text)).toEqual(expected));

test.each([
  [undefined, 'where is Kafka?'],
  ['', 'where is Kafka?'],
  ['localhost', '"localhost" is not host:port'],
  ['a:1,', '"" is not host:port'],
  ['http://a:1', 'is not host:port'],
])('%j is refused', (text, message) => {
  expect(() => readBrokers(text)).toThrow(UsageError);
  expect(() => readBrokers(text)).toThrow(message);
});
