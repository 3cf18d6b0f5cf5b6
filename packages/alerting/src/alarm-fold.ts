import { alarmAfter, type Alarm, type AlarmStep } from '@haulwatch/domain';
import type { LiveWrite } from '@haulwatch/ports';

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
 */
export class AlarmFold {
  readonly #alarms = new Map<string, Alarm>();
  /** Ids of cleared alarms, oldest clearing first. */
  readonly #cleared = new Set<string>();
  #openCount = 0;

  /**
   * Starts from what a store holds. The order of the cleared ones is that of the telemetry that cleared them: event time
   * would forget a late alarm as soon as it is cleared.
   */
  constructor(kept: readonly Alarm[] = []) {
    for (const alarm of [...kept].sort((a, b) => a.producedAtMs - b.producedAtMs)) this.#keep(alarm);
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** Decides what a step at a position of the alarm log does. */
  fold(step: AlarmStep, position: number): FoldResult {
    const known = this.#alarms.get(step.alarmId);
    if (known !== undefined && step.seq <= known.seq) return { verdict: 'duplicate', writes: [] };
    if (known?.status === 'cleared') return { verdict: 'after-cleared', writes: [] };
    const alarm = alarmAfter(step);
    this.#keep(alarm);
    const writes: LiveWrite[] = [{ op: 'put-alarm', position, alarm }];
    if (isPushed(alarm)) {
      writes.push({ op: 'event', position, index: 0, type: step.kind, data: JSON.stringify(alarm) });
    }
    for (const alarmId of this.#evict()) writes.push({ op: 'drop-alarm', position, alarmId });
    return { verdict: 'applied', writes };
  }

  #keep(alarm: Alarm): void {
    const former = this.#alarms.get(alarm.alarmId);
    if (former?.status === 'open') this.#openCount -= 1;
    this.#alarms.set(alarm.alarmId, alarm);
    if (alarm.status === 'open') this.#openCount += 1;
    else this.#cleared.add(alarm.alarmId);
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

/** Whether people are called for it: what is told after the fact is recorded and counted, an emergency button is called out all the same. */
export function isPushed(alarm: Pick<Alarm, 'late' | 'rule'>): boolean {
  return !alarm.late || alarm.rule === 'sos';
}
