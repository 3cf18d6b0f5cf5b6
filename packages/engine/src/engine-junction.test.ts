import { expect, test } from 'vitest';
import { fenceOf, rectangle, settings } from './_policy.ts';
import { Trial, type TrialOptions } from './_trial.ts';

/** Right turns of 60 degrees or more, a full stop is 3 km/h or less; told at once, over after 20 s, gaps from 90 s. */
const junction = fenceOf('junction', rectangle(0, 0, 2, 2), { uses: ['junction'] });
const rules = settings('right-turn-no-stop', { turnMinDeg: 60, stopKph: 3 });
const world: TrialOptions = { policy: { rules, fences: [junction] } };

function check(track: string, expected: readonly string[], options: TrialOptions = world): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

const approach = '0 40 -1,1 h0 \n 10 30 0.5,1 h10';

test('turning right without a stop is told as soon as it has turned, and over when it has left', () => {
  check(`${approach} \n 15 20 1,1 h59.9`, []);
  check(`${approach} \n 15 20 1,1 h60 \n 20 30 1.5,0.5 h90 \n 30 40 1.5,-1 h90 \n 50 40 1.5,-3 h90`, [
    '15 raised right-turn-no-stop 20>3 L2',
    '50 cleared right-turn-no-stop 15..30 20>3',
  ]);
});

test('a full stop within the zone is one, at the very bound too', () => {
  check(`${approach} \n 13 3 0.6,1 h20 \n 15 20 1,1 h70 \n 20 30 1.5,0.5 h90`, []);
  check(`${approach} \n 13 3.1 0.6,1 h20 \n 15 20 1,1 h70`, ['15 raised right-turn-no-stop 3.1>3 L2']);
  // The stop was before the zone.
  check('0 0 -0.1,1 h0 \n 5 20 0.5,1 h10 \n 15 20 1,1 h70', ['15 raised right-turn-no-stop 20>3 L2']);
});

test('straight on, to the left, and wriggling are none', () => {
  check('0 40 -1,1 h90 \n 5 40 0.5,1 h95 \n 10 40 1.5,1 h90', []);
  check('0 40 -1,1 h90 \n 5 40 0.5,1 h60 \n 10 40 1,1.5 h0', []);
  check('0 40 -1,1 h0 \n 5 40 0.5,1 h40 \n 10 40 1,1 h350 \n 15 40 1.5,1.5 h45', []);
});

test('over north it turns as elsewhere', () => {
  check('0 40 -1,1 h340 \n 5 40 0.5,1 h350 \n 10 30 1,1 h50', ['10 raised right-turn-no-stop 30>3 L2']);
});

test('outside of junctions, and where no heading is told, nobody turns', () => {
  check('0 40 9,9 h0 \n 10 30 9,9.1 h90', []);
  check('0 40 -1,1 \n 5 40 0.5,1 \n 10 30 1,1', []);
});

test('the headings of fixes without a position are none', () => {
  check('0 40 -1,1 h200 \n 5 40 0.5,1 h200 \n 6 0 0,0 h0 invalid \n 7 40 1,1 h200 \n 8 40 1.5,1 h200', []);
});

test('a stop told without a position is no excuse and no accusation', () => {
  check(`${approach} \n 13 0 0,0 invalid h10 \n 15 20 1,1 h70 \n 16 20 1,1 h140`, [
    '16 raised right-turn-no-stop 20>3 L2',
  ]);
});

test('what lies on both sides of a gap is not one turn', () => {
  check('0 40 -1,1 h0 \n 5 40 0.5,1 h0 \n 96 40 1,1 h90 \n 100 40 1.5,1 h95', []);
  check('0 40 -1,1 h0 \n 5 40 0.5,1 h0 \n 95 40 1,1 h90', ['95 raised right-turn-no-stop 40>3 L2']);
});

test('another junction, another turn', () => {
  const second = fenceOf('second', rectangle(10, 0, 12, 2), { uses: ['junction'] });
  const track = '0 40 -1,1 h0 \n 5 40 0.5,1 h35 \n 10 40 5,1 h35 \n 15 40 10.5,1 h70 \n 20 40 11,1 h90';
  check(track, [], { policy: { rules, fences: [junction, second] } });
});

test('told late it is late, by the late lane’s own headings', () => {
  const trial = new Trial(world);
  expect(trial.take('0 40 9,9 h0 \n 1000 40 9,9 h0')).toEqual([]);
  expect(trial.takeSettled('400 40 -1,1 h0 \n 405 30 0.5,1 h10 \n 410 20 1,1 h70')).toEqual([
    '410 raised right-turn-no-stop late 20>3 L2',
  ]);
  expect(trial.take('1010 40 9,9.5 h0')).toEqual([]);
});

test('a restart in the middle of the turn changes nothing', () => {
  const trial = new Trial(world);
  expect(trial.take(approach)).toEqual([]);
  trial.restart();
  expect(trial.take('15 20 1,1 h70')).toEqual(['15 raised right-turn-no-stop 20>3 L2']);
});
