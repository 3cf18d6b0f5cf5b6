import { packSignals } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { minutes, now, quietOf, seenBy } from './_facts.ts';
import { concreteAge, drumReverse, drumStoppedLaden } from './mixer.ts';

type Told = Readonly<Record<string, string>>;

test.each<[Told, string, string]>([
  [{ drum: 'reverse', load: 'full' }, 'holds', 'over'],
  [{ drum: 'reverse' }, 'holds', 'unknown'],
  [{ drum: 'forward', load: 'full' }, 'over', 'over'],
  [{ drum: 'stopped', load: 'full' }, 'over', 'holds'],
  [{ drum: 'stopped', load: 'half' }, 'over', 'holds'],
  [{ drum: 'stopped', load: 'empty' }, 'over', 'over'],
  [{ drum: 'stopped' }, 'over', 'unknown'],
  [{ load: 'full' }, 'unknown', 'unknown'],
])('%j: backwards %s, stopped while laden %s', (told, reverse, stopped) => {
  const changes = { signals: packSignals(told) };
  expect(seenBy(drumReverse, {}, changes)).toEqual({ state: reverse });
  expect(seenBy(drumStoppedLaden, {}, changes)).toEqual({ state: stopped });
});

const thresholds = { maxS: 5_400 };
const laden = packSignals({ load: 'full' });

test.each<[string, number, number, object]>([
  ['90 minutes', laden, 90 * minutes, { state: 'over' }],
  ['a moment more', laden, 90 * minutes + 1, { state: 'holds', value: 90, limit: 90, fromMs: now - 1 }],
  [
    'two hours',
    packSignals({ load: 'half' }),
    120 * minutes,
    { state: 'holds', value: 120, limit: 90, fromMs: now - 30 * minutes },
  ],
  ['it is empty', packSignals({ load: 'empty' }), 120 * minutes, { state: 'over' }],
  ['nobody saw it being loaded', laden, Number.NaN, { state: 'over' }],
  ['nothing told', 0, Number.NaN, { state: 'unknown' }],
])('concrete: %s', (_, signals, ageMs, expected) => {
  expect(seenBy(concreteAge, thresholds, { signals, loadSinceMs: now - ageMs })).toEqual(expected);
});

test('concrete need not be asked about before, and is too old when it is asked about then', () => {
  const changes = { signals: laden, loadSinceMs: now - 80 * minutes };
  const { forMs } = quietOf(concreteAge, thresholds, changes);
  expect(forMs).toBe(10 * minutes + 1);
  expect(seenBy(concreteAge, thresholds, { ...changes, atMs: now + forMs })).toMatchObject({ state: 'holds' });
  expect(quietOf(concreteAge, thresholds, { ...changes, signals: 0 }).forMs).toBe(Infinity);
  expect(quietOf(concreteAge, thresholds, { ...changes, loadSinceMs: Number.NaN }).forMs).toBe(Infinity);
});
