import { catalogue, catalogueRuleIds, tiers, type CatalogueRuleId, type Policy } from '@haulwatch/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileWithFence } from './_fences.ts';
import { flappingDefaults, floodDefaults, motionDefaults } from './motion-schema.ts';
import { parsePolicy } from './policy-file.ts';
import { decodePolicy, encodePolicy, samePolicy } from './policy-record.ts';
import { problemText } from './problem.ts';

/** A right file with these rules beside the first three, these sections, and these properties of its one fence. */
function fileWith(rules: object, sections: object = {}, fence: object = {}): unknown {
  const file = fileWithFence('Point', [121, 31], { radiusM: 50, ...fence }) as { rules: object };
  return { ...file, ...sections, rules: { ...file.rules, ...rules } };
}

function policyWith(rules: object, sections: object = {}, fence: object = {}): Policy {
  const parsed = parsePolicy(fileWith(rules, sections, fence), 1);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.policy;
}

function problemsWith(rules: object, sections: object = {}, fence: object = {}): string[] {
  const parsed = parsePolicy(fileWith(rules, sections, fence), 1);
  return parsed.ok ? [] : parsed.problems.map(problemText);
}

const on = { level: 1, tier: 'T0' };
const offline = { ...on, movingS: 300, parkedS: 86_400 };
const overnight = { days: 'every-day', from: '22:00', to: '00:00' };

describe('a rule becomes the domain form', () => {
  test('conditions go under `when`, numbers get sources, cases keep what they change', () => {
    const rule = {
      classes: ['hazmat', 'coach'],
      hours: [overnight],
      outside: ['expressway'],
      fences: ['x'],
      level: 2,
      tier: 'T1',
      minDurationS: { value: 20, source: 'why' },
      movingS: { value: 300, source: 'tunnels' },
      parkedS: 86_400,
      cases: [
        { hours: [overnight], tier: 'T2', movingS: 600 },
        { classes: ['coach'], within: ['plant'], off: true },
      ],
    };
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1_320, toMinute: 1_440 }];
    expect(policyWith({ offline: rule }).rules).toEqual({
      offline: {
        when: { classes: ['hazmat', 'coach'], hours, outside: ['expressway'], fences: ['x'] },
        level: 2,
        tier: 'T1',
        minDurationS: { value: 20, source: 'why' },
        clearAfterS: { value: 60, source: expect.stringContaining('注②') as string },
        thresholds: {
          movingS: { value: 300, source: 'tunnels' },
          parkedS: { value: 86_400, source: 'not stated' },
        },
        cases: [
          { when: { hours }, tier: 'T2', thresholds: { movingS: { value: 600, source: 'not stated' } } },
          { when: { classes: ['coach'], within: ['plant'] }, off: true },
        ],
      },
    });
  });

  test('a rule that is absent is off; what is not said has the defaults', () => {
    const policy = policyWith({});
    expect(policy.rules).toEqual({});
    expect(policy.motion).toEqual(motionDefaults);
    expect(policy.flapping).toEqual(flappingDefaults);
    expect(policy.flood).toEqual(floodDefaults);
    expect(policyWith({ collision: on }).rules.collision?.minDurationS.value).toBe(0);
  });

  test('a section that says one thing keeps the other defaults', () => {
    const night = { from: '21:30', to: '00:00' };
    const sections = { motion: { movingFromKph: 8, night }, flapping: { raisedMax: 3 }, flood: { withinS: 30 } };
    const { motion, flapping, flood } = policyWith({}, sections);
    expect(motion).toEqual({
      ...motionDefaults,
      movingFromKph: { value: 8, source: 'not stated' },
      night: { fromMinute: 1_290, toMinute: 1_440, source: 'not stated' },
    });
    expect(flapping).toEqual({ ...flappingDefaults, raisedMax: { value: 3, source: 'not stated' } });
    expect(flood).toEqual({ ...floodDefaults, withinS: { value: 30, source: 'not stated' } });
  });

  test('what a place is for: each use once and in one order', () => {
    const rules = { 'fence-enter': on, 'zone-dwell': on };
    const uses = ['plant', 'enter', 'plant'];
    const [fence] = policyWith(rules, {}, { prohibited: false, uses, dwellMaxS: 600 }).fences;
    expect(fence).toMatchObject({ prohibited: false, uses: ['enter', 'plant'], dwellMaxS: 600 });
    expect(policyWith({}, {}, { prohibited: false, uses: ['plant'] }).fences[0]?.uses).toEqual(['plant']);
  });
});

test('a rule that is off is switched on by its cases, which may say no more than when', () => {
  const cases = [
    { classes: ['coach'], hours: [overnight] },
    { classes: ['hazmat'], level: 4 },
  ];
  const { 'prohibited-hours': rule } = policyWith({ 'prohibited-hours': { ...on, off: true, cases } }).rules;
  expect(rule).toMatchObject({ when: {}, off: true, level: 1 });
  expect(rule?.cases).toMatchObject([{ when: { classes: ['coach'] } }, { when: { classes: ['hazmat'] }, level: 4 }]);
});

test('the share of the limit at night is of some classes, with sources', () => {
  const file = fileWith({}) as { rules: { overspeed: object } };
  const withNight = (nightPercent: object): unknown => ({
    ...file,
    rules: { ...file.rules, overspeed: { ...file.rules.overspeed, nightPercent } },
  });
  const parsed = parsePolicy(withNight({ mixer: 90, coach: { value: 80, source: 'law' } }), 1);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  const nightPercent = { coach: { value: 80, source: 'law' }, mixer: { value: 90, source: 'not stated' } };
  expect(parsed.policy.overspeed.nightPercent).toEqual(nightPercent);
  expect(encodePolicy(decodePolicy(encodePolicy(parsed.policy)) as Policy)).toBe(encodePolicy(parsed.policy));
  for (const [wrong, problem] of [
    [{ coach: 0 }, 'coach: must be at least 1'],
    [{ coach: 101 }, 'coach: must be at most 100'],
    [{ bus: 80 }, 'bus: is not a known key'],
  ] as const) {
    const refused = parsePolicy(withNight(wrong), 1);
    expect(refused.ok ? [] : refused.problems.map(problemText)).toEqual([`rules.overspeed.nightPercent.${problem}`]);
  }
});

describe('what is refused, with its path', () => {
  const caseEmpty = 'the case changes nothing: give it one of off, level, tier';
  test.each<[rules: object, problem: string]>([
    [{ collison: on }, "rules.collison: is not a known key; did you mean 'collision'?"],
    [{ collision: { ...on, maxS: 5 } }, 'rules.collision.maxS: is not a known key'],
    [{ collision: { ...on, subjects: ['6401'] } }, 'rules.collision.subjects: is not a known key'],
    [{ collision: { ...on, eventLevel: 1 } }, 'rules.collision.eventLevel: is not a known key'],
    [{ collision: { ...on, when: {} } }, 'rules.collision.when: is not a known key'],
    [{ collision: { tier: 'T0' } }, 'rules.collision.level: is missing: expected one of 1|2|3|4'],
    [{ collision: { level: 1 } }, 'rules.collision.tier: is missing: expected one of "T0"|"T1"|"T2"|"T3"'],
    [
      { offline: { ...on, movingS: 300 } },
      'rules.offline.parkedS: is missing: expected a number, or { value, source }',
    ],
    [{ offline: { ...offline, movingS: 59 } }, 'rules.offline.movingS: must be at least 60'],
    [
      { offline: { ...offline, parkedS: { value: 2_592_001, source: 'x' } } },
      'rules.offline.parkedS.value: must be at most 2592000',
    ],
    [{ offline: { ...offline, classes: [] } }, 'rules.offline.classes: must have at least 1 item'],
    [
      { offline: { ...offline, classes: ['bus'] } },
      'rules.offline.classes[0]: expected one of "coach"|"hazmat"|"earthwork"|"mixer"|"heavy"',
    ],
    [
      { offline: { ...offline, hours: [{ ...overnight, from: '22' }] } },
      'rules.offline.hours[0].from: expected a time "HH:MM" between 00:00 and 23:59, in quotes',
    ],
    [
      { offline: { ...offline, hours: [{ ...overnight, from: '02:00', to: '02:00' }] } },
      'rules.offline.hours[0].to: must not be the same as from: for the whole day write "00:00" to "24:00"',
    ],
    [{ offline: { ...offline, cases: [{}] } }, `rules.offline.cases[0]: ${caseEmpty}, movingS, parkedS`],
    [
      { collision: { ...on, cases: [{ within: ['plant'], outside: ['plant'], off: true }] } },
      'rules.collision.cases[0]: the case never applies: no place is both within and outside plant',
    ],
    [{ collision: { ...on, cases: [{ classes: ['coach'] }] } }, `rules.collision.cases[0]: ${caseEmpty}`],
    [
      { collision: { ...on, cases: [{ classes: ['coach'], off: true }, { tier: 'T1' }] } },
      'rules.collision.cases[1]: the case applies always: give it a condition (classes, hours, within, outside, fences) or change the rule itself',
    ],
    [
      { collision: { ...on, off: true } },
      'rules.collision.off: no case switches the rule on: add a case with its conditions, or take the rule out',
    ],
    [
      { collision: { ...on, off: true, cases: [{ classes: ['coach'], off: true }] } },
      'rules.collision.off: no case switches the rule on: add a case with its conditions, or take the rule out',
    ],
    [
      { collision: { ...on, off: true, cases: [{}] } },
      'rules.collision.cases[0]: the case applies always: give it a condition (classes, hours, within, outside, fences) or change the rule itself',
    ],
    [
      { offline: { ...offline, cases: [{ classes: ['coach'], movingS: 1 }] } },
      'rules.offline.cases[0].movingS: must be at least 60',
    ],
    [
      { collision: { ...on, cases: [{ classes: ['coach'], minDurationS: 1 }] } },
      'rules.collision.cases[0].minDurationS: is not a known key',
    ],
    [
      { dsm: { ...on, cases: [{ tier: 'T1' }] } },
      'rules.dsm.cases[0]: the case applies always: give it a condition (classes, hours, within, outside, fences, subjects, eventLevel) or change the rule itself',
    ],
    [
      { 'cargo-temperature': { ...on, minC: { value: 60, source: 'x' }, maxC: 50 } },
      'rules.cargo-temperature.minC: must not be above maxC, 50',
    ],
    [
      { 'cargo-temperature': { ...on, minC: 0, maxC: 50, cases: [{ fences: ['x'], maxC: -5 }] } },
      'rules.cargo-temperature.cases[0].maxC: must not be below minC, 0',
    ],
    [{ dsm: { ...on, subjects: ['6401'] } }, "rules.dsm.subjects[0]: expected the code of a report, '6501' to '65ff'"],
    [{ dsm: { ...on, subjects: [6_501] } }, 'rules.dsm.subjects[0]: expected string, received number'],
    [{ dsm: { ...on, eventLevel: 3 } }, 'rules.dsm.eventLevel: expected one of 1|2'],
    [
      { 'terminal-fault': { ...on, subjects: ['6401'] } },
      'rules.terminal-fault.subjects[0]: expected the name of a fault such as camera-fault',
    ],
    [
      { collision: { ...on, fences: ['y'] } },
      "rules.collision.fences[0]: no fence has the id 'y'; the file has one fence, its id stands under fences.features",
    ],
    [
      { collision: { ...on, cases: [{ fences: ['x', 'xx'], off: true }] } },
      "rules.collision.cases[0].fences[1]: no fence has the id 'xx'; did you mean 'x'?",
    ],
    [
      { 'prohibited-hours': { ...on, cases: [{ classes: ['coach'], off: true }] } },
      'rules.prohibited-hours.hours: is missing: give the rule or one of its cases the hours in which nobody may drive',
    ],
    [{ 'fence-enter': on }, 'rules.fence-enter: no fence asks for it: give one uses: [enter], or take the rule out'],
    [{ 'fence-exit': on }, 'rules.fence-exit: no fence asks for it: give one uses: [exit], or take the rule out'],
    [
      { 'zone-crowding': on },
      'rules.zone-crowding: no fence asks for it: give one a crowdMax and uses: [enter], or take the rule out',
    ],
    [{ 'zone-dwell': on }, 'rules.zone-dwell: no fence asks for it: give one a dwellMaxS, or take the rule out'],
  ])('%j', (rules, problem) => {
    expect(problemsWith(rules)).toEqual([problem]);
  });

  test.each<[fence: object, problems: string[]]>([
    [
      { uses: ['exit', 'enter'] },
      ['fence-enter', 'fence-exit'].map(
        (id) =>
          `fences.features[0].properties.uses: fence 'x': asks for the rule ${id}, which is off: add rules.${id} with a level and a tier`,
      ),
    ],
    [
      { dwellMaxS: 60 },
      [
        "fences.features[0].properties.dwellMaxS: fence 'x': asks for the rule zone-dwell, which is off: add rules.zone-dwell with a level and a tier",
      ],
    ],
    [{ dwellMaxS: 0 }, ["fences.features[0].properties.dwellMaxS: fence 'x': must be more than 0"]],
    [{ uses: [] }, ["fences.features[0].properties.uses: fence 'x': must have at least 1 item"]],
    [
      { prohibited: false },
      [
        "fences.features[0].properties: fence 'x': the fence does nothing: give it prohibited: true, a limitKph, uses or a dwellMaxS",
      ],
    ],
  ])('fence %j', (fence, problems) => {
    expect(problemsWith({}, {}, fence)).toEqual(problems);
  });

  test.each<[sections: object, problem: string]>([
    [{ motion: { movingFromKph: 0 } }, 'motion.movingFromKph: must be more than 0'],
    [{ motion: { restS: 1 } }, 'motion.restS: is not a known key'],
    [{ motion: { movingFromKph: 3, stoppedToKph: 4 } }, 'motion.stoppedToKph: must not be above movingFromKph'],
    [
      { motion: { night: { from: '22:00', to: '6:00' } } },
      'motion.night.to: expected a time "HH:MM" between 00:00 and 24:00, in quotes',
    ],
    [
      { motion: { night: { from: '02:00', to: '02:00' } } },
      'motion.night.to: must not be the same as from: for the whole day write "00:00" to "24:00"',
    ],
    [{ flapping: { raisedMax: 1.5 } }, 'flapping.raisedMax: must be a whole number'],
    [{ flapping: { withinS: 0 } }, 'flapping.withinS: must be more than 0'],
    [{ flood: { toldMax: 1_001 } }, 'flood.toldMax: must be at most 1000'],
    [{ flood: { withinS: 0 } }, 'flood.withinS: must be more than 0'],
  ])('section %j', (sections, problem) => {
    expect(problemsWith({}, sections)).toEqual([problem]);
  });

  test.each([
    ['plnat-b', "did you mean 'plant-b'?"],
    ['tunnel-3', "did you mean 'tunnel-1' or 'tunnel-2'?"],
    ['nowhere', 'the file has 7 fences, their ids stand under fences.features'],
  ])("of many fences those are told whose ids are near '%s'", (fenceId, told) => {
    const file = fileWith({ collision: { ...on, fences: [fenceId] } }) as { fences: { features: object[] } };
    const ids = ['plant-a', 'plant-b', 'harbour', 'tunnel-1', 'tunnel-2', 'school', 'reservoir'];
    const [feature] = file.fences.features;
    const fences = { ...file.fences, features: ids.map((id) => ({ ...feature, id })) };
    const parsed = parsePolicy({ ...file, fences }, 1);
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
      `rules.collision.fences[0]: no fence has the id '${fenceId}'; ${told}`,
    ]);
  });

  test('more lists of fences than the engine has bits for', () => {
    const cases = Array.from({ length: 23 }, (_, index) => ({
      fences: [`f${index}`, `f${(index + 1) % 23}`],
      off: true,
    }));
    const file = fileWith({ collision: { ...on, cases } }) as { fences: { features: object[] } };
    const [feature] = file.fences.features;
    const features = cases.map((_, index) => ({ ...feature, id: `f${index}` }));
    const parsed = parsePolicy({ ...file, fences: { ...file.fences, features } }, 1);
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
      'rules: at most 21 different lists of fences can be named, these are 23: give the fences uses',
    ]);
  });
});

test('each rule of the catalogue can be switched on with numbers within its bounds, and travels (property)', () => {
  // JSON has no -0.
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
  const setting = (id: CatalogueRuleId): fc.Arbitrary<object> => {
    const numbers = Object.entries(catalogue[id].thresholds as Record<string, { min: number; max: number }>);
    const rule = fc.record({
      level: fc.constantFrom(1, 2, 3, 4),
      tier: fc.constantFrom(...tiers),
      ...Object.fromEntries(numbers.map(([name, { min, max }]) => [name, number(min, max)])),
    });
    // The lowest is not above the highest.
    return rule.map((written: Record<string, unknown>) =>
      'minC' in written ? { ...written, minC: -1, maxC: Math.abs(Number(written['maxC'])) } : written,
    );
  };
  const hours = { hours: [overnight] };
  const asking = { uses: ['enter', 'exit'], dwellMaxS: 60, crowdMax: 3 };
  const places = { 'fence-enter': on, 'fence-exit': on, 'zone-dwell': on, 'zone-crowding': on };
  const anyRule = fc.constantFrom(...catalogueRuleIds).chain((id) => fc.tuple(fc.constant(id), setting(id)));
  fc.assert(
    fc.property(anyRule, ([id, written]) => {
      const rule = { ...written, ...(id === 'prohibited-hours' && hours) };
      const policy = policyWith({ ...places, [id]: rule }, {}, asking);
      expect(Object.keys(policy.rules[id]?.thresholds ?? {})).toEqual(Object.keys(catalogue[id].thresholds));
      const decoded = decodePolicy(encodePolicy(policy));
      expect(decoded).toEqual(policy);
      expect(samePolicy(decoded as Policy, policy)).toBe(true);
    }),
  );
});
