import { expect, test } from 'vitest';
import { basePolicy, circle, fenceOf, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

const rules = {
  ...settings('offline', { movingS: 300, parkedS: 3_600 }),
  ...settings('offline-displacement', { silentMinS: 300, movedMinM: 200 }),
  ...settings('tampering-suspected', { silentS: 120 }),
  ...settings('unauthorised-stop', { maxS: 600 }, { when: { outside: ['approved-stop'] } }),
};
const yard = fenceOf('yard', circle(0, 0, 200), { uses: ['approved-stop'] });
const vehicles = [
  { id: 'truck', class: 'hazmat' },
  { id: 'other', class: 'heavy' },
] as const;
const world: TrialOptions = { vehicles, policy: { ...basePolicy, rules, fences: [yard] } };

test('who was moving is missed after five minutes, at the next ten seconds of the partition, and found again by a fix', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 30 50 12,0');
  // Receipt is a second after the fix: 31 + 300 = 331, told by whoever reports next.
  expect(trial.take('325 0 0,0 other')).toEqual([]);
  expect(trial.take('340 0 0,0 other')).toEqual(['341 raised offline 5>5 L2']);
  expect(trial.take('400 0 0,0 other \n 600 0 0,0 other')).toEqual([]);
  expect(trial.take('700 50 12.1,0 \n 720 50 14,0')).toEqual(['720 cleared offline 30..700 5>5']);
});

test('who was parked is missed after an hour', () => {
  const trial = new Trial(world);
  trial.take('0 0 0,0');
  expect(trial.take('3590 0 0,0 other')).toEqual([]);
  expect(trial.take('3610 0 0,0 other')).toEqual(['3611 raised offline 60>60 L2']);
});

test('a partition in which nobody reports is told the time', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0');
  expect(trial.advance(290)).toEqual([]);
  expect(trial.advance(310)).toEqual(['310 raised offline 5>5 L2']);
  expect(trial.advance(340)).toEqual([]);
});

test('a restart while it is silent tells nothing twice and forgets nothing', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0');
  trial.restart();
  expect(trial.advance(310)).toHaveLength(1);
  trial.restart();
  expect(trial.advance(340)).toEqual([]);
  expect(trial.take('700 50 9.1,0 \n 730 50 11,0')).toEqual(['730 cleared offline 0..700 5>5']);
});

test('who moved while nothing was heard has been moved', () => {
  const trial = new Trial(world);
  trial.take('0 0 9,0');
  expect(trial.take('400 0 9.1,0')).toEqual([]);
  expect(trial.take('1000 50 19,0')).toEqual(['1000 raised offline-displacement 942>200 L2']);
});

test('power or antenna cut, then silence on the road', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 10 50 10,0 alarm8 \n 5 50 3,3 other');
  expect(trial.take('140 50 12,3 other')).toEqual(['141 raised tampering-suspected L2']);
  const parked = new Trial(world);
  parked.take('0 0 9,0 \n 10 0 9,0 alarm8');
  expect(parked.take('140 50 12,3 other')).toEqual([]);
});

test('standing too long where it is not approved is told by the partition’s time', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 30 0 9,0');
  expect(trial.advance(620)).toEqual([]);
  expect(trial.advance(640)).toEqual(['640 raised unauthorised-stop 10>10 L2']);
  const approved = new Trial(world);
  approved.take('0 50 1,0 \n 30 0 1,0');
  expect(approved.advance(700)).toEqual([]);
});

test('the same log gives the same, however it is cut', () => {
  const pieces = ['0 50 9,0', '30 50 12,0', '340 0 0,0 other', '700 50 12.1,0', '720 50 14,0'];
  const whole = new Trial(world).take(pieces.join('\n'));
  const trial = new Trial(world);
  const told = pieces.flatMap((piece) => {
    trial.restart();
    return trial.take(piece);
  });
  expect(told).toEqual(whole);
  expect(whole).toHaveLength(2);
});

test('fixes that were held back are shown to all rules, whatever was asked while nothing was heard', () => {
  const hours = settings('daily-driving', { maxS: 300 });
  const held: TrialOptions = { vehicles, policy: { ...basePolicy, rules: { ...rules, ...hours } } };
  const track = (fromS: number, toS: number, words: string): string =>
    Array.from({ length: (toS - fromS) / 30 }, (_, i) => fromS + 30 * i)
      .map((atS) => `${atS} 50 ${(4 * atS) / 30},0 ${words}`)
      .join('\n');
  const trial = new Trial(held);
  expect(trial.take(track(0, 150, ''))).toEqual([]);
  // Silent for as long as `tampering-suspected` asks about.
  expect(trial.take('300 0 50,50 other @300')).toEqual([]);
  expect(trial.take(track(150, 600, '@301 ^301'))).toEqual(['330 raised daily-driving 5>5 L2']);
});

test('a policy that is new asks about those who are silent already', () => {
  const trial = new Trial({ vehicles, policy: { ...basePolicy, fences: [yard] } });
  trial.take('0 50 9,0');
  expect(trial.advance(1_000)).toEqual([]);
  trial.setPolicy({ rules });
  expect(trial.advance(1_010)).toEqual(['1010 raised offline 16>5 L2']);
  expect(trial.advance(1_020)).toEqual([]);
});

test('a fix that is refused for its clock does not stand for one that is heard', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 @0');
  // Its own wrong fix is the only thing that tells the time when five minutes are over.
  expect(trial.take('9000 50 9,0 @305')).toEqual(['305 raised offline 5>5 L2']);
});
