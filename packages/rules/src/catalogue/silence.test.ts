import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { minutes, now, seconds, seenBy, type Changes } from './_facts.ts';
import { offline, offlineDisplacement, tamperingSuspected } from './silence.ts';

const moving = { motion: motion.moving };
const stopped = { motion: motion.stopped };
const silentFor = (ms: number): Changes => ({ silentMs: ms, lastAtMs: now - ms, speedDkph: -1, isPlaced: false });

test.each<[string, Changes, object]>([
  ['a fix', moving, { state: 'over' }],
  ['ten minutes less a moment, moving', { ...moving, ...silentFor(10 * minutes - 1) }, { state: 'over' }],
  [
    'ten minutes, moving',
    { ...moving, ...silentFor(10 * minutes) },
    { state: 'holds', value: 10, limit: 10, fromMs: now - 10 * minutes },
  ],
  ['ten minutes, parked', { ...stopped, ...silentFor(10 * minutes) }, { state: 'over' }],
  [
    'a day, parked',
    { ...stopped, ...silentFor(1_440 * minutes) },
    { state: 'holds', value: 1_440, limit: 1_440, fromMs: now - 1_440 * minutes },
  ],
  ['ten minutes, nobody knows', { motion: motion.unknown, ...silentFor(10 * minutes) }, { state: 'over' }],
])('offline: %s', (_, changes, expected) => {
  expect(seenBy(offline, { movingS: 600, parkedS: 86_400 }, changes)).toEqual(expected);
});

const back: Changes = { sinceMs: 5 * minutes, lastAtMs: now - 5 * minutes, movedM: 2_000.4 };

test.each<[string, Changes, object]>([
  ['five minutes and 2 km later', back, { state: 'holds', value: 2_000, limit: 1_000, fromMs: now - 5 * minutes }],
  ['a moment sooner', { ...back, sinceMs: 5 * minutes - 1 }, { state: 'over' }],
  ['just 1 km', { ...back, movedM: 1_000 }, { state: 'over' }],
  [
    'a little more',
    { ...back, movedM: 1_000.1 },
    { state: 'holds', value: 1_000, limit: 1_000, fromMs: now - 5 * minutes },
  ],
  ['without a position', { ...back, movedM: Number.NaN, isPlaced: false }, { state: 'over' }],
  ['its first fix ever', { sinceMs: Infinity, lastAtMs: Number.NaN, movedM: Number.NaN }, { state: 'over' }],
  ['its first fix ever, somewhere', { sinceMs: Infinity, lastAtMs: Number.NaN, movedM: 2_000 }, { state: 'over' }],
])('offline-displacement: %s', (_, changes, expected) => {
  expect(seenBy(offlineDisplacement, { silentMinS: 300, movedMinM: 1_000 }, changes)).toEqual(expected);
});

const cut = { ...moving, ...silentFor(30 * seconds), alarmFlags: 1 << 8 };
const suspected = { state: 'holds', fromMs: now - 30 * seconds };

test.each<[string, Changes, object]>([
  ['its power was lost', cut, suspected],
  ['its antenna was cut', { ...cut, alarmFlags: 1 << 5 }, suspected],
  ['its antenna was shorted', { ...cut, alarmFlags: 1 << 6 }, suspected],
  ['its receiver was broken', { ...cut, alarmFlags: 1 << 4 }, { state: 'over' }],
  ['nothing was told', { ...cut, alarmFlags: 0 }, { state: 'over' }],
  ['a moment sooner', { ...cut, silentMs: 30 * seconds - 1 }, { state: 'over' }],
  ['it stood', { ...cut, ...stopped }, { state: 'over' }],
  ['it is heard', { ...cut, silentMs: 0 }, { state: 'over' }],
])('tampering-suspected: %s', (_, changes, expected) => {
  expect(seenBy(tamperingSuspected, { silentS: 30 }, changes)).toEqual(expected);
});
