import { encodeUtf8 } from './utf8.ts';

/**
 * The partition where a vehicle is at home. It is what Kafka's own default partitioner chooses for a record whose key
 * is the vehicle's id in UTF-8 (org.apache.kafka.clients.producer.internals.BuiltInPartitioner), so a Java or kafkajs
 * producer that only sets the key is right by itself.
 */
export function homePartition(vehicleId: string, partitions: number): number {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`a topic has at least one partition, found ${partitions}`);
  }
  return (murmur2(encodeUtf8(vehicleId)) & 0x7fffffff) % partitions;
}

/**
 * MurmurHash2, 32 bits, by Austin Appleby (public domain), with the seed that Kafka fixes; a signed number as in Java.
 * Source: org.apache.kafka.common.utils.Utils.murmur2; the tests hold the vectors of its UtilsTest.
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const tail = length & ~3;
  let hash = seed ^ length;
  for (let at = 0; at < tail; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const mixed = Math.imul(word, multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(mixed ^ (mixed >>> 24), multiplier);
  }
  if (tail < length) {
    let rest = 0;
    for (let at = length - 1; at >= tail; at -= 1) rest = (rest << 8) | bytes[at]!;
    hash = Math.imul(hash ^ rest, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;
