import { describe, expect, test } from 'vitest';
import { motion, permitState } from '../facts.ts';
import { seenBy, type Changes } from './_facts.ts';
import { permitViolation, routeDeviation } from './permits.ts';

const onPermit = { permit: permitState.holds };

describe('route-deviation', () => {
  test.each<[string, Changes, object]>([
    ['on the route', { ...onPermit, offRouteM: 0 }, { state: 'over' }],
    ['off it, not far', { ...onPermit, offRouteM: 299 }, { state: 'over' }],
    ['off it, just as far', { ...onPermit, offRouteM: 300 }, { state: 'holds', value: 300, limit: 300 }],
    ['standing off it', { ...onPermit, offRouteM: 900, motion: motion.stopped }, { state: 'over' }],
    ['without a position', { ...onPermit, offRouteM: 900, isPlaced: false }, { state: 'unknown' }],
    [
      'before anybody knows whether it moves',
      { ...onPermit, offRouteM: 900, motion: motion.unknown },
      { state: 'unknown' },
    ],
  ])('%s', (_, changes, expected) => {
    expect(seenBy(routeDeviation, { minDistanceM: 300 }, changes)).toEqual(expected);
  });

  test('no distance asked for: off it is off it, on it is not', () => {
    expect(seenBy(routeDeviation, { minDistanceM: 0 }, { ...onPermit, offRouteM: 1 })).toMatchObject({
      state: 'holds',
    });
    expect(seenBy(routeDeviation, { minDistanceM: 0 }, { ...onPermit, offRouteM: 0 })).toEqual({ state: 'over' });
  });
});

test.each<[string, Changes, string]>([
  ['a permit holds', onPermit, 'over'],
  ['none does', { permit: permitState.missing }, 'holds'],
  ['none does, standing', { permit: permitState.missing, motion: motion.stopped }, 'over'],
  ['nobody has looked', { permit: permitState.unasked }, 'unknown'],
  ['it may stand', { permit: permitState.missing, motion: motion.unknown }, 'unknown'],
])('permit-violation: %s', (_, changes, state) => {
  expect(seenBy(permitViolation, {}, changes)).toEqual({ state });
});
