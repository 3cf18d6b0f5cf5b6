import { expect, test } from 'vitest';
import { alarmId, murmur3x128 } from './alarm-id.ts';

// Computed with the Python package mmh3, the four words in hexadecimal.
test.each([
  ['', '00000000000000000000000000000000'],
  ['a', 'a794933c5556b01b5556b01b5556b01b'],
  ['hello', '2b2444a0db91def79adb31b69adb31b6'],
  ['沪A12345', '51e54f6f7a69cc2357ca69fef3d82a0a'],
  ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ['0123456789abcdef', 'fb7d440936aed30a48ad1d9b572b3bfd'],
  ['0123456789abcde', '3c76c46d4d0818c0add433daa78673fa'],
])('MurmurHash3 x86 128 of %j', (text, expected) => {
  expect(murmur3x128(text)).toBe(expected);
});

test('every part of an episode tells it apart', () => {
  const ids = [
    alarmId('truck', 'overspeed', '', 0, false),
    alarmId('truck2', 'overspeed', '', 0, false),
    alarmId('truck', 'sos', '', 0, false),
    alarmId('truck', 'overspeed', 'depot', 0, false),
    alarmId('truck', 'overspeed', '', 1, false),
    alarmId('truck', 'overspeed', '', 0, true),
    alarmId('truckoverspeed', '', '', 0, false),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('an id is the same for ever: a replay of old telemetry names the alarms that were raised then', () => {
  expect(alarmId('沪A12345', 'overspeed', '', 1_772_380_800_000, false)).toBe('772bb2c1b930509f8ee840b42b304e82');
});
