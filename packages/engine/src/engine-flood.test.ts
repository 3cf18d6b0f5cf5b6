import type { AlarmStep, Policy } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

const source = 'test';
const rules = {
  ...settings('collision', {}),
  ...settings('dsm', {}, { cases: [{ when: { subjects: ['6501'] }, tier: 'T3' }] }),
  ...settings('tpms', {}, { tier: 'T0' }),
  ...settings('terminal-fault', {}, { tier: 'T2' }),
};
const options: TrialOptions = { policy: { rules, flood: floodOf(3) } };

function floodOf(toldMax: number): Policy['flood'] {
  return { toldMax: { value: toldMax, source }, withinS: { value: 60, source } };
}

/** A trial with another limit, that has been told something. */
function trialAt(toldMax: number, rows: string, policy: Partial<Policy> = {}): Trial {
  const trial = new Trial({ policy: { ...options.policy, flood: floodOf(toldMax), ...policy } });
  trial.take(rows);
  return trial;
}

/** Steps with whom they call; what is over aside. */
function told(steps: readonly AlarmStep[]): string[] {
  return steps.filter(({ kind }) => kind !== 'cleared').map((step) => `${shortStep(step)} ${step.tier}`);
}

test('a vehicle is heard up to the limit, whatever the rules and kinds; the rest is recorded, counted, and says why', () => {
  const trial = new Trial(options);
  expect(
    told(trial.steps('0 20 0,0 alarm29 event=6502/1 event=6503/1 \n 20 20 0,0 event=6504/1 event=6505/1')),
  ).toEqual([
    '0 raised collision L2 T1',
    '0 raised dsm 6502 L2 T1',
    '0 raised dsm 6503 L2 T1',
    '20 raised dsm 6504 by flood L2 T0',
    '20 raised dsm 6505 by flood L2 T0',
  ]);
  expect(trial.engine.counters.suppressed).toEqual({ flood: 2 });
  expect(trial.engine.counters.alarmsRaised).toBe(5);
});

test('each vehicle has a count of its own, and when the time is over it begins anew', () => {
  const vehicles = ['truck', 'other'].map((id) => ({ id, class: 'heavy' as const }));
  const trial = new Trial({ ...options, vehicles });
  trial.take('0 20 0,0 alarm29 event=6502/1 event=6503/1');
  const rows = '60 20 0,0 other event=6504/1 \n 60 20 0,0 event=6504/1 \n 61 20 0,0 event=6505/1';
  expect(told(trial.steps(rows))).toEqual([
    '60 raised dsm other 6504 L2 T1',
    '60 raised dsm 6504 by flood L2 T0',
    '61 raised dsm 6505 L2 T1',
  ]);
});

test('what calls an operator is told, and counts; the emergency button is told, and does not', () => {
  const trial = trialAt(3, '0 20 0,0 sos event=6501/1 event=6502/1');
  expect(told(trial.steps('10 20 0,0 sos event=6503/1 event=6504/1'))).toEqual([
    '10 raised dsm 6503 L2 T1',
    '10 raised dsm 6504 by flood L2 T0',
  ]);
  const full = trialAt(1, '0 20 0,0 event=6502/1');
  expect(told(full.steps('10 20 0,0 sos event=6501/1'))).toEqual(['10 raised dsm 6501 L2 T3', '10 raised sos L4 T3']);
});

test('what is only recorded, or hushed for another reason, neither counts nor is of the flood', () => {
  const flapping = { raisedMax: { value: 1, source }, withinS: { value: 3_600, source } };
  const trial = trialAt(3, '0 20 0,0 event=6502/1 \n 30 20 0,0 \n 50 20 0,0', { flapping });
  const rows = '100 20 0,0 event=6502/1 event=6602/1 event=6603/1 event=6503/1 \n 110 20 0,0 event=6604/1';
  expect(told(trial.steps(rows))).toEqual([
    '100 raised dsm 6502 by flapping L2 T0',
    '100 raised dsm 6503 L2 T1',
    '100 raised tpms 6602 L2 T0',
    '100 raised tpms 6603 L2 T0',
    '110 raised tpms 6604 L2 T0',
  ]);
  expect(told(trial.steps('120 20 0,0 event=6504/1 event=6505/1 event=6506/1 event=6605/1'))).toEqual([
    '120 raised dsm 6504 L2 T1',
    '120 raised dsm 6505 L2 T1',
    '120 raised dsm 6506 by flood L2 T0',
    '120 raised tpms 6605 L2 T0',
  ]);
});

test('what was only recorded and becomes graver is news to people: it counts, and is of the flood', () => {
  const speeding = '0 63 0,0 \n 30 63 0,0';
  const counted = trialAt(2, speeding);
  expect(told(counted.steps('40 67 0,0 event=6502/1 event=6503/1'))).toEqual([
    '40 escalated overspeed 67>60 L2 T1',
    '40 raised dsm 6502 L2 T1',
    '40 raised dsm 6503 by flood L2 T0',
  ]);
  const full = trialAt(1, `${speeding} event=6502/1`);
  expect(told(full.steps('40 67 0,0 \n 50 91 0,0'))).toEqual([
    '40 escalated overspeed by flood 67>60 L2 T0',
    '50 escalated overspeed 91>60 L4 T3',
  ]);
});

test('what goes on after it is told where somebody must answer, no more at once than the limit, and a restart forgets nothing', () => {
  const trial = trialAt(2, '0 20 0,0 event=6502/1 event=6503/1 \n 10 20 0,0 event=6504/1 alarm4,5,6,9,10');
  trial.restart();
  const rest = Array.from({ length: 22 }, (_, i) => `${20 + 10 * i} 20 0,0 event=6504/1 alarm4,5,6,9`).join('\n');
  const steps = trial.steps(rest);
  expect(told(steps)).toEqual([
    '70 escalated terminal-fault gnss-fault L2 T2',
    '70 escalated terminal-fault gnss-antenna-open L2 T2',
    '140 escalated terminal-fault gnss-antenna-short L2 T2',
    '140 escalated terminal-fault display-fault L2 T2',
  ]);
  // One was over before.
  const cleared = steps.filter(({ kind }) => kind === 'cleared').map(shortStep);
  expect(cleared).toContain('40 cleared terminal-fault tts-fault by flood 10..20');
});

test('what goes on after a flapping comes no more at once either', () => {
  const flapping = { raisedMax: { value: 1, source }, withinS: { value: 100, source } };
  const trial = trialAt(2, '0 20 0,0 alarm4,5 \n 20 20 0,0 \n 40 20 0,0 \n 50 20 0,0 alarm4,5', { flapping });
  const rows = '101 20 0,0 event=6502/1 alarm4,5 \n 111 20 0,0 alarm4,5 \n 161 20 0,0 alarm4,5 \n 162 20 0,0 alarm4,5';
  expect(told(trial.steps(rows))).toEqual([
    '101 raised dsm 6502 L2 T1',
    '101 escalated terminal-fault gnss-fault L2 T2',
    '162 escalated terminal-fault gnss-antenna-open L2 T2',
  ]);
});

test('a zone that the flood keeps from people outranks no speeding, and hushes it once they are told', () => {
  const zone = fenceOf('zone', circle(0, 0, 2_000), { prohibited: true });
  const trial = trialAt(1, '0 75 0,0 \n 20 75 0,0 event=6502/1', { fences: [zone] });
  const rows = '30 75 0,0 \n 60 75 0,0 \n 81 75 0,0 \n 130 75 0,0 \n 142 75 0,0 \n 150 75 80,0 \n 170 75 80,0';
  expect(told(trial.steps(rows))).toEqual([
    '30 raised prohibited-zone zone by flood L3 T0',
    '30 raised overspeed by flood 75>60 L3 T0',
    '81 escalated prohibited-zone zone L3 T2',
    '170 escalated overspeed 75>60 L3 T2',
  ]);
});

test('what is told late calls nobody: it is no flood', () => {
  const trial = trialAt(3, '2000 20 9,0 \n 2010 20 9,0');
  const late = trial.takeSettled('1000 20 9,0 alarm29 event=6502/1 event=6503/1 event=6504/1 event=6505/1');
  expect(late).toHaveLength(5);
  expect(late.join()).not.toContain('flood');
});
