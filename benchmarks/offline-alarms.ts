import { decodeRecord, homePartition, rowsPerRecordMax } from '@haulwatch/codec';
import { alarmAfter, FixBatch, type Alarm, type Fleet, type Policy } from '@haulwatch/domain';
import { Engine } from '@haulwatch/engine';
import { compilePolicy } from '@haulwatch/rules';

/** A frame as it was produced. */
export type SentFrame = {
  readonly partition: number;
  readonly value: Uint8Array;
  readonly offset: number;
  readonly atMs: number;
};

/** The alarms that engines offline raise on the same frames: what the real road must have in the end. */
export function offlineAlarms(frames: Iterable<SentFrame>, policy: Policy, fleet: Fleet, partitions: number): Alarm[] {
  const rules = compilePolicy(policy);
  const engines = Array.from({ length: partitions }, (_, partition) => {
    const isHome = (vehicleId: string): boolean => homePartition(vehicleId, partitions) === partition;
    return new Engine({ fleet, rules, partition, isHome });
  });
  const batch = new FixBatch(rowsPerRecordMax);
  const alarms = new Map<string, Alarm>();
  for (const { partition, value, offset, atMs } of frames) {
    const engine = engines[partition]!;
    batch.clear();
    decodeRecord({ value, offset, timestampMs: atMs }, engine.vehicles, batch);
    for (const step of engine.process(batch)) alarms.set(step.alarmId, alarmAfter(step));
  }
  return [...alarms.values()];
}

/** How many alarms of one side are not on the other, or differ in more than their place and time in a log. */
export function differing(expected: readonly Alarm[], found: readonly Alarm[]): number {
  const told = ({ cause: _cause, producedAtMs: _producedAtMs, ...alarm }: Alarm): string =>
    JSON.stringify(Object.entries(alarm).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const left = new Set(expected.map(told));
  const right = new Set(found.map(told));
  return left.symmetricDifference(right).size;
}
