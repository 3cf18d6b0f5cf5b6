import { describe, expect, test } from 'vitest';
import { UsageError } from '../cli-error.ts';
import { guessFormat, planReplay, readSpeed, type ReplayFlags } from './replay-plan.ts';

const plan = (path: string, flags: Partial<ReplayFlags> = {}) =>
  planReplay(path, { topicPrefix: '', wait: true, ...flags });

test.each([
  ['a.csv', 'csv'],
  ['a.TSV', 'csv'],
  ['dir.jsonl/a.csv.gz', 'csv'],
  ['a.jsonl', 'jsonl'],
  ['a.ndjson.gz', 'jsonl'],
  ['a.frames', 'frames'],
])('%s is %s', (path, format) => expect(guessFormat(path)).toBe(format));

test('what is not said is the usual', () => {
  expect(plan('a.csv')).toMatchObject({
    format: 'csv',
    timeZone: 'UTC',
    target: { kind: 'engine' },
    partitions: 32,
    speed: Infinity,
  });
});

test('frames in hex, a line each or in a column', () => {
  expect(plan('a.hex', { format: 'jt808hex' })).toMatchObject({ format: 'jt808hex', columns: [] });
  expect(plan('a.tsv', { format: 'jt808hex', columns: 'frame=hex', decoded: 'm.jsonl' })).toMatchObject({
    columns: [{ field: 'frame', column: 'hex' }],
    decodedPath: 'm.jsonl',
  });
});

test.each([
  ['max', Infinity],
  ['realtime', 1],
  ['60', 60],
  ['0.5', 0.5],
])('--speed %s', (text, expected) => expect(readSpeed(text)).toBe(expected));

describe('refused, with what to do', () => {
  test.each<[string, string, Partial<ReplayFlags>, string]>([
    ['a name that does not tell', 'a.dat', {}, 'say --format csv or jsonl or frames or traccar'],
    ['standard input', '-', {}, 'standard input has no name; say --format'],
    [
      'a policy for Kafka',
      'a.csv',
      { to: 'kafka', policy: 'p.yaml' },
      '--policy is for --to engine: kafka has a policy',
    ],
    ['a class for HTTP', 'a.csv', { to: 'http://x', class: 'heavy' }, '`haulwatch policy publish FILE`'],
    ['a file of alarms for Kafka', 'a.csv', { to: 'kafka', out: 'o' }, '--out is for --to engine'],
    ['a fleet for Kafka', 'a.csv', { to: 'kafka', fleet: 'f.csv' }, '`haulwatch fleet import FILE`'],
    ['partitions for Kafka', 'a.csv', { to: 'kafka', partitions: 4 }, '--partitions is for --to engine'],
    ['columns of JSON', 'a.jsonl', { columns: 'lon=x' }, '--columns is for CSV files'],
    ['a delimiter of frames a line', 'a.hex', { format: 'jt808hex', delimiter: ';' }, 'say --columns frame=NAME too'],
    ['decoded messages of CSV', 'a.csv', { decoded: 'm.jsonl' }, '--decoded is for --format jt808hex'],
    [
      'fixes of frames in hex',
      'a.tsv',
      { format: 'jt808hex', columns: 'lon=x' },
      'the fields are frame, vehicleId, receivedAt',
    ],
    ['a time zone of frames', 'a.frames', { timeZone: 'UTC' }, '--time-zone is for CSV files'],
    ['frames by HTTP', 'a.frames', { to: 'http://x' }, 'frames name vehicles by number'],
    [
      'raw records of no Traccar',
      'a.jsonl',
      { to: 'kafka', rawTraccar: true },
      '--raw-traccar is for --format traccar',
    ],
    ['raw records for an engine', 'a.jsonl', { format: 'traccar', rawTraccar: true }, '--raw-traccar is for'],
    [
      'an unknown target',
      'a.csv',
      { to: 'redis' },
      '--to: expected kafka or engine or http://host:port, found "redis"',
    ],
    ['an unknown time zone', 'a.csv', { timeZone: 'Shanghai' }, 'not an IANA time zone'],
    ['two characters between columns', 'a.csv', { delimiter: '::' }, '--delimiter: expected one character'],
    ['a speed of nothing', 'a.csv', { speed: '0' }, '--speed: expected max, realtime or'],
  ])('%s', (_what, path, flags, message) => {
    expect(() => plan(path, flags)).toThrow(UsageError);
    expect(() => plan(path, flags)).toThrow(message);
  });
});
