import { expect, test } from 'vitest';
import { homePartition, murmur2 } from './murmur2.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

// org.apache.kafka.common.utils.UtilsTest.testMurmur2
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what Kafka says', (text, expected) => {
  expect(murmur2(utf8(text))).toBe(expected);
});

test.each([
  ['21', 32, (-973932308 & 0x7fffffff) % 32],
  ['abc', 7, 479470107 % 7],
  ['沪A12345', 1, 0],
])('the home of %s among %i partitions', (vehicleId, partitions, expected) => {
  expect(homePartition(vehicleId, partitions)).toBe(expected);
});

test('vehicles spread over the partitions', () => {
  const vehicles = Array.from({ length: 3_200 }, (_, i) => `truck-${i}`);
  const counts = Array.from({ length: 32 }, () => 0);
  for (const id of vehicles) counts[homePartition(id, 32)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(50);
  expect(Math.max(...counts)).toBeLessThan(150);
});

test.each([0, -1, 1.5, Number.NaN])('%s partitions are refused', (partitions) => {
  expect(() => homePartition('truck-1', partitions)).toThrow(RangeError);
});
