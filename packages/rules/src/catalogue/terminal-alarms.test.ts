import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { seenBy } from './_facts.ts';
import { collision, powerCut, rollover } from './terminal-alarms.ts';

const bit = (number: number): number => 2 ** number;

test.each([
  ['lost on the road', bit(8), motion.moving, 'holds'],
  ['lost while it stands: it neither begins nor ends', bit(8), motion.stopped, 'unknown'],
  ['lost, and nobody knows', bit(8), motion.unknown, 'unknown'],
  ['low, not lost', bit(7), motion.moving, 'over'],
  ['back', 0, motion.moving, 'over'],
  ['back while it stands', 0, motion.stopped, 'over'],
])('power: %s', (_, alarmFlags, now, state) => {
  expect(seenBy(powerCut, {}, { alarmFlags, motion: now })).toEqual({ state });
});

test.each([
  ['none', 0, 'over', 'over'],
  ['29', bit(29), 'holds', 'over'],
  ['30', bit(30), 'over', 'holds'],
  ['both', bit(29) + bit(30), 'holds', 'holds'],
  ['all others', 0xffff_ffff - bit(29) - bit(30), 'over', 'over'],
  ['all', 0xffff_ffff, 'holds', 'holds'],
  ['all, as a signed word', -1, 'holds', 'holds'],
])('flags %s: collision and rollover', (_, alarmFlags, hit, tilted) => {
  expect(seenBy(collision, {}, { alarmFlags })).toEqual({ state: hit });
  expect(seenBy(rollover, {}, { alarmFlags })).toEqual({ state: tilted });
});
