import type { Alarm, AlarmStep, EngineCounters } from '@haulwatch/domain';
import type { LiveEvent } from '@haulwatch/ports';
import type { Folded, Sinks } from './chaos-calm.ts';
import type { LoggedStep } from './chaos-watch.ts';

export type Evidence = {
  /** Every step that a calm run over the same telemetry raises. */
  readonly calm: readonly AlarmStep[];
  /** The alarm log as it stands. */
  readonly logged: readonly LoggedStep[];
  readonly folded: Folded;
  readonly sinks: Sinks;
  /**
   * What was produced from here on was news when the live store had it, ms: it has lost nothing since then. Of what is older
   * people may not have been told, for it came out of a backlog.
   */
  readonly newsSinceMs: number;
};

export type FindingKind = 'lost' | 'doubled' | 'differing';
type Finding = { readonly kind: FindingKind; readonly alarmId: string; readonly what: string };

export type Verdict = {
  readonly alarms: number;
  readonly steps: number;
  /** Records of the alarm log that told a step again: allowed, and dropped by every sink. */
  readonly repeats: number;
  /** Steps that the calm run itself tells more than once: late stretches that were told again. Sinks take the first. */
  readonly retold: number;
  /** Alarms of crowds, which only the stage behind the log can see. */
  readonly crowds: number;
  readonly findings: readonly Finding[];
};

/**
 * Holds what a run left in log, Redis and PostgreSQL to what a calm run over the same input leaves: line by line and
 * field by field, cause and production time included, for the calm run reads the very same records.
 *
 * Crowds aside: they depend on how the partitions' steps lie in the log, which a calm run does not know. They are held to
 * the fold of the log as it stands, as everything is.
 */
export function judge({ calm, logged, folded, sinks, newsSinceMs }: Evidence): Verdict {
  const findings: Finding[] = [];
  const find = (kind: FindingKind, alarmId: string, what: string): void => void findings.push({ kind, alarmId, what });
  const first = keyed(
    logged.map(({ step }) => step),
    keyOf,
  );
  // A stretch that a terminal tells again, after other things of the past, is judged again by the calm run as well.
  const tellings = new Set([...calm, ...first.values()].map(lineOf));
  for (const { offset, step } of logged) {
    if (!tellings.has(lineOf(step)))
      find('differing', step.alarmId, `log: offset ${offset} tells seq ${step.seq} otherwise`);
  }
  const told = [...first.values()].filter(({ rule }) => rule !== 'zone-crowding');
  const wantedSteps = keyed(calm, keyOf);
  compare(
    wantedSteps,
    keyed(told, keyOf),
    ({ alarmId }) => alarmId,
    (kind, alarmId, key) => find(kind, alarmId, `log: step ${key}`),
  );
  const alarmIdOf = ({ alarmId }: Alarm): string => alarmId;
  const wanted = keyed(folded.alarms, alarmIdOf);
  const places = [
    ['Redis', sinks.redis?.alarms],
    ['PostgreSQL', sinks.postgres.alarms],
  ] as const;
  for (const [place, alarms] of places) {
    if (alarms === undefined) continue;
    noteTwice(alarms, alarmIdOf, (alarm) => find('doubled', alarm.alarmId, `${place}: alarm ${alarm.alarmId} twice`));
    compare(wanted, keyed(alarms, alarmIdOf), alarmIdOf, (kind, alarmId) =>
      find(kind, alarmId, `${place}: alarm ${alarmId}`),
    );
  }
  noteTwice(sinks.postgres.steps, keyOf, (step) =>
    find('doubled', step.alarmId, `PostgreSQL: step ${keyOf(step)} twice`),
  );
  compare(
    first,
    keyed(sinks.postgres.steps, keyOf),
    ({ alarmId }) => alarmId,
    (kind, alarmId, key) => find(kind, alarmId, `PostgreSQL: step ${key}`),
  );
  if (sinks.redis !== undefined) judgeEvents(folded, sinks.redis.events, newsSinceMs, find);
  const alarms = new Set([...first.values()].map(({ alarmId }) => alarmId)).size;
  const crowds = new Set(
    [...first.values()].filter(({ rule }) => rule === 'zone-crowding').map(({ alarmId }) => alarmId),
  );
  return {
    alarms,
    steps: first.size,
    repeats: logged.length - first.size,
    retold: calm.length - wantedSteps.size,
    crowds: crowds.size,
    findings,
  };
}

/**
 * Lines where ingest's own books, as its last commits tell them, are not those of the calm run. Re-routed rows aside: they are
 * counted by whoever sends them home, which no calm run does.
 */
export function differingBooks(calm: EngineCounters, committed: EngineCounters): string[] {
  const names = (Object.keys(calm) as (keyof EngineCounters)[]).filter((name) => name !== 'rerouted');
  return names
    .map((name) => [name, JSON.stringify(calm[name]), JSON.stringify(committed[name])] as const)
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([name, ours, theirs]) => `${name}: ${ours} in a calm run, ${theirs} in the commits`);
}

/**
 * What people's screens were sent: each step at most once, and as the log tells it. All that was news; of a backlog what was open
 * when it was over; and whoever was told of an alarm is told all of it, to its end.
 */
function judgeEvents(
  folded: Folded,
  found: readonly LiveEvent[],
  newsSinceMs: number,
  find: (kind: FindingKind, alarmId: string, what: string) => void,
): void {
  const alarmOf = ({ data }: LiveEvent): Alarm => JSON.parse(data) as Alarm;
  const told = found.map(alarmOf);
  noteTwice(told, keyOf, (alarm) => find('doubled', alarm.alarmId, `Redis: an event tells ${keyOf(alarm)} again`));
  const known = keyed(folded.events.map(alarmOf), keyOf);
  const toldByKey = keyed(told, keyOf);
  const seen = new Set(told.map(({ alarmId }) => alarmId));
  const newest = new Map(folded.alarms.map((alarm) => [alarm.alarmId, alarm]));
  const mustBeTold = ({ alarmId, seq, producedAtMs }: Alarm): boolean => {
    const last = newest.get(alarmId);
    return producedAtMs >= newsSinceMs || (last?.seq === seq && (last.status === 'open' || seen.has(alarmId)));
  };
  const wanted = [...known].filter(([key, alarm]) => toldByKey.has(key) || mustBeTold(alarm));
  compare(
    new Map(wanted),
    toldByKey,
    ({ alarmId }) => alarmId,
    (kind, alarmId, key) => find(kind, alarmId, `Redis: event of ${key}`),
  );
}

function compare<T extends object>(
  wanted: ReadonlyMap<string, T>,
  found: ReadonlyMap<string, T>,
  alarmIdOf: (it: T) => string,
  find: (kind: FindingKind, alarmId: string, key: string) => void,
): void {
  for (const [key, one] of wanted) {
    const other = found.get(key);
    if (other === undefined) find('lost', alarmIdOf(one), key);
    else if (lineOf(one) !== lineOf(other)) find('differing', alarmIdOf(one), `${key}: ${fieldsBetween(one, other)}`);
  }
  for (const [key, one] of found)
    if (!wanted.has(key)) find('doubled', alarmIdOf(one), `${key}, of which the calm run knows nothing`);
}

function noteTwice<T>(items: readonly T[], keyFor: (it: T) => string, twice: (it: T) => void): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(keyFor(item))) twice(item);
    seen.add(keyFor(item));
  }
}

/** By key; where one comes twice the first stands. */
function keyed<T>(items: readonly T[], keyFor: (it: T) => string): Map<string, T> {
  return new Map(items.toReversed().map((item) => [keyFor(item), item]));
}

function keyOf({ alarmId, seq }: { readonly alarmId: string; readonly seq: number }): string {
  return `${alarmId} ${seq}`;
}

/** All fields in one order, however the object was made. */
function lineOf(it: object): string {
  return JSON.stringify(it, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function fieldsBetween(one: object, other: object): string {
  const left = new Map(Object.entries(one));
  const right = new Map(Object.entries(other));
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names
    .filter((name) => JSON.stringify(left.get(name)) !== JSON.stringify(right.get(name)))
    .map((name) => `${name} ${JSON.stringify(left.get(name))} became ${JSON.stringify(right.get(name))}`)
    .join(', ');
}

/** An alarm's history for whoever must find out: its steps in the calm run, in the log with their offsets, and in both sinks. */
export function historyOf(alarmId: string, { calm, logged, sinks }: Evidence): string {
  const isIt = (it: { readonly alarmId: string }): boolean => it.alarmId === alarmId;
  const lines = [
    ...calm.filter(isIt).map((step) => `  calm run     ${stepLine(step)}`),
    ...logged
      .filter(({ step }) => isIt(step))
      .map(({ offset, step }) => `  log @${String(offset).padEnd(8)}${stepLine(step)}`),
    ...sinks.postgres.steps.filter(isIt).map((step) => `  PostgreSQL   ${stepLine(step)}`),
    ...sinks.postgres.alarms.filter(isIt).map((alarm) => `  PostgreSQL   ${alarm.status} at seq ${alarm.seq}`),
    ...(sinks.redis?.alarms ?? []).filter(isIt).map((alarm) => `  Redis        ${alarm.status} at seq ${alarm.seq}`),
    ...(sinks.redis?.events ?? [])
      .filter(({ data }) => data.includes(alarmId))
      .map(({ id, type }) => `  event        ${id} ${type}`),
  ];
  return [`alarm ${alarmId}`, ...lines].join('\n');
}

function stepLine(step: AlarmStep): string {
  const { seq, kind, rule, vehicleId, atMs, cause, explanation } = step;
  const from = `telemetry[${cause.partition}]@${cause.offset}.${cause.index}`;
  return `seq ${seq} ${kind} ${rule} ${vehicleId} at ${new Date(atMs).toISOString()} by ${from}: ${explanation}`;
}
