import { alarmAfter, type Alarm, type AlarmStep } from '@haulwatch/domain';
import type { AlarmQuery, History } from '@haulwatch/ports';

/** The history as a map, for tests of what the API makes of it; the real one is held to its contract elsewhere. */
export class MemoryHistory implements History {
  readonly #steps = new Map<string, AlarmStep[]>();
  #position = -1;
  /** Set: every call fails with it. */
  failure: Error | undefined;

  async migrate(): Promise<void> {}
  async close(): Promise<void> {}

  async clear(): Promise<void> {
    this.#steps.clear();
    this.#position = -1;
  }

  async position(): Promise<number> {
    if (this.failure !== undefined) throw this.failure;
    return this.#position;
  }

  async apply(batch: {
    readonly upTo: number;
    readonly steps: readonly { readonly step: AlarmStep }[];
  }): Promise<void> {
    for (const { step } of batch.steps) {
      this.#steps.set(step.alarmId, [...(this.#steps.get(step.alarmId) ?? []), step]);
    }
    this.#position = batch.upTo;
  }

  async alarms(query: AlarmQuery) {
    if (this.failure !== undefined) throw this.failure;
    const { after, limit } = query;
    const found = [...this.#steps.values()]
      .flatMap((steps) => steps.slice(-1).map(alarmAfter))
      .filter((alarm) => matches(alarm, query))
      .sort(newestFirst)
      .filter((alarm) => after === undefined || newestFirst(alarm, after) > 0);
    const alarms = found.slice(0, limit);
    const last = alarms.at(-1);
    return found.length > limit && last !== undefined ? { alarms, next: last } : { alarms };
  }

  async alarm(alarmId: string) {
    const steps = this.#steps.get(alarmId);
    const last = steps?.at(-1);
    return steps === undefined || last === undefined ? undefined : { alarm: alarmAfter(last), steps };
  }
}

type Place = Pick<Alarm, 'startedAtMs' | 'alarmId'>;

function newestFirst(a: Place, b: Place): number {
  return b.startedAtMs - a.startedAtMs || (a.alarmId < b.alarmId ? -1 : Number(a.alarmId > b.alarmId));
}

function matches(alarm: Alarm, query: AlarmQuery): boolean {
  const { fromMs = 0, toMs = Infinity, levelMin = 1 } = query;
  const equal = (['status', 'rule', 'vehicleId', 'company', 'district', 'class', 'late'] as const).every(
    (field) => query[field] === undefined || query[field] === alarm[field],
  );
  return equal && alarm.startedAtMs >= fromMs && alarm.startedAtMs < toMs && alarm.level >= levelMin;
}
