import { ruleIds, ruleSpec, type AlarmStep } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyScenarios } from './_each-rule-body.ts';
import { cargoScenarios } from './_each-rule-cargo.ts';
import { mannerScenarios } from './_each-rule-manner.ts';
import { placesScenarios } from './_each-rule-places.ts';
import { qualityScenarios } from './_each-rule-quality.ts';
import { speedScenarios } from './_each-rule-speed.ts';
import {
  alarmLater,
  alarmsAcrossGap,
  gapS,
  isStranger,
  laterBy,
  linesOf,
  seenS,
  shown,
  stepsOf,
  textOf,
  trialOf,
  type Line,
  type Scenario,
} from './_each-rule.ts';
import type { Trial } from './_trial.ts';

const scenarios = [
  ...speedScenarios,
  ...placesScenarios,
  ...bodyScenarios,
  ...cargoScenarios,
  ...mannerScenarios,
  ...qualityScenarios,
];

/** Rules that no engine tells of. */
const elsewhere = new Map([
  ['zone-crowding', 'counted where all partitions meet, from fence-enter: the alert stage has it'],
]);

const dayS = 86_400;

test('each rule of the catalogue has one scenario', () => {
  const told = scenarios.map(({ rule }) => rule);
  expect(told.toSorted()).toEqual(ruleIds.filter((rule) => !elsewhere.has(rule)).toSorted());
});

describe.each(scenarios.map((scenario) => [scenario.rule, scenario] as const))('%s', (rule, scenario) => {
  const { track, alarm, dip } = scenario;
  const lines = linesOf(track);
  const expected = stepsOf(rule, [alarm]);

  /** In one batch, and in one for each row. */
  function check(rows: readonly Line[], steps: readonly string[], laterS = 0): void {
    expect(takeAll(trialOf(scenario, laterS), rows)).toEqual(steps);
    const trial = trialOf(scenario, laterS);
    expect(rows.flatMap((row) => takeAll(trial, [row]))).toEqual(steps);
  }

  /** The same of what is told late, which is judged when no more of it comes. */
  function checkLate(rows: readonly Line[], steps: readonly string[]): void {
    expect(takeLate(trialOf(scenario), rows)).toEqual(steps);
    const trial = trialOf(scenario);
    const told = rows.flatMap((row) => takeAll(trial, [row]));
    expect([...told, ...shown(trial.settled())]).toEqual(steps);
  }

  test('raises and clears', () => {
    check(lines, expected);
  });

  test.each(scenario.never)('never: %s', (_, other) => {
    check(linesOf(other), []);
  });

  test.each(scenario.also)('also: %s', (_, other, told) => {
    check(linesOf(other), stepsOf(rule, [told]));
  });

  if (typeof dip === 'number') {
    test('a dip shorter than what clears it is not to be seen, a longer one ends the alarm', () => {
      const kept = lines.filter((line) => seenS(line) !== dip);
      expect(kept).toHaveLength(lines.length - 1);
      check(kept, expected);
      const about = alarm.about === undefined ? '' : `${alarm.about} `;
      const ended = takeAll(trialOf(scenario), dipFor(50, dip, lines)).filter((step) => step.includes('cleared'));
      expect(ended[0]).toContain(`cleared ${rule} ${about}${alarm.from}..${dip}`);
    });
  }

  test('told late: the same alarm, late, and nothing of now', () => {
    const { before, told, after } = late(scenario, lines);
    checkLate([before, after, ...told], stepsOf(rule, scenario.late?.alarms ?? [alarm], true));
  });

  if (scenario.late === undefined) {
    test('told late before any newer fix: the same alarm, late, and nothing of now', () => {
      const { before, told, after } = late(scenario, lines);
      checkLate([before, ...told, after], stepsOf(rule, [alarm], true));
    });
  }

  test('told late in any order, some of it more than once: the same alarms', () => {
    const { before, told, after } = late(scenario, lines);
    const inOrder = lateAlarms(trialOf(scenario), [before, after, ...told]);
    fc.assert(
      fc.property(anyOrder(told), fc.boolean(), (rows, restarts) => {
        const trial = trialOf(scenario);
        const all = [before, after, ...rows];
        expect(lateAlarms(trial, all, restarts)).toEqual(inOrder);
        // And all of it once more is nothing new.
        expect(lateAlarms(trial, rows, restarts)).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  test('a gap in the middle', () => {
    const { gap } = scenario;
    if (!('because' in gap)) expect(ruleSpec(rule).lastsAcrossGaps).toBe(gap.lasts === true);
    const { after } = gap;
    const parted = lines.map((line) => (seenS(line) > after ? laterBy(line, gapS) : line));
    check(parted, stepsOf(rule, alarmsAcrossGap(scenario)));
  });

  test('stamped more than 60 s ahead it is refused, and no alarm', () => {
    const own = lines.filter((line) => !isStranger(line));
    const trial = trialOf(scenario);
    expect(takeAll(trial, own.map(clockAhead))).toEqual(stepsOf(rule, scenario.clockAhead?.alarms ?? []));
    expect(trial.rejected).toEqual(own.map(() => 'clock-ahead'));
  });

  // Of which refused fixes are the condition.
  if (rule !== 'clock-skew') {
    test('right fixes between refused ones are heard', () => {
      check(
        lines.flatMap((line) => (isStranger(line) ? [line] : [line, clockAhead(line)])),
        expected,
      );
    });
  }

  test('a restart between any two fixes changes nothing', () => {
    expect(takeSlowly(trialOf(scenario), lines)).toEqual(expected);
    const { before: earlier, told, after: later } = late(scenario, lines);
    const lateLines = [earlier, later, ...told];
    const slow = trialOf(scenario);
    const slowSteps = takeSlowly(slow, lateLines);
    slow.restart();
    expect([...slowSteps, ...shown(slow.settled())]).toEqual(takeLate(trialOf(scenario), lateLines));
    // Alone, too: while it is open and nobody has been told, while it is open, and while it may be over.
    const { raised, to = raised } = alarm;
    for (const seen of [raised, raised + 1, to, to + 1]) {
      const trial = trialOf(scenario);
      const before = lines.filter((line) => seenS(line) < seen);
      const steps = takeAll(trial, before);
      trial.restart();
      expect([...steps, ...takeAll(trial, lines.slice(before.length))], `restart at ${seen}`).toEqual(expected);
    }
  });

  test('fixes that are told twice change nothing', () => {
    const twice = lines.flatMap((line) => [line, line]);
    check(twice, expected);
    const trial = trialOf(scenario);
    takeAll(trial, twice);
    expect(trial.engine.counters.duplicates).toBe(trial.engine.counters.fixes);
  });

  test('how the log is cut into batches changes nothing', () => {
    for (const size of [2, 3, 7]) {
      const trial = trialOf(scenario);
      const steps: string[] = [];
      for (let from = 0; from < lines.length; from += size) {
        steps.push(...takeAll(trial, lines.slice(from, from + size)));
      }
      expect(steps, `${size} rows each`).toEqual(expected);
    }
  });

  test('a day later the same, or a week later where it asks for the day', () => {
    const laterS = (scenario.weekly === true ? 7 : 1) * dayS;
    const moved = lines.map((line) => laterBy(line, laterS));
    check(moved, stepsOf(rule, [alarmLater(alarm, laterS)]), laterS);
  });

  if (scenario.weekly === true) {
    test('on another day nothing', () => {
      const moved = lines.map((line) => laterBy(line, dayS));
      check(moved, []);
    });
  }
});

function takeAll(trial: Trial, lines: readonly Line[]): string[] {
  return shown(trial.steps(textOf(lines)));
}

/** Then nothing comes for as long as late input is waited for. */
function takeLate(trial: Trial, lines: readonly Line[]): string[] {
  return [...takeAll(trial, lines), ...shown(trial.settled())];
}

/** Rows in some order, each at least once. */
function anyOrder(rows: readonly Line[]): fc.Arbitrary<Line[]> {
  const again = fc.subarray([...rows]);
  return again.chain((some) => {
    const all = [...rows, ...some];
    return fc.shuffledSubarray(all, { minLength: all.length });
  });
}

/**
 * What late lanes tell in full, but for the record that was the cause. An emergency is told by the press that comes first: of it
 * only how often, and when it was over.
 */
function lateAlarms(trial: Trial, rows: readonly Line[], restarts = false): object[] {
  const take = (some: readonly Line[]): AlarmStep[] => {
    if (restarts) trial.restart();
    return trial.steps(textOf(some));
  };
  const steps = [...(restarts ? rows.flatMap((row) => take([row])) : take(rows)), ...trial.settled()];
  const ofLate = steps.filter((step) => step.late);
  return ofLate.map(({ cause: _cause, producedAtMs: _at, ...step }) =>
    step.rule === 'sos' ? { kind: step.kind, level: step.level, endedAtMs: step.endedAtMs } : step,
  );
}

/** Each row in a batch of its own, taken by an engine from the snapshot of the former. */
function takeSlowly(trial: Trial, lines: readonly Line[]): string[] {
  return lines.flatMap((line) => {
    trial.restart();
    return takeAll(trial, [line]);
  });
}

/** The track whose dip lasts so long, told each 10 s. */
function dipFor(forS: number, dip: number, lines: readonly Line[]): Line[] {
  return lines.flatMap((line) => {
    if (seenS(line) < dip) return [line];
    if (seenS(line) > dip) return [laterBy(line, forS)];
    return Array.from({ length: forS / 10 }, (_, i) => laterBy(line, i * 10));
  });
}

/** Stamped 61 s more ahead of its receipt than it was. */
function clockAhead(line: Line): Line {
  return { ...line, atS: line.atS + 62, receivedS: line.receivedS ?? line.atS + 1 };
}

/**
 * The track as a report from a blind zone, and live fixes from before it and from well after it, at the places where it begins
 * and ends unless the scenario says otherwise.
 */
function late(
  { lateFrame, restsBefore }: Scenario,
  lines: readonly Line[],
): { before: Line; told: Line[]; after: Line } {
  const own = lines.filter((line) => !isStranger(line));
  const [first, last] = [own[0]!, own.at(-1)!];
  const [before, after] = lateFrame ?? [placeOf(first), placeOf(last)];
  const receivedS = last.atS + gapS + 1;
  return {
    before: { atS: first.atS - 20, words: [restsBefore === true ? '0' : '30', before] },
    told: own.map((line) => ({ ...line, words: [...line.words, 'blind'], receivedS })),
    after: { atS: last.atS + gapS, words: ['30', after] },
  };
}

function placeOf({ words }: Line): string {
  return words.find((word) => /^-?[\d.]+,-?[\d.]+$/.test(word)) ?? '0,0';
}
