import { alarmAfter, type Alarm, type AlarmStep } from '@haulwatch/domain';
import type { KeptAlarm, LiveWrite } from '@haulwatch/ports';

/** Why the fold took a step, or did not. */
export type FoldVerdict =
  | 'applied'
  /** The alarm has this step, or a later one: a replay. */
  | 'duplicate'
  /** The alarm was cleared; nothing of the engine opens it again. */
  | 'after-cleared';

export type FoldResult = { readonly verdict: FoldVerdict; readonly writes: readonly LiveWrite[] };

/** Cleared alarms that are remembered, so that a replayed step of one is known: an hour of a storm of 25 alarms/s. */
export const clearedKeptMax = 100_000;

/**
 * The fold of the alarm log: decides, once and for all stores, what each record does to the alarms. Pure: the same
 * records give the same decisions, so that any store can be rebuilt from the log. It keeps every open alarm and the
 * newest `clearedKeptMax` cleared ones.
 *
 * A step that was lost in between is no reason to wait: each step tells the whole alarm, the newest `seq` wins.
 *
 * A backlog, after an outage or when a store is filled anew, is not pushed as if it were now: of its alarms people are told
 * those that are still open when it is over (`tellUntold`). What they were told of is cleared before their eyes at once.
 */
export class AlarmFold {
  readonly #alarms = new Map<string, KeptAlarm>();
  /** Ids of cleared alarms, oldest clearing first. */
  readonly #cleared = new Set<string>();
  /** Ids of open alarms of which people are to be told when the backlog is over. */
  readonly #untold = new Set<string>();
  #openCount = 0;

  /**
   * Starts from what a store holds. The order of the cleared ones is that of the telemetry that cleared them: event time
   * would forget a late alarm as soon as it is cleared.
   */
  constructor(kept: readonly KeptAlarm[] = []) {
    for (const alarm of [...kept].sort((a, b) => a.producedAtMs - b.producedAtMs)) this.#keep(alarm);
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** Whether people are to be told of something when the backlog is over. */
  get hasUntold(): boolean {
    return this.#untold.size > 0;
  }

  /** Decides what a step at a position of the alarm log does. @param isOld it has waited: it is part of a backlog. */
  fold(step: AlarmStep, position: number, isOld = false): FoldResult {
    const known = this.#alarms.get(step.alarmId);
    if (known !== undefined && step.seq <= known.seq) return { verdict: 'duplicate', writes: [] };
    if (known?.status === 'cleared') return { verdict: 'after-cleared', writes: [] };
    const alarm = alarmAfter(step);
    const untold = isOld ? untoldAfter(known, step) : undefined;
    const kept = untold === undefined ? alarm : { ...alarm, untold };
    this.#keep(kept);
    const writes: LiveWrite[] = [{ op: 'put-alarm', position, alarm: kept }];
    const isNeverSeen = isOld && step.kind === 'cleared' && (known === undefined || known.untold === 'raised');
    if (isPushed(alarm) && untold === undefined && (!isNeverSeen || alarm.rule === 'sos')) {
      writes.push({ op: 'event', position, index: 0, type: step.kind, data: JSON.stringify(alarm) });
    }
    for (const alarmId of this.#evict()) writes.push({ op: 'drop-alarm', position, alarmId });
    return { verdict: 'applied', writes };
  }

  /** The backlog is over: tells of what is still open of it. @param position the newest that was folded. */
  tellUntold(position: number): LiveWrite[] {
    const writes: LiveWrite[] = [];
    let index = 0;
    for (const alarmId of this.#untold) {
      const { untold, ...alarm } = this.#alarms.get(alarmId)!;
      index += 1;
      this.#alarms.set(alarmId, alarm);
      writes.push(
        { op: 'put-alarm', position, alarm },
        { op: 'event', position, index, type: untold!, data: JSON.stringify(alarm) },
      );
    }
    this.#untold.clear();
    return writes;
  }

  #keep(alarm: KeptAlarm): void {
    const former = this.#alarms.get(alarm.alarmId);
    if (former?.status === 'open') this.#openCount -= 1;
    this.#alarms.set(alarm.alarmId, alarm);
    if (alarm.status === 'open') this.#openCount += 1;
    else this.#cleared.add(alarm.alarmId);
    if (alarm.untold === undefined) this.#untold.delete(alarm.alarmId);
    else this.#untold.add(alarm.alarmId);
  }

  /** Forgets the longest cleared alarms beyond what is kept. */
  #evict(): string[] {
    const dropped: string[] = [];
    for (const alarmId of this.#cleared) {
      if (this.#cleared.size <= clearedKeptMax) break;
      this.#cleared.delete(alarmId);
      this.#alarms.delete(alarmId);
      dropped.push(alarmId);
    }
    return dropped;
  }
}

/** What is to be told of an alarm after a step out of a backlog; undefined: nothing, or it is told at once. An emergency never waits. */
function untoldAfter(known: KeptAlarm | undefined, step: AlarmStep): KeptAlarm['untold'] {
  if (step.kind === 'cleared' || step.rule === 'sos' || !isPushed(step)) return undefined;
  return known === undefined || known.untold === 'raised' ? 'raised' : 'escalated';
}

/** Whether people are called for it: what is told after the fact is recorded and counted, an emergency button is called out all the same. */
export function isPushed(alarm: Pick<Alarm, 'late' | 'rule'>): boolean {
  return !alarm.late || alarm.rule === 'sos';
}
