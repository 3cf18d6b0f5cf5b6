import { expect, test } from 'vitest';
import { rejectCode, rejectReason, rejectReasons, type RejectReason } from './reject.ts';

test('the codes are for ever: append, never move', () => {
  expect(Object.fromEntries(rejectReasons.map((reason, code) => [code, reason]))).toEqual({
    0: 'none',
    1: 'empty-record',
    2: 'record-too-large',
    3: 'unknown-magic',
    4: 'unsupported-version',
    5: 'frame-truncated',
    6: 'frame-crc-mismatch',
    7: 'frame-malformed',
    8: 'json-broken',
    9: 'field-missing',
    10: 'field-type',
    11: 'field-range',
    12: 'coordinates-out-of-range',
    13: 'clock-ahead',
    14: 'vehicle-unknown',
    15: 'wrong-partition',
    16: 'row-broken',
    17: 'poison',
  });
});

test.each(rejectReasons.slice(1) as RejectReason[])('%s has a code and the code has it', (reason) => {
  expect(rejectReason(rejectCode(reason))).toBe(reason);
  expect(rejectCode(reason)).toBeLessThan(256);
});

test.each([0, -1, rejectReasons.length, 1.5])('%d is no reason', (code) => {
  expect(() => rejectReason(code)).toThrow(RangeError);
});
