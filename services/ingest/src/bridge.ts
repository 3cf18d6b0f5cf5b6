import { encodeFixJson, homePartition, isReject, isSalvaged, parseTraccarText, type FixReject } from '@haulwatch/codec';
import { groupOf, type Fix, type Fleet, type TopicNames } from '@haulwatch/domain';
import { LogError, type GroupMember, type Log } from '@haulwatch/ports';
import type { Logger } from '@haulwatch/service';
import type { DeadLetters } from './dead-letters.ts';
import { gapDetail, TopicBounds } from './input-gap.ts';
import type { IngestMetrics } from './metrics.ts';
import type { Outbox } from './outbox.ts';

export type BridgePorts = {
  readonly log: Log;
  readonly topics: TopicNames;
  readonly fleet: Fleet;
  readonly telemetry: Outbox;
  readonly letters: Outbox;
  readonly deadLetters: DeadLetters;
  readonly telemetryPartitions: number;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

/**
 * Carries Traccar's positions into `telemetry`, as JSON v1 and keyed by the vehicle's own id: Traccar keys by its row
 * number, so its records cannot be evaluated where they lie. Its events are passed over: Haulwatch has rules of its own.
 * Delivery: at least once; the engine drops what comes twice. Where retention has passed the commit, what is missing is told
 * in the dead letters, and it goes on at the oldest record there is.
 */
export async function startBridge(ports: BridgePorts): Promise<GroupMember> {
  const { log, topics, fleet, telemetry, letters, deadLetters, telemetryPartitions, metrics, logger, nowMs } = ports;
  const bounds = new TopicBounds(log, topics.traccar);
  const member: GroupMember = await log.join({
    group: groupOf(topics, 'traccar-bridge'),
    topic: topics.traccar,
    handler: {
      onAssigned: async (partition, committed) => {
        if (committed === undefined) return 'beginning';
        const { gap } = await bounds.around(partition, committed.offset);
        if (gap === undefined) return committed.offset;
        const detail = gapDetail(gap);
        deadLetters.putGap(partition, { ...gap, detail, atMs: nowMs() });
        logger.error({ topic: topics.traccar, partition, ...gap }, detail);
        return gap.to;
      },
      onRevoked: () => {},
      onBatch: async (batch) => {
        for (const record of batch.records) {
          const parsed = parseTraccarText(record.value);
          if (parsed === 'not-a-position') continue;
          if (isReject(parsed)) {
            metrics.bridgeRejects += 1;
            deadLetters.put({ record, reason: parsed.reason, detail: parsed.detail });
          } else metrics.bridged += 1;
          const fix = isReject(parsed) ? buttonAlone(parsed) : parsed;
          if (fix === undefined) continue;
          const id = fleet.find(fix.vehicleId)?.id ?? fix.vehicleId;
          const value = encodeFixJson({ ...fix, vehicleId: id });
          telemetry.put({ partition: homePartition(id, telemetryPartitions), key: id, value });
        }
        await telemetry.drained();
        await letters.drained();
        const last = batch.records.at(-1);
        if (last !== undefined) await commitUnlessFenced(member, batch.partition, last.offset + 1);
      },
    },
  });
  return member;
}

/** A partition that has gone to another member is the other's to commit; it will copy these records once more. */
async function commitUnlessFenced(member: GroupMember, partition: number, offset: number): Promise<void> {
  try {
    await member.commit(partition, offset, '');
  } catch (error) {
    if (!(error instanceof LogError) || (error.code !== 'fenced' && !error.retriable)) throw error;
  }
}

/** What is left of a record that was turned down when the emergency button is pressed in it: a fix without a position. */
function buttonAlone(refused: FixReject): Fix | undefined {
  return isSalvaged(refused) ? { ...refused.salvage, lonDeg: 0, latDeg: 0, valid: false } : undefined;
}
