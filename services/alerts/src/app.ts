import { groupOf, type Policy, type TopicNames } from '@haulwatch/domain';
import type { GroupMember, LiveStore, Log } from '@haulwatch/ports';
import type { Logger } from '@haulwatch/service';
import { Folder } from './folder.ts';
import type { AlertsMetrics } from './metrics.ts';

export type AlertsPorts = {
  readonly log: Log;
  readonly store: LiveStore;
  readonly topics: TopicNames;
  /** The policy in force: what a crowd is. Undefined: none is known yet. */
  readonly policy: () => Policy | undefined;
  readonly metrics: AlertsMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** Ends the waiting for a store that does not answer. */
  readonly signal: AbortSignal;
};

export type Alerts = {
  /** Whether this process folds at the moment; the others stand by. */
  isActive(): boolean;
  /** The newest alarm-log position in the store. */
  position(): number;
  /** @throws why alarms reach nobody at this moment, though it is tried again: a full Redis still answers whoever asks. */
  mustFlow(): void;
  readonly failed: Promise<never>;
  close(): Promise<void>;
};

/** Between two looks at what waits in the log, ms. */
const lagEveryMs = 5_000;

/**
 * alarm-log -> fold -> live store, and crowds, which only this stage can see, back into the log. Delivery: at least once from the log, and the store skips what it has applied, so
 * effectively once. Where to begin is what the store says, not the group's commit; a store that was emptied is rebuilt
 * from the beginning of the log.
 */
export async function startAlerts(ports: AlertsPorts): Promise<Alerts> {
  const { log, topics } = ports;
  const folder = new Folder(ports);
  const member: GroupMember = await log.join({
    // The log's one partition has one owner in the group: the active process. The others are its standbys.
    group: groupOf(topics, 'alerts'),
    topic: topics.alarmLog,
    handler: {
      onAssigned: async () => await folder.begin(),
      onBatch: async (batch) => await folder.take(batch),
      onRevoked: () => folder.end(),
    },
  });
  const lagTimer = setInterval(() => void folder.measureLag(), lagEveryMs);
  return {
    isActive: () => folder.active,
    position: () => folder.position,
    mustFlow: () => folder.mustFlow(),
    failed: Promise.race([member.failed, folder.failed]),
    close: async () => {
      clearInterval(lagTimer);
      await member.close();
    },
  };
}

export { AlertsMetrics, exportAlertsMetrics } from './metrics.ts';
