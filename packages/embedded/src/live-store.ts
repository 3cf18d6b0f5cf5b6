import type { Alarm } from '@haulwatch/domain';
import {
  eventsKept as eventsKeptOfPort,
  LiveStoreError,
  type LastFix,
  type LiveBatch,
  type LiveStore,
  type LiveWrite,
} from '@haulwatch/ports';
import { LiveStoreEvents } from './live-store-events.ts';

export type MemoryStoreOptions = {
  /** Events that are kept at least. */
  readonly eventsKept?: number;
};

/**
 * The live store in memory, for one process without Redis. It begins empty, at position -1, and is rebuilt from the log
 * at each start; within its life it keeps every promise of the port.
 */
export function openMemoryStore(options: MemoryStoreOptions = {}): LiveStore {
  const store = new MemoryStore(options.eventsKept ?? eventsKeptOfPort);
  return {
    apply: async (batch) => store.apply(batch),
    position: async () => store.position,
    alarms: async () => [...store.alarms.values()],
    openAlarms: async (limit) => [...store.open.values()].sort(newestFirst).slice(0, limit),
    openAlarmsOf: async (vehicleId) => [...(store.openOfVehicle.get(vehicleId) ?? [])].sort(newestFirst),
    openCounts: async () => Object.fromEntries(store.openCounts),
    events: (after, limit, waitMs) => store.events.read(after, limit, waitMs),
    putLastFixes: async (fixes) => store.putLastFixes(fixes),
    lastFix: async (vehicleId) => store.lastFixes.get(vehicleId),
    clear: async () => store.clear(),
    close: async () => store.events.close(),
  };
}

/** The maps behind the port. */
class MemoryStore {
  position = -1;
  readonly alarms = new Map<string, Alarm>();
  readonly open = new Map<string, Alarm>();
  readonly openOfVehicle = new Map<string, Set<Alarm>>();
  readonly openCounts = new Map<string, number>();
  readonly lastFixes = new Map<string, LastFix>();
  readonly events: LiveStoreEvents;

  constructor(eventsKept: number) {
    this.events = new LiveStoreEvents(eventsKept);
  }

  /** All or nothing: checked first, and nothing behind the check can fail. */
  apply({ after, upTo, writes }: LiveBatch): void {
    assertAscending(writes, upTo);
    if (this.position < after) {
      throw new LiveStoreError(
        'rewound',
        `The live store is at position ${this.position} of the alarm log, before ${after}, which was written already (a failover or an older copy?): start alerts anew, which fills it from its own position on.`,
        { retriable: false },
      );
    }
    for (const write of writes) if (write.position > this.position) this.#write(write);
    this.position = Math.max(this.position, upTo);
    this.events.publish();
  }

  clear(): void {
    this.position = -1;
    for (const map of [this.alarms, this.open, this.openOfVehicle, this.openCounts]) map.clear();
    this.events.clear();
  }

  putLastFixes(fixes: readonly LastFix[]): void {
    for (const fix of fixes) {
      const stored = this.lastFixes.get(fix.vehicleId);
      if (stored === undefined || fix.fixedAtMs >= stored.fixedAtMs) this.lastFixes.set(fix.vehicleId, fix);
    }
  }

  #write(write: LiveWrite): void {
    switch (write.op) {
      case 'put-alarm':
        this.#forgetOpen(write.alarm.alarmId);
        this.alarms.set(write.alarm.alarmId, write.alarm);
        if (write.alarm.status === 'open') this.#rememberOpen(write.alarm);
        break;
      case 'drop-alarm':
        this.#forgetOpen(write.alarmId);
        this.alarms.delete(write.alarmId);
        break;
      case 'event':
        this.events.append(write);
        break;
    }
  }

  #rememberOpen(alarm: Alarm): void {
    this.open.set(alarm.alarmId, alarm);
    const ofVehicle = this.openOfVehicle.get(alarm.vehicleId);
    if (ofVehicle === undefined) this.openOfVehicle.set(alarm.vehicleId, new Set([alarm]));
    else ofVehicle.add(alarm);
    this.openCounts.set(alarm.rule, (this.openCounts.get(alarm.rule) ?? 0) + 1);
  }

  #forgetOpen(alarmId: string): void {
    const alarm = this.open.get(alarmId);
    if (alarm === undefined) return;
    this.open.delete(alarmId);
    const ofVehicle = this.openOfVehicle.get(alarm.vehicleId)!;
    ofVehicle.delete(alarm);
    if (ofVehicle.size === 0) this.openOfVehicle.delete(alarm.vehicleId);
    const others = this.openCounts.get(alarm.rule)! - 1;
    if (others === 0) this.openCounts.delete(alarm.rule);
    else this.openCounts.set(alarm.rule, others);
  }
}

function newestFirst(a: Alarm, b: Alarm): number {
  return b.startedAtMs - a.startedAtMs;
}

/** A batch that runs backwards is a bug of its writer: applied, it would lose writes in silence. */
function assertAscending(writes: readonly LiveWrite[], upTo: number): void {
  let position = -1;
  let index = -1;
  for (const write of writes) {
    const sameEvents = write.op === 'event' && write.position === position;
    if (write.position < position || write.position > upTo || (sameEvents && write.index <= index)) {
      throw new LiveStoreError(
        'failed',
        `The batch of writes runs backwards at position ${write.position}. Its writer has a bug; nothing was written.`,
        { retriable: false },
      );
    }
    if (write.op === 'event') index = write.index;
    else if (write.position > position) index = -1;
    position = write.position;
  }
}
