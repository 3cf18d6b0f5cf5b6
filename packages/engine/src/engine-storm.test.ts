import type { Policy, Threshold } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { basePolicy, circle, fenceOf, settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

const number = (value: number): Threshold => ({ value, source: 'test' });

const rules = {
  ...settings('terminal-fault', {}),
  ...settings('power-cut', {}, { level: 4, tier: 'T3' }),
  ...settings('collision', {}),
};
const storms: Policy['storms'] = {
  ...basePolicy.storms,
  rules: ['terminal-fault', 'power-cut'],
  vehiclesMax: number(4),
};

/** Antenna open, antenna shorted, power lost, collision, by the bits of JT/T 808. */
const [open, shorted, cut, collision] = ['alarm5', 'alarm6', 'alarm8', 'alarm29'];

function trialOf(changes: Partial<Policy['storms']> = {}, vehicles = 20): Trial {
  const options: TrialOptions = {
    vehicles: Array.from({ length: vehicles }, (_, i) => ({ id: `v${i}`, class: 'heavy' })),
    policy: { rules, storms: { ...storms, ...changes } },
  };
  return new Trial(options);
}

/** One fix with these words of each of the vehicles `from` to before `to`, a second apart. */
function each(from: number, to: number, atS: number, words: string | undefined): string {
  return Array.from({ length: to - from }, (_, i) => `${atS + i} 20 0,0 v${from + i} ${words}`).join('\n');
}

const raised = (steps: readonly string[]): string[] => steps.filter((step) => step.includes('raised'));

/** Who was told to people, and who to nobody, each by its number. */
function toldOf(steps: readonly string[]): { told: number[]; hushed: number[] } {
  const numbers = (list: readonly string[]): number[] => list.map((step) => Number(/ v(\d+)/.exec(step)![1]));
  const isHushed = (step: string): boolean => step.includes('by storm');
  return {
    told: numbers(raised(steps).filter((step) => !isHushed(step))),
    hushed: numbers(raised(steps).filter(isHushed)),
  };
}

describe('when a storm begins', () => {
  test('up to the limit every vehicle is told, above it nobody', () => {
    const trial = trialOf();
    const steps = trial.steps(each(0, 7, 0, open));
    expect(steps.map(({ tier, suppressedBy }) => [tier, suppressedBy])).toEqual([
      ...Array.from({ length: 4 }, () => ['T1', undefined]),
      ...Array.from({ length: 3 }, () => ['T0', 'storm']),
    ]);
    expect(shortStep(steps[6]!)).toBe('6 raised terminal-fault v6 gnss-antenna-open by storm L2');
    expect(trial.engine.counters.suppressed).toEqual({ storm: 3 });
    expect(trial.engine.counters.alarmsByRule).toEqual({ 'terminal-fault': 7 });
  });

  test('one vehicle that tells it again and again is one', () => {
    const trial = trialOf();
    const again = Array.from(
      { length: 8 },
      (_, i) => `${80 * i} 20 0,0 v0 ${open}\n${80 * i + 30} 20 0,0 v0\n${80 * i + 50} 20 0,0 v0`,
    );
    expect(toldOf(trial.take(again.join('\n'))).told).toHaveLength(8);
    expect(toldOf(trial.take(each(1, 5, 610, open)))).toEqual({ told: [1, 2, 3], hushed: [4] });
  });

  test('one after another, never so many within the time, is no storm', () => {
    const slow = Array.from({ length: 20 }, (_, i) => `${151 * i} 20 0,0 v${i} ${open}`).join('\n');
    expect(toldOf(trialOf().take(slow)).hushed).toEqual([]);
    const quicker = Array.from({ length: 20 }, (_, i) => `${150 * i} 20 0,0 v${i} ${open}`).join('\n');
    expect(toldOf(trialOf().take(quicker)).told).toEqual([0, 1, 2, 3]);
  });

  test('of many vehicles it takes the per cent of those heard within a day', () => {
    const trial = trialOf({ vehiclesPercent: number(40) });
    trial.take(each(0, 20, 0, ''));
    expect(toldOf(trial.take(each(0, 10, 100, open)))).toEqual({ told: [0, 1, 2, 3, 4, 5, 6, 7], hushed: [8, 9] });
    const dayLater = trialOf({ vehiclesPercent: number(40) });
    dayLater.take(each(0, 20, 0, ''));
    expect(toldOf(dayLater.take(each(0, 10, 90_000, open)))).toEqual({
      told: [0, 1, 2, 3],
      hushed: [4, 5, 6, 7, 8, 9],
    });
  });

  test('each kind has a storm of its own, and what is not listed has none', () => {
    const trial = trialOf();
    trial.take(each(0, 7, 0, open));
    expect(toldOf(trial.take(each(7, 11, 10, shorted))).hushed).toEqual([]);
    expect(toldOf(trial.take(each(0, 20, 20, collision))).hushed).toEqual([]);
    const none = trialOf({ rules: [] });
    expect(toldOf(none.take(each(0, 20, 0, open))).hushed).toEqual([]);
  });
});

describe('when it ends', () => {
  test('at half of the limit, not at the limit', () => {
    const trial = trialOf();
    trial.take(each(0, 7, 0, open));
    // Within the time are v2 to v6 and v7; v5 to v8, as many as the limit; v7 to v9; v9 and v10, half of it.
    expect(toldOf(trial.take(`602 20 0,0 v7 ${open}`)).hushed).toEqual([7]);
    expect(toldOf(trial.take(`605 20 0,0 v8 ${open}`)).hushed).toEqual([8]);
    expect(toldOf(trial.take(`700 20 0,0 v9 ${open}`)).hushed).toEqual([9]);
    expect(toldOf(trial.take(`1300 20 0,0 v10 ${open}`))).toEqual({ told: [10], hushed: [] });
  });

  test('and then it takes as many as at first', () => {
    const trial = trialOf();
    trial.take(each(0, 7, 0, open));
    expect(toldOf(trial.take(each(7, 14, 2_000, open)))).toEqual({ told: [7, 8, 9, 10], hushed: [11, 12, 13] });
  });

  test('what was told to nobody stays so until it is over', () => {
    const trial = trialOf();
    trial.take(each(0, 7, 0, open));
    const over = trial.take('2000 20 0,0 v6 \n 2030 20 0,0 v6').filter((step) => step.includes('cleared'));
    expect(over).toEqual(['2030 cleared terminal-fault v6 gnss-antenna-open by storm 6..2000']);
  });
});

describe('what goes on after it', () => {
  /** The same fault where somebody must answer to it. */
  const graver = { policy: { rules: settings('terminal-fault', {}, { tier: 'T2' }), storms } };
  const vehicles = Array.from({ length: 20 }, (_, i) => ({ id: `v${i}`, class: 'heavy' as const }));
  const inStorm = (): Trial => {
    const trial = new Trial({ ...graver, vehicles });
    trial.take(each(0, 10, 0, open));
    return trial;
  };

  test('is told, once, where somebody must answer to it', () => {
    const trial = inStorm();
    // Within ten minutes are v3 to v9, v8 and v9 (half of the limit), v9.
    expect(trial.take(`603 20 0,0 v7 ${open}`)).toEqual([]);
    expect(trial.take(`607 20 0,0 v7 ${open}`)).toEqual([]);
    const told = trial.steps(`608 20 0,0 v7 ${open} \n 620 20 0,0 v7 ${open}`);
    expect(told.map((step) => [shortStep(step), step.tier])).toEqual([
      ['608 escalated terminal-fault v7 gnss-antenna-open L2', 'T2'],
    ]);
    expect(trial.take('640 20 0,0 v7 \n 660 20 0,0 v7')).toEqual([
      '660 cleared terminal-fault v7 gnss-antenna-open 7..640',
    ]);
  });

  test('is told of no more vehicles than the limit at once: more of them are a storm again', () => {
    const trial = inStorm();
    const numbersOf = (steps: readonly string[]): string[] =>
      steps.map((step) => step.replace(/ (\w+) .*(v\d+) .*/, ' $1 $2'));
    expect(numbersOf(trial.take(each(4, 10, 1_000, open)))).toEqual(
      [4, 5, 6, 7].map((v) => `${996 + v} escalated v${v}`),
    );
    expect(numbersOf(trial.take(each(4, 10, 1_300, open)))).toEqual([]);
    expect(toldOf(trial.take(`1400 20 0,0 v12 ${open}`))).toEqual({ told: [], hushed: [12] });
    expect(numbersOf(trial.take(each(8, 10, 2_100, open)))).toEqual(['2100 escalated v8', '2101 escalated v9']);
  });

  test('is not told where it has ended, or nobody has to answer to it', () => {
    const trial = inStorm();
    expect(trial.take('1000 20 0,0 v7 \n 1001 20 0,0 v7')).toEqual([]);
    const mild = trialOf();
    mild.take(each(0, 10, 0, open));
    expect(mild.take(each(4, 10, 1_000, open))).toEqual([]);
  });

  test('restarts change nothing', () => {
    const trial = inStorm();
    const found = each(4, 10, 1_000, open)
      .split('\n')
      .flatMap((line) => {
        trial.restart();
        return trial.take(line);
      });
    expect(found).toEqual(inStorm().take(each(4, 10, 1_000, open)));
    expect(found).toHaveLength(4);
  });

  test('by the partition’s time where the vehicles are silent', () => {
    const offline = settings('offline', { movingS: 300, parkedS: 600 }, { tier: 'T2' });
    const trial = new Trial({ vehicles, policy: { rules: offline, storms: { ...storms, rules: ['offline'] } } });
    trial.take(`${each(0, 7, 0, '')}\n${each(0, 7, 40, '')}`);
    expect(toldOf(trial.advance(400))).toEqual({ told: [0, 1, 2, 3], hushed: [4, 5, 6] });
    expect(trial.advance(1_000)).toEqual([]);
    trial.restart();
    expect(trial.advance(1_010)).toEqual([4, 5, 6].map((v) => `1010 escalated offline v${v} 16>5 L2`));
    expect(trial.advance(1_020)).toEqual([]);
  });
});

describe('who is spared', () => {
  test('what becomes so grave that it calls an operator', () => {
    const trial = trialOf();
    const graver = { when: { fences: ['yard'] }, level: 4, tier: 'T3' } as const;
    trial.setPolicy({
      fences: [fenceOf('yard', circle(5, 0, 100), { uses: ['enter'] })],
      rules: settings('terminal-fault', {}, { cases: [graver] }),
    });
    trial.take(each(0, 7, 0, open));
    const steps = trial.steps(`30 20 5,0 v6 ${open} \n 60 20 5,0 v6 \n 90 20 5,0 v6`);
    expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
      ['30 escalated terminal-fault v6 gnss-antenna-open L4', 'T3'],
      ['90 cleared terminal-fault v6 gnss-antenna-open 6..60', 'T3'],
    ]);
  });

  test('what calls an operator counts, and calls them each time', () => {
    const trial = trialOf();
    const steps = trial.steps(each(0, 9, 0, cut)).filter(({ kind }) => kind === 'raised');
    expect(steps.map(({ tier, suppressedBy }) => [tier, suppressedBy])).toEqual(
      Array.from({ length: 9 }, () => ['T3', undefined]),
    );
    const mild = { ...rules, ...settings('power-cut', {}) };
    trial.setPolicy({ rules: mild });
    expect(toldOf(trial.take(each(9, 11, 20, cut))).hushed).toEqual([9, 10]);
  });

  test('the emergency button, in the middle of a storm', () => {
    const trial = trialOf();
    const steps = trial.steps(each(0, 9, 0, `${open} sos`)).filter(({ rule }) => rule === 'sos');
    expect(steps.map(({ tier, suppressedBy }) => [tier, suppressedBy])).toEqual(
      Array.from({ length: 9 }, () => ['T3', undefined]),
    );
  });

  test('what is told late neither counts nor is hushed', () => {
    const trial = trialOf();
    trial.take(each(0, 20, 10_000, ''));
    expect(raised(trial.takeSettled(each(0, 9, 5_000, open)))).toHaveLength(9);
    expect(trial.engine.counters.suppressed).toEqual({});
    expect(toldOf(trial.take(each(0, 5, 10_030, open)))).toEqual({ told: [0, 1, 2, 3], hushed: [4] });
    expect(toldOf(trial.takeSettled(each(9, 11, 5_000, open))).told).toEqual([9, 10]);
  });
});

test('vehicles that fall silent together: the partition’s time alone raises them', () => {
  const trial = new Trial({
    vehicles: Array.from({ length: 12 }, (_, i) => ({ id: `v${i}`, class: 'heavy' })),
    policy: { rules: settings('offline', { movingS: 300, parkedS: 600 }), storms: { ...storms, rules: ['offline'] } },
  });
  trial.take(`${each(0, 12, 0, '')}\n${each(0, 12, 40, '')}`);
  const steps = trial.advance(1_000);
  expect(toldOf(steps)).toEqual({ told: [0, 1, 2, 3], hushed: [4, 5, 6, 7, 8, 9, 10, 11] });
});

describe('it is a matter of the log alone', () => {
  const table = [each(0, 7, 0, open), each(7, 9, 400, open), each(9, 20, 1_700, open)].join('\n');
  const whole = trialOf();
  const steps = whole.take(table);

  test('restarts in the middle change nothing', () => {
    const trial = trialOf();
    const found = table.split('\n').flatMap((line) => {
      trial.restart();
      return trial.take(line);
    });
    expect(found).toEqual(steps);
    expect(toldOf(found).hushed).toEqual([4, 5, 6, 7, 8, 13, 14, 15, 16, 17, 18, 19]);
    expect(trial.engine.counters).toEqual(whole.engine.counters);
  });

  test('nor does a restart of what it restarted from', () => {
    const trial = trialOf();
    trial.take(each(0, 7, 0, open));
    const snapshot = trial.engine.snapshot();
    trial.restart();
    expect(trial.engine.snapshot()).toEqual(snapshot);
    expect((JSON.parse(snapshot.header) as { heardVehicles: number }).heardVehicles).toBe(0);
  });
});

test('a new policy in the middle: another limit holds from the next alarm on, a rule that is not listed is told', () => {
  const trial = trialOf();
  trial.take(each(0, 7, 0, open));
  trial.setPolicy({ storms: { ...storms, vehiclesMax: number(20) } });
  expect(toldOf(trial.take(`10 20 0,0 v7 ${open}`))).toEqual({ told: [7], hushed: [] });
  trial.setPolicy({ storms: { ...storms, vehiclesMax: number(3) } });
  expect(toldOf(trial.take(`11 20 0,0 v8 ${open}`))).toEqual({ told: [], hushed: [8] });
  trial.setPolicy({ storms: { ...storms, rules: ['offline'] } });
  expect(toldOf(trial.take(`12 20 0,0 v9 ${open}`))).toEqual({ told: [9], hushed: [] });
});
