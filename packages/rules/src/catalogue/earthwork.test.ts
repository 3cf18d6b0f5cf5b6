import { packSignals } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { minutes, now, quietOf, seenBy, type Changes } from './_facts.ts';
import { bodyLifted, bodyLiftedMoving, coverOpen, suspiciousDump, suspiciousLoad } from './earthwork.ts';

type Told = Readonly<Record<string, string>>;

test.each<[Told, number, string]>([
  [{ cover: 'open', load: 'full' }, motion.moving, 'holds'],
  [{ cover: 'open', load: 'half' }, motion.moving, 'holds'],
  [{ cover: 'open', load: 'empty' }, motion.moving, 'over'],
  [{ cover: 'closed', load: 'full' }, motion.moving, 'over'],
  [{ cover: 'open', load: 'full' }, motion.stopped, 'over'],
  [{ cover: 'open', load: 'full' }, motion.unknown, 'unknown'],
  [{ cover: 'open' }, motion.moving, 'unknown'],
  [{ load: 'full' }, motion.moving, 'unknown'],
])('cover-open: %j, motion %i', (told, driving, state) => {
  expect(seenBy(coverOpen, {}, { signals: packSignals(told), motion: driving })).toEqual({ state });
});

test.each<[Told, string]>([
  [{ lift: 'raised' }, 'holds'],
  [{ lift: 'flat' }, 'over'],
  [{ load: 'full' }, 'unknown'],
])('body-lifted: %j', (told, state) => {
  expect(seenBy(bodyLifted, {}, { signals: packSignals(told) })).toEqual({ state });
});

const creeping = { aboveKph: 10 };
const raised = packSignals({ lift: 'raised' });

test.each<[string, Changes, object]>([
  ['it stands', { signals: raised, speedDkph: 0 }, { state: 'over' }],
  ['10 km/h', { signals: raised, speedDkph: 100 }, { state: 'over' }],
  ['a little more', { signals: raised, speedDkph: 101 }, { state: 'holds', value: 10.1, limit: 10 }],
  [
    'derived',
    { signals: raised, speedDkph: 101, derived: true },
    { state: 'holds', value: 10.1, limit: 10, derived: true },
  ],
  ['flat', { signals: packSignals({ lift: 'flat' }) }, { state: 'over' }],
  ['no speed', { signals: raised, speedDkph: -1 }, { state: 'unknown' }],
  ['nothing told', {}, { state: 'unknown' }],
])('body-lifted-moving: %s', (_, changes, expected) => {
  expect(seenBy(bodyLiftedMoving, creeping, changes)).toEqual(expected);
});

test('only a raised body lowers the speed above which it must be asked', () => {
  expect(quietOf(bodyLiftedMoving, creeping, { signals: raised }).ceilingDkph).toBe(100);
  expect(quietOf(bodyLiftedMoving, creeping, { signals: packSignals({ lift: 'flat' }) }).ceilingDkph).toBe(Infinity);
});

const ago = (ms: number): object => ({ state: 'holds', fromMs: now - ms });
const over = { state: 'over' };

test.each<[string, Told, number, object, object]>([
  ['just emptied', { load: 'empty' }, 0, ago(0), over],
  ['emptied ten minutes ago', { load: 'empty' }, 10 * minutes, ago(10 * minutes), over],
  ['emptied before', { load: 'empty' }, 10 * minutes + 1, over, over],
  ['just filled', { load: 'full' }, 0, over, ago(0)],
  ['half filled', { load: 'half' }, 1, over, ago(1)],
  ['filled ten minutes ago', { load: 'full' }, 10 * minutes, over, ago(10 * minutes)],
  ['filled before', { load: 'full' }, 10 * minutes + 1, over, over],
  ['always empty', { load: 'empty' }, Number.NaN, over, over],
  ['always full', { load: 'full' }, Number.NaN, over, over],
  ['nothing told', {}, Number.NaN, { state: 'unknown' }, { state: 'unknown' }],
])('dumped or loaded: %s', (_, told, ms, dump, load) => {
  const changes = { signals: packSignals(told), loadSinceMs: now - ms };
  expect(seenBy(suspiciousDump, {}, changes)).toEqual(dump);
  expect(seenBy(suspiciousLoad, {}, changes)).toEqual(load);
});

test('both are judged by where the load changed', () => {
  expect([suspiciousDump.isWhereLoaded, suspiciousLoad.isWhereLoaded]).toEqual([true, true]);
});
