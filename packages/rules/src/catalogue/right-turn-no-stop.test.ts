import { expect, test } from 'vitest';
import { useBit } from '../conditions.ts';
import { quietOf, seenBy, type Changes } from './_facts.ts';
import { rightTurnNoStop } from './right-turn-no-stop.ts';

const thresholds = { turnMinDeg: 60, stopKph: 3 };
const junction = useBit('junction');
const others = ~junction;

test.each<[string, Changes, object]>([
  ['just enough, just too fast', { turnedDeg: 60, slowestKph: 3.1 }, { state: 'holds', value: 3.1, limit: 3 }],
  ['it has stopped', { turnedDeg: 90, slowestKph: 3 }, { state: 'over' }],
  ['not yet turned', { turnedDeg: 59.9, slowestKph: 20 }, { state: 'over' }],
  ['to the left', { turnedDeg: -90, slowestKph: 20 }, { state: 'over' }],
  ['no speed was told in it', { turnedDeg: 90, slowestKph: Number.NaN }, { state: 'over' }],
  ['other places', { turnedDeg: 90, slowestKph: 20, placeMask: others }, { state: 'over' }],
])('%s', (_, changes, expected) => {
  expect(seenBy(rightTurnNoStop, thresholds, { placeMask: junction, ...changes })).toEqual(expected);
});

test('in a junction each fix counts', () => {
  expect(quietOf(rightTurnNoStop, thresholds, { placeMask: junction }).forMs).toBe(0);
  expect(quietOf(rightTurnNoStop, thresholds, { placeMask: others }).forMs).toBe(Infinity);
});
