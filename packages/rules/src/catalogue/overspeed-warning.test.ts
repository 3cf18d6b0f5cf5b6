import { expect, test } from 'vitest';
import { quietOf, seenBy } from './_facts.ts';
import { overspeedWarning } from './overspeed-warning.ts';

const thresholds = { belowKph: 5 };

test.each([
  ['just the limit less 5', 550, { state: 'over' }],
  ['a little above', 551, { state: 'holds', value: 55.1, limit: 60 }],
  ['the limit itself', 600, { state: 'holds', value: 60, limit: 60 }],
  ['over the limit, which is another alarm', 601, { state: 'over' }],
  ['an unknown speed', -1, { state: 'unknown' }],
])('%s', (_, speedDkph, expected) => {
  expect(seenBy(overspeedWarning, thresholds, { speedDkph })).toEqual(expected);
});

test('a derived speed is told as such', () => {
  expect(seenBy(overspeedWarning, thresholds, { speedDkph: 580, derived: true })).toMatchObject({ derived: true });
});

test('who stands where 3 applies is not warned', () => {
  const slow = { limitDkph: 30 };
  expect(seenBy(overspeedWarning, thresholds, { ...slow, speedDkph: 0 })).toEqual({ state: 'over' });
  expect(seenBy(overspeedWarning, thresholds, { ...slow, speedDkph: 1 })).toMatchObject({ state: 'holds' });
  expect(quietOf(overspeedWarning, thresholds, slow)).toEqual({ forMs: Infinity, ceilingDkph: 0 });
});

test('below 55 it need not be asked', () => {
  expect(quietOf(overspeedWarning, thresholds, {})).toEqual({ forMs: Infinity, ceilingDkph: 550 });
});
