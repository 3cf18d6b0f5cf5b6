import type { AlarmStep, Fence, Level, Permit, Policy, RuleId } from '@haulwatch/domain';
import { basePolicy } from './_policy.ts';
import { epochMs, Trial, type TrialOptions } from './_trial.ts';

/**
 * One alarm as a track must raise and clear it. Seconds of event time; numbers as `value>limit` in the rule's unit, absent
 * where the rule has none.
 */
export type ToldAlarm = {
  readonly from: number;
  readonly raised: number;
  readonly level: Level;
  readonly told?: string;
  readonly graver?: { readonly at: number; readonly level: Level; readonly told?: string };
  /** Absent, both: nothing that the track tells ends it. */
  readonly to?: number;
  readonly cleared?: number;
  /** The numbers at its worst, where they are not those that it was raised with. */
  readonly worst?: string;
  readonly reason?: 'gap';
  /** Fence or kind. */
  readonly about?: string;
};

/** Why a transformation makes something else of the rule's alarm, and what. */
type Otherwise = { readonly because: string; readonly alarms: readonly ToldAlarm[] };

/** Something that the rule must keep silent about, or tell, beside its main track. */
type NeverCase = readonly [why: string, track: string];
type AlsoCase = readonly [why: string, track: string, alarm: ToldAlarm];

/**
 * One rule, what it is asked in, and a track that raises and clears its alarm once, with a dip shorter than `clearAfterS` in
 * the middle. Tracks are those of `Trial`, split at `;` too, and `10..50/10 30` is a line for each 10 seconds. Rows of
 * `stranger` belong to no vehicle: they only tell the partition the time.
 */
export type Scenario = {
  readonly rule: RuleId;
  readonly class?: 'coach' | 'hazmat' | 'earthwork' | 'mixer' | 'heavy';
  readonly rules?: Policy['rules'];
  readonly policy?: Partial<Policy>;
  readonly fences?: readonly Fence[];
  readonly permits?: readonly Permit[];
  readonly track: string;
  readonly alarm: ToldAlarm;
  /** When the row of the dip is seen: without it the alarm is the same. Else why it has none that could be left out. */
  readonly dip: number | string;
  /** Just too short, too little, or somewhere else: nothing. */
  readonly never: readonly NeverCase[];
  /** At the very bounds, and by timers. */
  readonly also: readonly AlsoCase[];
  /**
   * Where nothing is heard for 200 s: whether the alarm lasts, as the catalogue must say, and its numbers at the worst; if it
   * does not, what the rest of the track raises, in its own time. Or why it is otherwise.
   */
  readonly gap: Gap | GapOtherwise;
  readonly late?: Otherwise;
  /** Where the live fixes around a late track are, if not at its own first and last places. */
  readonly lateFrame?: readonly [before: string, after: string];
  /** The live fix before a late track stands: what the vehicle has driven then counts. */
  readonly restsBefore?: true;
  /** Of the track alone, stamped more than 60 s ahead. */
  readonly clockAhead?: Otherwise;
  /** It asks for the day of the week: a day later it is silent. */
  readonly weekly?: true;
};

type Gap = { readonly after: number; readonly lasts?: true; readonly worst?: string; readonly again?: ToldAlarm };

type GapOtherwise = Otherwise & { readonly after: number };

/** One row: its seconds, the words after them, and when it was received, if told. */
export type Line = { readonly atS: number; readonly words: readonly string[]; readonly receivedS?: number };

export const gapS = 200;

/** The four times of an alarm. */
export function at(from: number, raised: number, to: number, cleared: number) {
  return { from, raised, to, cleared };
}

export function linesOf(track: string): Line[] {
  const texts = track.split(/[\n;]/).map((text) => text.trim());
  return texts.filter((text) => text !== '').flatMap(linesOfText);
}

function linesOfText(text: string): Line[] {
  const [range = '', ...all] = text.split(/\s+/);
  const words = all.filter((word) => !word.startsWith('@'));
  const receivedS = all.find((word) => word.startsWith('@'))?.slice(1);
  const [, from, to = from, step = '1'] = /^(-?\d+)(?:\.\.(-?\d+)\/(\d+))?$/.exec(range) ?? [];
  if (from === undefined) throw new Error(`'${range}' is neither seconds nor a range of them`);
  const lines: Line[] = [];
  for (let atS = Number(from); atS <= Number(to); atS += Number(step)) {
    lines.push({ atS, words, ...(receivedS === undefined ? {} : { receivedS: Number(receivedS) }) });
  }
  return lines;
}

/** The seconds at which a row shows up in its track. */
export function seenS({ atS, receivedS }: Line): number {
  return receivedS ?? atS;
}

export function isStranger({ words }: Line): boolean {
  return words.includes('stranger');
}

export function laterBy(line: Line, seconds: number): Line {
  const { atS, receivedS } = line;
  return { ...line, atS: atS + seconds, ...(receivedS === undefined ? {} : { receivedS: receivedS + seconds }) };
}

export function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ atS, words, receivedS }) =>
      [atS, ...words, ...(receivedS === undefined ? [] : [`@${receivedS}`])].join(' '),
    )
    .join('\n');
}

/** An engine for the scenario; its permits are for tracks that are so much later. */
export function trialOf(
  { class: name = 'heavy', rules = {}, policy, fences = [], permits }: Scenario,
  laterS = 0,
): Trial {
  const moved = permits?.map((permit) => ({
    ...permit,
    fromMs: permit.fromMs + laterS * 1_000,
    toMs: permit.toMs + laterS * 1_000,
  }));
  const options: TrialOptions = {
    vehicles: [{ id: 'truck', class: name, ...(moved === undefined ? {} : { permits: moved }) }],
    policy: { ...basePolicy, ...policy, rules, fences },
  };
  return new Trial(options);
}

/** What alarms look like in steps, oldest first: `40 raised overspeed since 10 L1 65>60`, `110 cleared overspeed 10..90 75>60`. */
export function stepsOf(rule: RuleId, alarms: readonly ToldAlarm[], isLate = false): string[] {
  return alarms.flatMap(({ from, raised, level, told, graver, to, cleared, worst = told, reason, about }) => {
    const name = join(rule, about, isLate ? 'late' : undefined);
    const steps = [join(raised, 'raised', name, `since ${from} L${level}`, told)];
    if (graver !== undefined) {
      steps.push(join(graver.at, 'escalated', name, `since ${from} L${graver.level}`, graver.told));
    }
    if (cleared !== undefined) steps.push(join(cleared, 'cleared', name, `${from}..${to}`, worst, reason));
    return steps;
  });
}

/** The same of steps that the engine has told. */
export function shown(steps: readonly AlarmStep[]): string[] {
  return steps.map((step) => {
    const name = join(step.rule, step.fenceId ?? step.subject, step.late ? 'late' : undefined);
    const isOver = step.endedAtMs !== undefined;
    const when = isOver
      ? `${secondsOf(step.startedAtMs)}..${secondsOf(step.endedAtMs)}`
      : `since ${secondsOf(step.startedAtMs)} L${step.level}`;
    const value = isOver ? step.peak : step.value;
    const numbers = value === undefined ? undefined : `${value}>${step.limit}`;
    const reason = step.clearReason === 'condition-over' ? undefined : step.clearReason;
    return join(secondsOf(step.atMs), step.kind, name, when, numbers, reason);
  });
}

function join(...words: readonly (string | number | undefined)[]): string {
  return words.filter((word) => word !== undefined).join(' ');
}

function secondsOf(ms: number): number {
  return (ms - epochMs) / 1_000;
}

/** An alarm whose times from a moment on, or all of them, are so much later. */
export function alarmLater(alarm: ToldAlarm, byS: number, after = -Infinity): ToldAlarm {
  const move = (atS: number): number => (atS > after ? atS + byS : atS);
  const { graver, to, cleared } = alarm;
  return {
    ...alarm,
    from: move(alarm.from),
    raised: move(alarm.raised),
    ...(graver === undefined ? {} : { graver: { ...graver, at: move(graver.at) } }),
    ...(to === undefined ? {} : { to: move(to) }),
    ...(cleared === undefined ? {} : { cleared: move(cleared) }),
  };
}

/** What a silence of `gapS` after a row makes of the alarm. */
export function alarmsAcrossGap({ track, alarm, gap }: Scenario): readonly ToldAlarm[] {
  if ('because' in gap) return gap.alarms;
  const { after, lasts, again, worst } = gap;
  if (lasts === true) {
    return [{ ...alarmLater(alarm, gapS, after), ...(worst === undefined ? {} : { worst }) }];
  }
  const next = linesOf(track).find((line) => seenS(line) > after);
  if (next === undefined) throw new Error(`nothing after ${after}`);
  const { graver, worst: _, ...rest } = alarm;
  const broken = {
    ...rest,
    ...(graver !== undefined && graver.at <= after ? { graver } : {}),
    to: after,
    cleared: seenS(next) + gapS,
    reason: 'gap' as const,
    ...(worst === undefined ? {} : { worst }),
  };
  return [broken, ...(again === undefined ? [] : [alarmLater(again, gapS)])];
}
