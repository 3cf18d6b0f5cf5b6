import { expect, test } from 'vitest';
import { basePolicy, fenceOf, rectangle, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** From less than 5 km/h under the limit of 60 on; told at once, over after 20 s. */
const rules = settings('overspeed-warning', { belowKph: 5 });
const world: TrialOptions = { policy: { rules } };

function check(track: string, expected: readonly string[], options: TrialOptions = world): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

test('just under the limit: above 55, up to 60', () => {
  check('0 55 0,0', []);
  check('0 55.1 0,0', ['0 raised overspeed-warning 55.1>60 L2']);
  check('0 60 0,0', ['0 raised overspeed-warning 60>60 L2']);
  check('0 60.1 0,0', []);
});

test('is over when it is slower, and also when it is too fast: then it is speeding', () => {
  check('0 58 0,0 \n 10 50 1,0 \n 30 50 3,0', [
    '0 raised overspeed-warning 58>60 L2',
    '30 cleared overspeed-warning 0..10 58>60',
  ]);
  check('0 58 0,0 \n 10 70 1,0 \n 30 70 3,0 \n 40 70 4,0', [
    '0 raised overspeed-warning 58>60 L2',
    '30 cleared overspeed-warning 0..10 58>60',
    '40 raised overspeed 70>60 L2',
  ]);
});

test('back within the wait it is the same; its end tells the nearest', () => {
  check('0 56 0,0 \n 10 50 1,0 \n 29 59 2,0 \n 35 57 2.5,0 \n 40 50 3,0 \n 60 50 5,0', [
    '0 raised overspeed-warning 56>60 L2',
    '60 cleared overspeed-warning 0..40 59>60',
  ]);
});

test('the limit is that of the place, and at night a part of it', () => {
  const town = fenceOf('town', rectangle(0, 0, 10, 10), { limitKph: 30 });
  check('0 28 20,20 \n 30 28 5,5', ['30 raised overspeed-warning 28>30 L2'], { policy: { rules, fences: [town] } });
  const overspeed = { ...basePolicy.overspeed, nightPercent: { heavy: { value: 80, source: 'test' } } };
  check('0 45 0,0', ['0 raised overspeed-warning 45>48 L2'], { policy: { rules, overspeed } });
});

test('it begins between fixes that nothing else would show to a rule', () => {
  const calm = Array.from({ length: 100 }, (_, i) => `${i} 54 ${i / 7},0`).join('\n');
  check(`${calm} \n 100 56 15,0`, ['100 raised overspeed-warning 56>60 L2']);
});

test('who stands is not warned, however low the limit', () => {
  const gate = fenceOf('gate', rectangle(0, 0, 10, 10), { limitKph: 5 });
  check('0 0 5,5 \n 30 0 5,5', [], { policy: { rules, fences: [gate] } });
  check('0 0 5,5 \n 30 0.1 5,5', ['30 raised overspeed-warning 0.1>5 L2'], { policy: { rules, fences: [gate] } });
});

test('a gap ends it; told late it is late; an invalid position says nothing', () => {
  check('0 58 0,0 \n 91 58 9,0', [
    '0 raised overspeed-warning 58>60 L2',
    '91 cleared overspeed-warning 0..0 58>60 gap',
    '91 raised overspeed-warning 58>60 L2',
  ]);
  const trial = new Trial(world);
  trial.take('0 50 0,0 \n 1000 50 9,0');
  expect(trial.takeSettled('400 58 3,0')).toEqual(['400 raised overspeed-warning late 58>60 L2']);
  expect(trial.take('1010 50 9,0 \n 1040 50 9,0')).toEqual([]);
  check('0 50 0,0 \n 10 58 1,0 invalid', []);
});

test('a speed that is derived says so', () => {
  const [step] = new Trial(world).steps('0 - 0,0 \n 10 - 0,1.45');
  expect(step).toMatchObject({ rule: 'overspeed-warning', value: 58, derived: true });
});
