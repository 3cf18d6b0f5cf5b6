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
    [{ rules: ['overspeed'] }, /^rules\[0\]: 'overspeed' may not be listed: .*; those that may be listed: offline, /],
    [{ rules: ['offline', 'sos'] }, /^rules\[1\]: 'sos' may not be listed: /],
    [{ rules: ['ofline'] }, /^rules\[0\]: there is no rule 'ofline'; did you mean 'offline'\?$/],
    [{ rules: ['earthquake'] }, /^rules\[0\]: there is no rule 'earthquake'; those that may be listed: offline, /],
    [{ rules: [7] }, /^rules\[0\]: expected the id of a rule; those that may be listed: offline, /],
    [{ vehiclesMax: 1 }, /^vehiclesMax: must be at least 2$/],
    [{ vehiclesMax: { value: 1, source: 'x' } }, /^vehiclesMax\.value: must be at least 2$/],
    [{ vehiclesMax: 1_000_001 }, /^vehiclesMax: must be at most 1000000$/],
    [{ vehiclesMax: 2.5 }, /^vehiclesMax: must be a whole number$/],
    [{ vehiclesMax: { value: 2.5, source: 'x' } }, /^vehiclesMax\.value: must be a whole number$/],
    [{ vehiclesMax: 'many' }, /^vehiclesMax: expected a number, or \{ value, source \}$/],
    [{ vehiclesPercent: 101 }, /^vehiclesPercent: must be at most 100$/],
    [{ vehiclesPercent: -1 }, /^vehiclesPercent: must be at least 0$/],
    [{ withinS: 0 }, /^withinS: must be more than 0$/],
    [{ withinM: 600 }, /withinM/],
  ])('%j is refused, and where it is wrong is told', (written, where) => {
    const parsed = stormsSchema.safeParse(written);
    expect(parsed.success).toBe(false);
    const problems = problemsOf(parsed.error!, written).map(problemText);
    expect(problems).toEqual([expect.stringMatching(where)]);
  });
});
