import { ruleIds, type Level, type RuleId, type Tier } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { beginEpisode, brokenByGap, episodeAt, episodeEnd, episodeWords, readEpisode, stepEpisode } from './episode.ts';
import { explain } from './explain.ts';
import { newObservation, type Observation } from './observation.ts';
import type { EpisodeTiming } from './episode.ts';

const timing: EpisodeTiming = { minDurationMs: 30, clearAfterMs: 20, gapMaxMs: 90 };

/** What the tests' labels stand for: 0 is the fence, 1 the school. */
const names = {
  fence: (label: number) => ({ id: 'depot', name: ['the depot', 'the school'][label]! }),
  limitSource: (source: number) => (source < 0 ? `class ${-source}` : `fence '${['the depot', 'the school'][source]}'`),
};

/** An array in which episodes lie from `at` on, as an engine has them. */
const at = 2 * episodeWords;

function begin(rule: RuleId, fence: number, seen: Observation, atMs: number, policyVersion: number): Float64Array {
  const episodes = new Float64Array(3 * episodeWords);
  beginEpisode(episodes, at, ruleIds.indexOf(rule), fence, seen, atMs);
  episodes[at + episodeAt.policyVersion] = policyVersion;
  return episodes;
}

/** `holds`, `holds 3` with a level, `holds 3T2` with a tier, too (else T0), `holds 80/60` with value and limit, `band`, `over`, `unknown`. */
function observation(words: string): Observation {
  const [state, told = ''] = words.split(' ') as [Observation['state'], string?];
  const [value, limit] = told.includes('/') ? told.split('/').map(Number) : [];
  const [, level = '1', tier = 'T0'] = (value === undefined && /^(\d)(T\d)?$/.exec(told)) || [];
  const grade = { level: Number(level) as Level, tier: tier as Tier };
  return { ...newObservation(), state, ...grade, value: value ?? Number.NaN, limit: limit ?? Number.NaN };
}

/** Plays `ms what was seen | …` through one episode that begins at the first of them; `-` stands for no change. */
function play(track: string, rules: EpisodeTiming = timing) {
  const rows = track
    .split(' | ')
    .map((row) => ({ atMs: parseInt(row, 10), seen: observation(row.replace(/^\d+ /, '')) }));
  const episodes = begin('overspeed', -1, rows[0]!.seen, rows[0]!.atMs, 1);
  const changes = rows.map(({ atMs, seen }) => {
    const change = stepEpisode(episodes, at, seen, atMs, rules);
    return change === 'none' ? '-' : change;
  });
  return { episodes, episode: readEpisode(episodes, at, names), changes: changes.join(' ') };
}

test.each<[string, string, string]>([
  ['raised exactly at the minimum duration, not one fix before', '0 holds | 29 holds | 30 holds', '- - raised'],
  ['raised once', '0 holds | 30 holds | 60 holds', '- raised -'],
  ['dropped by the first fix without it', '0 holds | 10 over', '- drop'],
  ['dropped by the band too: it must hold without a break', '0 holds | 10 band', '- drop'],
  ['unknown is no break', '0 holds | 10 unknown | 30 holds', '- - raised'],
  ['unknown does not raise', '0 holds | 30 unknown', '- -'],
  ['escalated by a higher level', '0 holds 1 | 30 holds 1 | 31 holds 3 | 32 holds 2', '- raised escalated -'],
  [
    'a level that rises before is not in the raise',
    '0 holds 1 | 10 holds 4 | 30 holds 1 | 40 holds 4',
    '- - raised escalated',
  ],
  ['nor is one that falls', '0 holds 4 | 10 holds 1 | 30 holds 4 | 40 holds 4 | 50 holds 4', '- - raised escalated -'],
  ['one that has held all the time is', '0 holds 3 | 10 holds 4 | 30 holds 3 | 40 holds 3', '- - raised -'],
  [
    'escalated by a higher tier alone',
    '0 holds 2T1 | 30 holds 2T1 | 40 holds 2T3 | 50 holds 2T2',
    '- raised escalated -',
  ],
  ['by a higher tier under a lower level', '0 holds 3T1 | 30 holds 3T1 | 40 holds 2T2', '- raised escalated'],
  ['by a higher level under a lower tier', '0 holds 2T2 | 30 holds 2T2 | 40 holds 3T1', '- raised escalated'],
  [
    'not twice by the same tier',
    '0 holds 2T1 | 30 holds 2T1 | 40 holds 2T3 | 50 holds 2T1 | 60 holds 2T3',
    '- raised escalated - -',
  ],
  [
    'a tier that rises before is not in the raise',
    '0 holds 2T1 | 10 holds 2T3 | 30 holds 2T1 | 40 holds 2T3',
    '- - raised escalated',
  ],
  ['cleared exactly at the wait', '0 holds | 30 holds | 40 over | 59 over | 60 over', '- raised - - cleared'],
  ['not cleared by the band', '0 holds | 30 holds | 40 band | 80 band | 170 band', '- raised - - -'],
  [
    'the band starts the wait anew',
    '0 holds | 30 holds | 40 over | 50 band | 60 over | 79 over | 80 over',
    '- raised - - - - cleared',
  ],
  ['not cleared by the unknown', '0 holds | 30 holds | 40 over | 60 unknown | 61 over', '- raised - - cleared'],
  [
    'back within the wait it goes on',
    '0 holds | 30 holds | 40 over | 59 holds | 60 over | 80 over',
    '- raised - - - cleared',
  ],
])('%s', (_, track, expected) => {
  expect(play(track).changes).toBe(expected);
});

test.each<[string, string, [Level, Tier]]>([
  ['raised at the lowest of each that it had', '0 holds 3T1 | 10 holds 1T3 | 30 holds 4T2', [1, 'T1']],
  [
    'neither has fallen where the other has risen',
    '0 holds 2T2 | 30 holds 2T2 | 40 holds 4T0 | 50 holds 1T3',
    [4, 'T3'],
  ],
])('level and tier: %s', (_, track, [level, tier]) => {
  expect(play(track).episode).toMatchObject({ level, tier });
});

test('with no minimum it is raised at once; with no wait it is cleared at once', () => {
  const rules = { ...timing, minDurationMs: 0, clearAfterMs: 0 };
  expect(play('0 holds | 1 over', rules).changes).toBe('raised cleared');
});

describe('the end', () => {
  test.each<[string, string, number]>([
    ['is the first fix without it', '0 holds | 30 holds | 40 over | 60 over', 40],
    ['also where that was in the band', '0 holds | 30 holds | 40 band | 50 over | 70 over', 40],
    ['is forgotten when it holds again', '0 holds | 30 holds | 40 over | 50 holds | 60 over | 80 over', 60],
    ['is never before it last held, though that was dated ahead', '0 holds | 30 holds | 25 over | 50 over', 30],
  ])('%s', (_, track, expected) => {
    const { episode, changes } = play(track);
    expect(changes.endsWith('cleared')).toBe(true);
    expect(episodeEnd(episode, 'condition-over')).toBe(expected);
  });

  test.each(['gap', 'rule-withdrawn', 'late-lane-over'] as const)('by %s is where it last held', (reason) => {
    expect(episodeEnd(play('0 holds | 30 holds | 40 over').episode, reason)).toBe(30);
  });

  test.each(['condition-over', 'gap'] as const)(
    'by %s is not before it began, where later fixes are stamped before',
    (reason) => {
      expect(episodeEnd({ startedAtMs: 50, heldAtMs: 20, endsAtMs: 30 }, reason)).toBe(50);
    },
  );
});

test.each<[string, string, number, boolean]>([
  ['as long as allowed', '0 holds', 90, false],
  ['longer', '0 holds', 91, true],
  ['measured from the newest fix that said anything', '0 holds | 50 unknown', 91, true],
  ['which the band is too', '0 holds | 30 holds | 80 band', 170, false],
])('a gap %s', (_, track, atMs, expected) => {
  const { episodes } = play(track);
  expect(brokenByGap(episodes, at, atMs, timing)).toBe(expected);
  expect(brokenByGap(episodes, at, atMs, { ...timing, gapMaxMs: Infinity })).toBe(false);
});

test('the peak is the greatest excess over its own limit, not the highest number', () => {
  const { episode } = play('0 holds 80/60 | 30 holds 100/80 | 40 holds 50/30 | 50 holds 90/60');
  expect(episode).toMatchObject({ peak: 50, peakLimit: 30, value: 90, limit: 60 });
});

test('a rule without numbers has none to tell', () => {
  const { episode } = play('0 holds | 30 holds');
  for (const name of ['value', 'limit', 'peak', 'peakLimit']) expect(episode).not.toHaveProperty(name);
});

test('nothing is written beside the episode', () => {
  const { episodes } = play('0 holds 80/60 | 30 holds 100/80 | 40 over | 60 over');
  expect([...episodes.subarray(0, at)].every((word) => word === 0)).toBe(true);
});

describe('the sentence', () => {
  const speeding = (value: number, limit: number, limitSource: number): Observation => ({
    ...newObservation(),
    state: 'holds',
    value,
    limit,
    limitSource,
  });

  test('of overspeed: now where it goes on, the worst where it is over', () => {
    const episodes = begin('overspeed', -1, speeding(82, 60, -3), 0, 12);
    stepEpisode(episodes, at, speeding(45, 30, 1), 47_400, { ...timing, minDurationMs: 1 });
    const episode = readEpisode(episodes, at, names);
    expect([explain(episode, 47_400, undefined), explain(episode, 60_000, 'gap')]).toEqual([
      "45 km/h for 47 s where 30 applies (fence 'the school'), policy v12",
      "up to 45 km/h for 47 s where 30 applies (fence 'the school'), policy v12; closed: no report while it held",
    ]);
  });

  test('of the others', () => {
    const inside = readEpisode(begin('prohibited-zone', 0, newObservation(), 0, 3), at, names);
    const pressed = readEpisode(begin('sos', -1, newObservation(), 0, 3), at, names);
    expect([
      explain(inside, 30_000, undefined),
      explain(inside, 30_000, 'rule-withdrawn'),
      explain(pressed, 5_000, undefined),
      explain(pressed, 5_000, 'late-lane-over'),
    ]).toEqual([
      "inside prohibited zone 'the depot' for 30 s, policy v3",
      "inside prohibited zone 'the depot' for 0 s, policy v3; closed: the policy no longer asks for it",
      'emergency button pressed, 5 s, policy v3',
      'emergency button pressed, 0 s, policy v3; closed: no more late reports',
    ]);
  });
});
