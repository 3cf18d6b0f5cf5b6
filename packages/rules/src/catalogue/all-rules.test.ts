import { catalogueRuleIds, ruleSpec } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { examples, kindExamples, type Example } from './_examples.ts';
import { factsOf, now, observed } from './_facts.ts';
import { kindRules, vehicleRules } from './all-rules.ts';

const exampleOf = (id: string): Example => (examples as Readonly<Record<string, Example>>)[id]!;

test('every rule of the catalogue is here, or is one of stays or crowds', () => {
  const idsPer = (per: string): string[] => catalogueRuleIds.filter((id) => ruleSpec(id).per === per);
  expect(vehicleRules.map(({ id }) => id)).toEqual(idsPer('vehicle'));
  expect(kindRules.map(({ id }) => id).toSorted()).toEqual(idsPer('kind').toSorted());
  expect(idsPer('fence')).toEqual(['fence-enter', 'fence-exit', 'zone-dwell', 'zone-crowding']);
});

test('the rules that a silent vehicle is shown to', () => {
  const timed = vehicleRules.filter(({ isTimed }) => isTimed === true).map(({ id }) => id);
  expect(timed).toEqual([
    'continuous-driving',
    'continuous-driving-warning',
    'unauthorised-stop',
    'concrete-age',
    'offline',
    'tampering-suspected',
  ]);
});

describe.each(vehicleRules)('$id', (rule) => {
  const { thresholds, changes, sentence } = exampleOf(rule.id);
  const out = observed({ observe: rule.observe }, thresholds as never, factsOf(changes));

  test('holds where it should, with numbers if it has a unit, at the level of the policy', () => {
    expect(out).toMatchObject({ state: 'holds', level: 3, tier: 'T2' });
    const { unit } = ruleSpec(rule.id);
    expect([Number.isFinite(out.value), Number.isFinite(out.limit)]).toEqual([unit !== undefined, unit !== undefined]);
    // NaN: since this fix. Nothing begins in the future.
    expect(out.fromMs > now).toBe(false);
  });

  test('says why', () => {
    const told = { value: out.value, limit: out.limit, seconds: 30, isOver: false, name: '' };
    expect(rule.tell(told)).toBe(sentence);
    // What is over is told by its worst value; nothing else of the clause depends on it but "up to".
    expect(rule.tell({ ...told, isOver: true }).replace(/^up to /, '')).toBe(sentence);
  });

  test('does not hold for a vehicle that drives steadily, unless that is what it is about', () => {
    const steady = observed({ observe: rule.observe }, thresholds as never, factsOf());
    expect(steady.state === 'holds').toBe(rule.id === 'prohibited-hours');
  });
});

test.each(kindRules)('$id: holds where it should, and says why', (rule) => {
  const { changes, sentence } = kindExamples[rule.id as keyof typeof kindExamples];
  const kinds: number[] = [];
  rule.eachKind(factsOf(changes), (kind) => kinds.push(kind));
  expect(kinds).toHaveLength(1);
  const told = { value: Number.NaN, limit: Number.NaN, seconds: 0, isOver: false, name: rule.nameOf(kinds[0]!).name };
  expect(rule.tell(told)).toBe(sentence);
});
