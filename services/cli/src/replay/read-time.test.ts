import { describe, expect, test } from 'vitest';
import { epochReader, isTimeZone, timeReader } from './read-time.ts';

function check(text: string, timeZone: string, expected: string | undefined): void {
  const ms = timeReader(timeZone)(text);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(expected);
}

describe('times with an offset of their own', () => {
  test.each([
    ['2008-12-11 04:42:14+00', '2008-12-11T04:42:14.000Z'],
    ['2008-12-11T12:42:14+08:00', '2008-12-11T04:42:14.000Z'],
    ['2008-12-11T12:42:14.25+0800', '2008-12-11T04:42:14.250Z'],
    ['2008-12-10 23:12:14-05:30', '2008-12-11T04:42:14.000Z'],
    ['2008-12-11T04:42:14Z', '2008-12-11T04:42:14.000Z'],
    ['2008-12-11 04:42:14 UTC', '2008-12-11T04:42:14.000Z'],
    ['2008-12-11 04:42:14,123456789Z', '2008-12-11T04:42:14.123Z'],
  ])('%s', (text, expected) => check(text, 'Asia/Shanghai', expected));
});

describe('local times', () => {
  test.each([
    ['winter', '2026-01-26 15:57:02', 'Europe/London', '2026-01-26T15:57:02.000Z'],
    ['summer', '2026-07-26 15:57:02', 'Europe/London', '2026-07-26T14:57:02.000Z'],
    ['an hour that was left out counts on', '2026-03-29 01:30:00', 'Europe/London', '2026-03-29T01:30:00.000Z'],
    ['an hour that came twice is the first', '2026-10-25 01:30:00', 'Europe/London', '2026-10-25T00:30:00.000Z'],
    ['half an hour that came twice', '2026-04-05 01:45:00', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
    ['a zone between the hours', '2026-01-01 05:45:00', 'Asia/Kathmandu', '2026-01-01T00:00:00.000Z'],
    ['no seconds, one digit', '2026/1/6 5:07', 'Asia/Shanghai', '2026-01-05T21:07:00.000Z'],
  ])('%s', (_what, text, timeZone, expected) => check(text, timeZone, expected));

  test('the same minute in two offsets is two times', () => {
    const read = timeReader('UTC');
    expect(read('2026-01-01 00:00:00+08')).toBe(read('2025-12-31 16:00:00Z'));
    expect(read('2026-01-01 00:00:00')).not.toBe(read('2026-01-01 00:00:00+08'));
  });
});

test.each([
  ['seconds', '1769443044', '2026-01-26T15:57:24.000Z'],
  ['seconds with a fraction', '1769443044.5', '2026-01-26T15:57:24.500Z'],
  ['ms', '1769443044123', '2026-01-26T15:57:24.123Z'],
])('a number is %s since 1970 by its size', (_unit, text, expected) => check(text, 'Asia/Shanghai', expected));

test.each([
  [''],
  ['yesterday'],
  ['2026-02-30 00:00:00'],
  ['2026-13-01 00:00:00'],
  ['2026-01-01 24:00:00'],
  ['2026-01-01 00:60:00'],
  ['2026-01-01 00:00:60'],
  ['26/01/2026 15:57:02'],
  ['2026-01-26'],
  ['2026-01-26 15:57:02 PST'],
  ['-5'],
])('%j is no time', (text) => check(text, 'UTC', undefined));

test('a unit that the file states is not guessed', () => {
  expect(epochReader(1_000)('100000000000')).toBe(100_000_000_000_000);
  expect(epochReader(1)('946684800000')).toBe(946_684_800_000);
  expect(epochReader(1)('2026-01-01')).toBeUndefined();
});

test.each([
  ['Asia/Shanghai', true],
  ['UTC', true],
  ['+08:00', true],
  ['Shanghai', false],
  ['', false],
])('%j is a time zone: %s', (name, expected) => expect(isTimeZone(name)).toBe(expected));
