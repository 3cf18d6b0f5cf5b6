import { AlarmFold } from '@haulwatch/alerting';
import { decodeAlarmStep, decodeRecord, homePartition, isReject, rowsPerRecordMax } from '@haulwatch/codec';
import {
  addCounters,
  countersZero,
  FixBatch,
  type Alarm,
  type AlarmStep,
  type EngineCounters,
  type Fleet,
  type Policy,
} from '@haulwatch/domain';
import { Engine } from '@haulwatch/engine';
import type { CommittedOffset, History, LiveEvent, LiveStore, Log, LogRecord } from '@haulwatch/ports';
import { compilePolicy, type RuleSet } from '@haulwatch/rules';
import type { LoggedStep } from './chaos-watch.ts';

/** What a run left in the sinks. */
export type Sinks = {
  /** Absent: the live store was in the memory of a process that has ended. */
  readonly redis?: { readonly alarms: readonly Alarm[]; readonly events: readonly LiveEvent[] };
  readonly postgres: { readonly alarms: readonly Alarm[]; readonly steps: readonly AlarmStep[] };
};

/** What the pure fold makes of the alarm log. */
export type Folded = { readonly alarms: readonly Alarm[]; readonly events: readonly LiveEvent[] };

const readMax = 2_000;

/** One calm run: an engine a partition, from the first record of telemetry up to a position, nothing else going on. */
export class CalmRun {
  readonly steps: AlarmStep[] = [];
  counters: EngineCounters = countersZero();
  readonly #fleet: Fleet;
  readonly #rules: RuleSet;
  readonly #partitions: number;

  constructor(fleet: Fleet, policy: Policy, partitions: number) {
    this.#fleet = fleet;
    this.#rules = compilePolicy(policy);
    this.#partitions = partitions;
  }

  /** Plays one partition as it stands in the log. */
  async play(log: Log, topic: string, partition: number, end: number): Promise<void> {
    const isHome = (vehicleId: string): boolean => homePartition(vehicleId, this.#partitions) === partition;
    const engine = new Engine({ fleet: this.#fleet, rules: this.#rules, partition, isHome });
    const batch = new FixBatch(rowsPerRecordMax);
    for (let offset = 0; offset < end;) {
      const records = await log.read(topic, partition, offset, Math.min(readMax, end - offset));
      const last = records.at(-1);
      if (last === undefined) throw new Error(`${topic}[${partition}] ends at ${offset}, before ${end}`);
      for (const record of records) this.#take(engine, batch, record);
      offset = last.offset + 1;
    }
    this.counters = addCounters(this.counters, engine.counters);
  }

  /** Record by record, as simply as can be: where the input is cut must not matter. */
  #take(engine: Engine, batch: FixBatch, record: LogRecord): void {
    batch.clear();
    const decoded = decodeRecord(record, engine.vehicles, batch);
    if ('reason' in decoded) {
      engine.countReject(decoded.reason);
      return;
    }
    const steps =
      decoded.kind === 'frame' && decoded.count === 0
        ? engine.advance(decoded.receivedAtMs, record.offset, record.timestampMs)
        : engine.process(batch);
    // Steps are the engine's own only until it is asked again.
    for (const step of steps) this.steps.push(structuredClone(step));
  }
}

/** Ingest's books, summed over the partitions: they are in the metadata of its commits, zeros left out. */
export function committedBooks(commits: readonly CommittedOffset[]): EngineCounters {
  return commits
    .map(({ metadata }) => (JSON.parse(metadata) as { readonly counters: Partial<EngineCounters> }).counters)
    .reduce<EngineCounters>((sum, counters) => addCounters(sum, { ...countersZero(), ...counters }), countersZero());
}

/** The pure fold over the alarm log as it stands. */
export function foldLog(logged: readonly LoggedStep[]): Folded {
  const fold = new AlarmFold();
  const alarms = new Map<string, Alarm>();
  const events: LiveEvent[] = [];
  for (const { offset, step } of logged) {
    for (const write of fold.fold(step, offset).writes) {
      if (write.op === 'put-alarm') alarms.set(write.alarm.alarmId, write.alarm);
      else if (write.op === 'drop-alarm') alarms.delete(write.alarmId);
      else events.push({ id: eventIdOf(write), type: write.type, data: write.data });
    }
  }
  return { alarms: [...alarms.values()], events };
}

function eventIdOf({ position, index }: { readonly position: number; readonly index: number }): string {
  return `${position + 1}-${index}`;
}

/** Everything that the live store holds. */
export async function readLiveStore(store: LiveStore): Promise<NonNullable<Sinks['redis']>> {
  const events: LiveEvent[] = [];
  for (let after = '0-0'; ;) {
    const page = await store.events(after, 1_000, 0);
    if (page.gap) throw new Error(`the stream of events has a gap after ${after}`);
    events.push(...page.events);
    if (page.events.length === 0) break;
    after = page.next;
  }
  return { alarms: await store.alarms(), events };
}

/** Everything that the history holds. */
export async function readHistory(history: History): Promise<Sinks['postgres']> {
  const alarms: Alarm[] = [];
  for (let page = await history.alarms({ limit: 10_000 }); ;) {
    alarms.push(...page.alarms);
    if (page.next === undefined) break;
    page = await history.alarms({ limit: 10_000, after: page.next });
  }
  const steps: AlarmStep[] = [];
  for (const { alarmId } of alarms) steps.push(...((await history.alarm(alarmId))?.steps ?? []));
  return { alarms, steps };
}

/** The records after a position that are more than a frame which tells the time: input that nobody has taken. */
export async function untaken(log: Log, topic: string, partition: number, from: number, end: number): Promise<number> {
  if (from >= end) return 0;
  const records = await log.read(topic, partition, from, end - from);
  const batch = new FixBatch(rowsPerRecordMax);
  const nobody = { resolve: () => -1, resolveNumber: () => -1 };
  return records.filter((record) => {
    batch.clear();
    const decoded = decodeRecord(record, nobody, batch);
    return isReject(decoded) || !('count' in decoded) || decoded.count > 0;
  }).length;
}

/** The alarm log as it stands. */
export async function readAlarmLog(log: Log, topic: string): Promise<LoggedStep[]> {
  const [end = 0] = await log.endOffsets(topic);
  const logged: LoggedStep[] = [];
  for (let offset = 0; offset < end;) {
    const records = await log.read(topic, 0, offset, Math.min(readMax, end - offset));
    for (const record of records) {
      const step = decodeAlarmStep(record.value ?? new Uint8Array(0));
      if (isReject(step)) throw new Error(`${topic}@${record.offset} cannot be read: ${step.detail}`);
      logged.push({ offset: record.offset, step });
    }
    const last = records.at(-1);
    if (last === undefined) throw new Error(`${topic} ends at ${offset}, before ${end}`);
    offset = last.offset + 1;
  }
  return logged;
}
