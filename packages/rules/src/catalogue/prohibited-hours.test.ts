import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { seenBy } from './_facts.ts';
import { prohibitedHours } from './prohibited-hours.ts';

test.each([
  ['moving', motion.moving, 'holds'],
  ['standing', motion.stopped, 'over'],
  ['nobody knows', motion.unknown, 'unknown'],
])('%s', (_, now, state) => {
  expect(seenBy(prohibitedHours, {}, { motion: now })).toEqual({ state });
});

test('it goes by motion, not by the speed of this fix', () => {
  expect(seenBy(prohibitedHours, {}, { motion: motion.moving, speedDkph: 0 })).toEqual({ state: 'holds' });
  expect(seenBy(prohibitedHours, {}, { motion: motion.stopped, speedDkph: 900 })).toEqual({ state: 'over' });
});
