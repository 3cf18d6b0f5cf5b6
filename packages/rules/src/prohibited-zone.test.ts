import type { Fence } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { answer, fenceOf } from './_policy.ts';
import { observeProhibitedZone } from './prohibited-zone.ts';

const zone = fenceOf('depot', { prohibited: true });
const morning = { days: [1, 2, 3, 4, 5], fromMinute: 420, toMinute: 540 };

test.each<[string, Fence, boolean, number, string]>([
  ['inside', zone, true, 0, 'holds'],
  ['outside', zone, false, 0, 'over'],
  ['inside a fence that only limits the speed', { ...zone, prohibited: false, limitKph: 30 }, true, 0, 'over'],
  ['inside one for other classes', { ...zone, classes: ['hazmat'] }, true, 0, 'over'],
  ['inside one for this class too', { ...zone, classes: ['hazmat', 'heavy'] }, true, 0, 'holds'],
  ['inside one that is for nobody', { ...zone, classes: [] }, true, 0, 'over'],
  ['inside before its hours', { ...zone, schedule: [morning] }, true, 419, 'over'],
  ['inside in its hours', { ...zone, schedule: [morning] }, true, 420, 'holds'],
  ['inside when they end', { ...zone, schedule: [morning] }, true, 540, 'over'],
])('%s', (_, fence, inside, minuteOfWeek, state) => {
  const shown = { fences: [fence], minuteOfWeek };
  expect(answer(shown, (input, out) => observeProhibitedZone(input, 0, inside, out)).state).toBe(state);
});

test.each([
  ['its own', { ...zone, level: 4, tier: 'T3' } as const, { level: 4, tier: 'T3' }],
  ["the rule's", zone, { level: 3, tier: 'T2' }],
])('level and tier are %s; there is no number and no limit', (_, fence, expected) => {
  const seen = answer({ fences: [fence] }, (input, out) => observeProhibitedZone(input, 0, true, out));
  expect(seen).toMatchObject({ ...expected, value: Number.NaN, limit: Number.NaN, derived: false });
});
