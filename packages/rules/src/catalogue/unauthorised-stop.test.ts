import { expect, test } from 'vitest';
import { motion } from '../facts.ts';
import { minutes, now, quietOf, seenBy, type Changes } from './_facts.ts';
import { unauthorisedStop } from './unauthorised-stop.ts';

const thresholds = { maxS: 600 };

function stood(ms: number): Changes {
  return { motion: motion.stopped, motionSinceMs: now - ms, speedDkph: 0 };
}

test.each<[string, Changes, object]>([
  ['ten minutes', stood(10 * minutes), { state: 'over' }],
  ['a moment more', stood(10 * minutes + 1), { state: 'holds', value: 10, limit: 10, fromMs: now - 10 * minutes - 1 }],
  [
    'an hour, silently',
    { ...stood(60 * minutes), silentMs: 59 * minutes },
    { state: 'holds', value: 60, limit: 10, fromMs: now - 60 * minutes },
  ],
  ['moving for an hour', { ...stood(60 * minutes), motion: motion.moving }, { state: 'over' }],
  ['nobody knows', { motion: motion.unknown, motionSinceMs: Number.NaN }, { state: 'unknown' }],
])('%s', (_, changes, expected) => {
  expect(seenBy(unauthorisedStop, thresholds, changes)).toEqual(expected);
});

test('it need not be asked before, and holds when it is asked then', () => {
  const changes = stood(4 * minutes);
  const { forMs } = quietOf(unauthorisedStop, thresholds, changes);
  expect(forMs).toBe(6 * minutes + 1);
  expect(seenBy(unauthorisedStop, thresholds, { ...changes, atMs: now + forMs })).toMatchObject({ state: 'holds' });
  expect(quietOf(unauthorisedStop, thresholds, {}).forMs).toBe(Infinity);
});
