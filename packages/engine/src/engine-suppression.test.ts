import { describe, expect, test } from 'vitest';
import { basePolicy, circle, fenceOf, settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

const zone = fenceOf('zone', circle(0, 0, 2_000), { prohibited: true });
const source = 'test';
const hazmat: TrialOptions = {
  vehicles: [{ id: 'truck', class: 'hazmat' }],
  policy: { fences: [zone], rules: settings('overspeed-warning', { belowKph: 5 }) },
};

describe('a graver alarm of the vehicle', () => {
  test('a no-go zone outranks speeding in it: recorded and counted, nobody is called', () => {
    const trial = new Trial(hazmat);
    const steps = trial.steps(
      '0 40 0,0 \n 30 40 1,0 \n 60 70 2,0 \n 90 70 3,0 \n 100 75 4,0 \n 120 40 5,0 \n 140 40 5,0',
    );
    expect(steps.map(shortStep)).toEqual([
      '30 raised prohibited-zone zone L3',
      '90 raised overspeed by prohibited-zone 70>60 L2',
      '100 escalated overspeed by prohibited-zone 75>60 L3',
      '140 cleared overspeed by prohibited-zone 60..120 75>60',
    ]);
    expect(steps.map(({ tier }) => tier)).toEqual(['T2', 'T0', 'T0', 'T0']);
    expect(trial.engine.counters.suppressed).toEqual({ 'prohibited-zone': 1 });
    expect(trial.engine.counters.alarmsRaised).toBe(2);
  });

  test('so does it the warning of speed', () => {
    expect(new Trial(hazmat).take('0 40 0,0 \n 30 40 1,0 \n 60 58 2,0')).toEqual([
      '30 raised prohibited-zone zone L3',
      '60 raised overspeed-warning by prohibited-zone 58>60 L2',
    ]);
  });

  test('speeding that calls more people than the zone is told, from the start or once it does', () => {
    const trial = new Trial(hazmat);
    const steps = trial.steps('0 40 0,0 \n 30 70 1,0 \n 60 70 2,0 \n 70 90 3,0 \n 90 40 4,0 \n 110 40 4,0');
    expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
      ['30 raised prohibited-zone zone L3', 'T2'],
      ['60 raised overspeed by prohibited-zone 70>60 L2', 'T0'],
      ['70 escalated overspeed 90>60 L4', 'T3'],
      ['110 cleared overspeed 30..90 90>60', 'T3'],
    ]);
    const mild = { ...hazmat, policy: { ...hazmat.policy, fences: [{ ...zone, tier: 'T1' as const }] } };
    expect(new Trial(mild).take('0 40 0,0 \n 30 75 1,0 \n 60 75 2,0')).toEqual([
      '30 raised prohibited-zone zone L3',
      '60 raised overspeed 75>60 L3',
    ]);
  });

  test('a zone that nobody is told of outranks nothing', () => {
    const flapping = { raisedMax: { value: 1, source }, withinS: { value: 3_600, source } };
    const trial = new Trial({ ...hazmat, policy: { ...hazmat.policy, flapping } });
    trial.take('0 40 0,0 \n 30 40 0,0 \n 60 40 40,0 \n 80 40 40,0');
    expect(trial.take('110 40 0,0 \n 140 75 0,0 \n 170 75 0,0')).toEqual([
      '140 raised prohibited-zone zone by flapping L3',
      '170 raised overspeed 75>60 L3',
    ]);
  });

  test('speeding that was told too often stays hushed for that, in a zone, too', () => {
    const flapping = { raisedMax: { value: 1, source }, withinS: { value: 3_600, source } };
    const trial = new Trial({ ...hazmat, policy: { ...hazmat.policy, flapping } });
    trial.take('0 70 80,0 \n 30 70 80,0 \n 60 40 80,0 \n 80 40 80,0');
    expect(trial.take('110 40 0,0 \n 140 70 0,0 \n 170 70 0,0')).toEqual([
      '140 raised prohibited-zone zone L3',
      '170 raised overspeed by flapping 70>60 L2',
    ]);
  });

  test('what was told before the zone goes on as it was, what comes after it is told', () => {
    const trial = new Trial(hazmat);
    const steps = trial.steps('0 70 40,0 \n 30 70 35,0 \n 60 70 10,0 \n 90 70 3,0 \n 100 95 2,0');
    expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
      ['30 raised overspeed 70>60 L2', 'T1'],
      ['90 raised prohibited-zone zone L3', 'T2'],
      ['100 escalated overspeed 95>60 L4', 'T3'],
    ]);
    const after = new Trial(hazmat);
    after.take('0 40 0,0 \n 30 40 1,0 \n 60 40 40,0 \n 80 40 42,0');
    expect(after.take('90 70 43,0 \n 120 70 49,0')).toEqual(['120 raised overspeed 70>60 L2']);
  });

  test('once the zone is left the speeding in it that goes on is told, at its own tier and once', () => {
    const trial = new Trial(hazmat);
    const track = '0 75 0,0 \n 30 75 1,0 \n 60 70 40,0 \n 80 70 42,0 \n 90 70 43,0 \n 100 95 44,0 \n 120 40 45,0';
    const steps = trial.steps(`${track} \n 140 40 46,0`);
    expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
      ['30 raised prohibited-zone zone L3', 'T2'],
      ['30 raised overspeed by prohibited-zone 75>60 L3', 'T0'],
      ['80 cleared prohibited-zone zone 0..60', 'T2'],
      ['80 escalated overspeed 70>60 L3', 'T2'],
      ['100 escalated overspeed 95>60 L4', 'T3'],
      ['140 cleared overspeed 0..120 95>60', 'T3'],
    ]);
    expect(trial.engine.counters.suppressed).toEqual({ 'prohibited-zone': 1 });
  });

  test('so is the warning, and a restart on the way changes nothing', () => {
    const trial = new Trial(hazmat);
    trial.take('0 40 0,0 \n 30 40 1,0 \n 60 58 2,0 \n 70 58 40,0');
    trial.restart();
    expect(trial.take('90 58 42,0 \n 100 58 43,0')).toEqual([
      '90 cleared prohibited-zone zone 0..70',
      '90 escalated overspeed-warning 58>60 L2',
    ]);
  });

  test('nobody is called for speeding that is over before the zone is, or has paused when it ends', () => {
    const over = new Trial(hazmat);
    const steps = over.take('0 70 0,0 \n 30 70 1,0 \n 60 40 2,0 \n 80 40 3,0 \n 90 40 40,0 \n 110 40 40,0');
    expect(steps.filter((step) => step.includes('overspeed '))).toEqual([
      '30 raised overspeed by prohibited-zone 70>60 L2',
      '80 cleared overspeed by prohibited-zone 0..60 70>60',
    ]);
    const paused = new Trial(hazmat);
    paused.take('0 70 0,0 \n 30 70 1,0 \n 60 70 40,0 \n 70 57 41,0');
    const later = paused.take('80 57 42,0 \n 90 57 43,0 \n 100 65 44,0');
    expect(later.filter((step) => step.includes('overspeed '))).toEqual(['100 escalated overspeed 65>60 L2']);
  });

  test('two zones hush until the last of them is over', () => {
    const wide = fenceOf('wide', circle(0, 0, 8_000), { prohibited: true });
    const trial = new Trial({ ...hazmat, policy: { ...hazmat.policy, fences: [zone, wide] } });
    trial.take('0 70 0,0 \n 30 70 1,0');
    expect(trial.take('60 70 40,0 \n 80 70 42,0 \n 100 70 200,0 \n 120 70 203,0')).toEqual([
      '80 cleared prohibited-zone zone 0..60',
      '120 cleared prohibited-zone wide 0..100',
      '120 escalated overspeed 70>60 L2',
    ]);
  });

  test('a zone that is switched off or withdrawn under the vehicle hushes no more', () => {
    const off = [
      { when: { hours: [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1, toMinute: 60 }] }, off: true as const },
    ];
    const cased = { ...hazmat.policy, prohibitedZone: { ...basePolicy.prohibitedZone, cases: off } };
    const trial = new Trial({ ...hazmat, policy: cased });
    trial.take('0 70 0,0 \n 30 70 1,0');
    expect(trial.take('60 70 2,0 \n 80 70 3,0 \n 90 70 3,0')).toEqual([
      '80 cleared prohibited-zone zone 0..60',
      '80 escalated overspeed 70>60 L2',
    ]);
    const dropped = new Trial(hazmat);
    dropped.take('0 70 0,0 \n 30 70 1,0');
    dropped.setPolicy({ ...hazmat.policy, fences: [] });
    expect(dropped.take('60 70 2,0')).toEqual([
      '60 cleared prohibited-zone zone 0..30 rule-withdrawn',
      '60 escalated overspeed 70>60 L2',
    ]);
  });

  test('a zone that is not told yet outranks nothing, other rules it never does', () => {
    expect(new Trial(hazmat).take('0 70 80,0 \n 20 70 19,0 \n 30 70 15,0')).toEqual(['30 raised overspeed 70>60 L2']);
    const gas = new Trial({
      ...hazmat,
      policy: { fences: [zone], rules: settings('cargo-pressure', { maxKpa: 300 }) },
    });
    expect(gas.take('0 40 0,0 \n 30 40 1,0 pressure=400')).toEqual([
      '30 raised prohibited-zone zone L3',
      '30 raised cargo-pressure 400>300 L2',
    ]);
  });

  test('a zone of the late lane outranks its own speeding, not the live one’s', () => {
    const trial = new Trial(hazmat);
    trial.take('0 40 80,0 \n 1000 70 80,0');
    expect(trial.takeSettled('400 70 0,0 \n 430 70 1,0')).toEqual([
      '430 raised prohibited-zone late zone L3',
      '430 raised overspeed late by prohibited-zone 70>60 L2',
    ]);
    expect(trial.take('1030 70 81,0')).toEqual(['1030 raised overspeed 70>60 L2']);
  });

  test('a restart in the middle keeps who outranks whom', () => {
    const trial = new Trial(hazmat);
    trial.take('0 40 0,0 \n 30 40 1,0 \n 60 70 2,0');
    trial.restart();
    expect(trial.take('90 70 3,0')).toEqual(['90 raised overspeed by prohibited-zone 70>60 L2']);
    expect(trial.engine.counters.suppressed).toEqual({ 'prohibited-zone': 1 });
  });
});

describe('an alarm that comes again and again', () => {
  const flapping = { raisedMax: { value: 6, source }, withinS: { value: 3_600, source } };
  const rules = { ...settings('collision', {}), ...settings('dsm', {}), ...settings('adas', {}) };
  const options: TrialOptions = { policy: { ...basePolicy, rules, flapping } };

  /** Raised at each `everyS`, over 30 s later. */
  function again(times: number, everyS: number, words: string, fromS = 0): string {
    return Array.from({ length: times }, (_, i) => {
      const atS = fromS + i * everyS;
      return `${atS} 20 ${atS / 100},0 ${words} \n ${atS + 30} 20 ${atS / 100 + 0.3},0 \n ${atS + 50} 20 ${atS / 100 + 0.5},0`;
    }).join('\n');
  }

  const raised = (steps: readonly string[]): string[] => steps.filter((step) => step.includes('raised'));

  test('the seventh within an hour is recorded and nobody is called', () => {
    const trial = new Trial(options);
    const steps = trial.steps(again(8, 80, 'alarm29')).filter(({ kind }) => kind === 'raised');
    expect(steps.map(({ tier, suppressedBy }) => [tier, suppressedBy])).toEqual([
      ...Array.from({ length: 6 }, () => ['T1', undefined]),
      ['T0', 'flapping'],
      ['T0', 'flapping'],
    ]);
    expect(trial.engine.counters.suppressed).toEqual({ flapping: 2 });
    expect(trial.engine.counters.alarmsByRule).toEqual({ collision: 8 });
  });

  test('six within an hour are six, and an hour after the first it counts anew', () => {
    expect(raised(new Trial(options).take(again(6, 80, 'alarm29'))).join()).not.toContain('flapping');
    const trial = new Trial(options);
    trial.take(again(6, 80, 'alarm29'));
    expect(raised(trial.take(again(1, 80, 'alarm29', 3_600)))).toEqual(['3600 raised collision by flapping L2']);
    const later = new Trial(options);
    later.take(again(6, 80, 'alarm29'));
    expect(raised(later.take(again(1, 80, 'alarm29', 3_601)))).toEqual(['3601 raised collision L2']);
  });

  test('what gets worse is hushed all the same, until it calls an operator', () => {
    const once = { raisedMax: { value: 1, source }, withinS: { value: 3_600, source } };
    const trial = new Trial({ policy: { flapping: once } });
    trial.take('0 62 0,0 \n 30 62 0,0 \n 40 20 0,0 \n 60 20 0,0');
    const steps = trial.steps('100 62 0,0 \n 130 62 0,0 \n 140 68 0,0 \n 150 75 0,0 \n 160 95 0,0');
    expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
      ['130 raised overspeed by flapping 62>60 L1', 'T0'],
      ['140 escalated overspeed by flapping 68>60 L2', 'T0'],
      ['150 escalated overspeed by flapping 75>60 L3', 'T0'],
      ['160 escalated overspeed 95>60 L4', 'T3'],
    ]);
  });

  describe('and goes on after the time', () => {
    const once = { raisedMax: { value: 1, source }, withinS: { value: 600, source } };
    const faults = { ...settings('terminal-fault', {}, { tier: 'T2' }), ...settings('collision', {}) };
    const twice = (words: string): Trial => {
      const trial = new Trial({ policy: { flapping: once, rules: faults } });
      trial.take(`0 20 0,0 ${words} \n 20 20 0,0 \n 40 20 0,0 \n 80 20 0,0 ${words}`);
      return trial;
    };

    test('is told, once, where somebody must answer to it', () => {
      const steps = twice('alarm5').steps('600 20 0,0 alarm5 \n 601 20 0,0 alarm5 \n 620 20 0,0 alarm5');
      expect(steps.map((step) => [shortStep(step), step.tier])).toEqual([
        ['601 escalated terminal-fault gnss-antenna-open L2', 'T2'],
      ]);
    });

    test('is not told where it is over by then, or nobody must answer to it', () => {
      expect(twice('alarm5').take('600 20 0,0 \n 601 20 0,0 \n 620 20 0,0')).toEqual([
        '620 cleared terminal-fault gnss-antenna-open by flapping 80..600',
      ]);
      expect(twice('alarm29').take('601 20 0,0 alarm29')).toEqual([]);
    });

    test('is told of speeding, too, and a zone that people know of hushes it still', () => {
      const speeding = new Trial({ policy: { flapping: once } });
      speeding.take('0 75 80,0 \n 30 75 80,0 \n 60 40 80,0 \n 80 40 80,0 \n 110 75 80,0 \n 140 75 80,0');
      speeding.restart();
      expect(speeding.take(every60(200, 680, '75 80,0'))).toEqual(['680 escalated overspeed 75>60 L3']);
      const zoned = new Trial({ policy: { flapping: once, fences: [zone] } });
      zoned.take('0 75 80,0 \n 30 75 80,0 \n 60 40 80,0 \n 80 40 80,0 \n 110 75 80,0 \n 140 75 80,0');
      expect(zoned.take(`${every60(200, 800, '75 0,0')} \n 810 75 80,0 \n 830 75 80,0`)).toEqual([
        '260 raised prohibited-zone zone L3',
        '830 cleared prohibited-zone zone 200..810',
        '830 escalated overspeed 75>60 L3',
      ]);
    });
  });

  test('each kind, each rule and each vehicle has a count of its own', () => {
    const trial = new Trial({
      ...options,
      vehicles: [
        { id: 'truck', class: 'heavy' },
        { id: 'other', class: 'heavy' },
      ],
    });
    trial.take(again(6, 80, 'event=6502/1'));
    expect(raised(trial.take(again(1, 80, 'event=6503/1 event=6401/1', 600)))).toEqual([
      '600 raised adas 6401 L2',
      '600 raised dsm 6503 L2',
    ]);
    expect(trial.take('700 20 0,0 other event=6502/1')).toEqual(['700 raised dsm other 6502 L2']);
    expect(trial.take('700 20 8,0 event=6502/1')).toEqual(['700 raised dsm 6502 by flapping L2']);
  });

  test('a restart does not forget how often', () => {
    const trial = new Trial(options);
    trial.take(again(6, 80, 'alarm29'));
    trial.restart();
    expect(trial.take('600 20 8,0 alarm29')).toEqual(['600 raised collision by flapping L2']);
  });

  test('what is told late has a count of its own', () => {
    const trial = new Trial(options);
    trial.take(again(6, 80, 'alarm29'));
    trial.take('2000 20 9,0 \n 2010 20 9,0');
    expect(trial.takeSettled('1000 20 9,0 alarm29')).toEqual(['1000 raised collision late L2']);
  });

  test('the emergency button never, however often', () => {
    const trial = new Trial(options);
    const steps = trial.steps(again(10, 80, 'sos')).filter(({ kind }) => kind === 'raised');
    expect(steps).toHaveLength(10);
    expect(steps.every(({ tier, suppressedBy }) => tier === 'T3' && suppressedBy === undefined)).toBe(true);
    expect(trial.engine.counters.suppressed).toEqual({});
  });
});

/** A fix every minute from one to the other. */
function every60(fromS: number, toS: number, rest: string): string {
  const count = Math.floor((toS - fromS) / 60) + 1;
  return Array.from({ length: count }, (_, i) => `${fromS + 60 * i} ${rest}`).join('\n');
}

test('a press in a no-go zone is called out', () => {
  const trial = new Trial(hazmat);
  const steps = trial.steps('0 70 0,0 \n 30 70 1,0 \n 40 70 2,0 sos').filter(({ rule }) => rule === 'sos');
  expect(steps).toMatchObject([{ kind: 'raised', tier: 'T3', level: 4 }]);
  expect(steps[0]?.suppressedBy).toBeUndefined();
});
