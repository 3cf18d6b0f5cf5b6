import { stormRuleIds } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { stormDefaults, stormsSchema } from './storm-schema.ts';
import { problemsOf, problemText } from './problem.ts';

describe('what a file says of storms', () => {
  test('nothing: the defaults, which leave out what somebody may be doing to the vehicles', () => {
    expect(stormsSchema.parse(undefined)).toEqual(stormDefaults);
    expect(stormsSchema.parse({})).toEqual(stormDefaults);
    expect(stormRuleIds.filter((id) => !stormDefaults.rules.includes(id))).toEqual([
      'power-cut',
      'tampering-suspected',
    ]);
  });

  test('one number keeps the others', () => {
    expect(stormsSchema.parse({ vehiclesPercent: 2.5 })).toEqual({
      ...stormDefaults,
      vehiclesPercent: { value: 2.5, source: 'not stated' },
    });
  });

  test('each rule once and in one order; none switches storms off', () => {
    const rules = ['power-cut', 'offline', 'power-cut'];
    expect(stormsSchema.parse({ rules }).rules).toEqual(['offline', 'power-cut']);
    expect(stormsSchema.parse({ rules: [] }).rules).toEqual([]);
  });

  test.each<[object, RegExp]>([
    [{ rules: ['overspeed'] }, /^rules\[0\]: /],
    [{ rules: ['sos'] }, /^rules\[0\]: /],
    [{ vehiclesMax: 1 }, /^vehiclesMax: /],
    [{ vehiclesMax: 2.5 }, /^vehiclesMax: /],
    [{ vehiclesPercent: 101 }, /^vehiclesPercent: /],
    [{ vehiclesPercent: -1 }, /^vehiclesPercent: /],
    [{ withinS: 0 }, /^withinS: /],
    [{ withinM: 600 }, /withinM/],
  ])('%j is refused, and where it is wrong is told', (written, where) => {
    const parsed = stormsSchema.safeParse(written);
    expect(parsed.success).toBe(false);
    const problems = problemsOf(parsed.error!, written).map(problemText);
    expect(problems).toEqual([expect.stringMatching(where)]);
  });
});
