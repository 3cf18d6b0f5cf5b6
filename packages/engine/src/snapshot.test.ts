import { compilePolicy, episodeAt, episodeWords } from '@haulwatch/rules';
import { Fleet, ruleIds } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { tallyAt, tallyWords } from './tallies.ts';
import { laneBytes, wordAt } from './lanes.ts';
import { basePolicy, settings } from './_policy.ts';
import type { EngineSnapshot } from './snapshot.ts';
import { SnapshotError } from './snapshot-error.ts';
import { formerVersion } from './snapshot-lists.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

function restore(snapshot: EngineSnapshot): Engine {
  const options = { fleet: new Fleet(), rules: compilePolicy(basePolicy), partition: 0, isHome: () => true };
  return new Engine(options, snapshot);
}

function withHeader(snapshot: EngineSnapshot, change: object): EngineSnapshot {
  const header = JSON.parse(snapshot.header) as object;
  return { ...snapshot, header: JSON.stringify({ ...header, ...change }) };
}

test('an engine that has seen nothing restores to one that has seen nothing', () => {
  const trial = new Trial();
  const first = trial.engine.snapshot();
  trial.restart();
  expect(trial.engine.snapshot()).toEqual(first);
  expect(trial.take('0 70 \n 30 70')).toEqual(['30 raised overspeed 70>60 L2']);
});

test('open alarms, pending ones and late lanes go on where they stood', () => {
  const trial = new Trial();
  const before = trial.take('500 70 @500 \n 530 70 @530 \n 540 70 sos @540 \n 100 80 @550');
  trial.restart();
  const after = trial.take('130 80 @551 \n 550 40 @552 \n 570 40 @571 \n 1200 0 @1200');
  expect(before).toEqual(['530 raised overspeed 70>60 L2', '540 raised sos L4']);
  expect(after).toEqual([
    '570 cleared overspeed 500..550 70>60',
    '570 cleared sos 540..550',
    '130 raised overspeed late 80>60 L3',
    '130 cleared overspeed late 100..130 80>60 late-lane-over',
  ]);
});

test('more vehicles than any table begins with', () => {
  const vehicles = Array.from({ length: 2_500 }, (_, i) => ({ id: `truck-${i}`, class: 'heavy' as const }));
  const trial = new Trial({ vehicles });
  const rows = (atS: number, kph: number) =>
    vehicles.map(({ id }, i) => ({
      vehicle: id,
      atS: atS + (i % 2) * -5_000,
      receivedS: 10_000,
      kph,
      x: 0,
      y: 0,
      sos: false,
      invalid: false,
      blind: i % 2 === 1,
    }));
  trial.feed(rows(9_000, 70));
  trial.restart();
  const steps = trial.feed(rows(9_030, 70)).map(shortStep);
  expect(steps).toHaveLength(1_250);
  expect(steps.at(-1)).toBe('9030 raised overspeed truck-2498 70>60 L2');
  trial.restart();
  const late = trial.settle();
  expect(late).toHaveLength(1_250);
  expect(late.at(-1)).toBe('4030 raised overspeed truck-2499 late 70>60 L2');
});

describe('a snapshot that cannot be used is not taken for an empty state', () => {
  const trial = new Trial();
  trial.take('0 70 \n 30 70');
  const good = trial.engine.snapshot();

  test.each([
    ['of another version', withHeader(good, { version: 0 })],
    ['cut short', { ...good, columns: good.columns.subarray(1) }],
    ['too long', { ...good, columns: new Uint8Array(good.columns.length + 1) }],
    ['with another number of vehicles', withHeader(good, { vehicleIds: [] })],
  ])('%s', (_, snapshot) => {
    expect(() => restore(snapshot)).toThrow(SnapshotError);
  });

  test('a good one is taken', () => {
    expect(restore(good).vehicleCount).toBe(1);
  });
});

describe('a snapshot of the version before', () => {
  /** Words at the end of each thing of a list that version did not have, by the list's place; the last list it had not at all. */
  const added: Readonly<Record<number, number>> = { 0: 1, 3: 3, 5: 1 };
  const widths = [episodeWords, 5, 170, tallyWords, 5, 26];

  function formerOf({ header, columns }: EngineSnapshot): EngineSnapshot {
    const told = JSON.parse(header) as { lists: [number, number][]; liveCount: number; lateCount: number };
    const lanesEnd = (told.liveCount + told.lateCount) * laneBytes;
    const lanes = new Uint8Array(columns.subarray(0, lanesEnd));
    // In the cold halves, which follow the hot ones, it left the head of the younger list as it happened to be.
    for (const [from, count] of [
      [0, told.liveCount],
      [told.liveCount * laneBytes, told.lateCount],
    ] as const) {
      const cold = new DataView(lanes.buffer, from + (count * laneBytes) / 2, (count * laneBytes) / 2);
      for (let row = 0; row < count; row += 1)
        cold.setInt32(row * (laneBytes / 2) + 4 * (wordAt.firstFormerStay - 32), 0);
    }
    const doubles = [...new Float64Array(columns.slice(lanesEnd).buffer)];
    const rest = doubles.splice(
      0,
      told.lists.flat().reduce((sum, length) => sum + length, 0),
    );
    const kept: number[] = [];
    const lists = told.lists.slice(0, -1).map((pair, place) =>
      pair.map((length) => {
        const width = 1 + widths[place]!;
        const things = rest.splice(0, length);
        const narrow = things.filter((_, i) => i % width < width - (added[place] ?? 0));
        expect(length % width).toBe(0);
        kept.push(...narrow);
        return narrow.length;
      }),
    );
    const tail = new Uint8Array(Float64Array.from([...kept, ...doubles]).buffer);
    const former = new Uint8Array(lanesEnd + tail.length);
    former.set(lanes);
    former.set(tail, lanesEnd);
    return { header: JSON.stringify({ ...told, version: formerVersion, lists }), columns: former };
  }

  test('is read: what is open, what was told how often, and what the vehicle was when its gap began', () => {
    const story = '0 70 \n 30 70 \n 500 70 \n 530 70 \n 540 70 sos \n 100 80 @550';
    const [whole, trial] = [new Trial(), new Trial()];
    whole.take(story);
    trial.take(story);
    const former = formerOf(trial.engine.snapshot());
    expect(former.columns.length).toBeLessThan(trial.engine.snapshot().columns.length);
    trial.restart(former);
    const more = '550 40 @552 \n 570 40 @571 \n 130 80 @572 \n 1200 0 @1200';
    const steps = whole.take(more);
    expect(trial.take(more)).toEqual(steps);
    expect(steps).toContain('130 raised overspeed late 80>60 L3');
  });
});

describe('a snapshot that numbers the rules otherwise', () => {
  const options: TrialOptions = {
    vehicles: Array.from({ length: 4 }, (_, i) => ({ id: `v${i}`, class: 'heavy' })),
    policy: {
      rules: { ...settings('terminal-fault', {}), ...settings('collision', {}) },
      flapping: { raisedMax: { value: 1, source: 'test' }, withinS: { value: 3_600, source: 'test' } },
      storms: { ...basePolicy.storms, vehiclesMax: { value: 2, source: 'test' } },
    },
  };
  const before = [0, 1, 2].map(
    (i) => `${i} 70 0,0 v${i} alarm5,29 \n ${i + 10} 70 0,0 v${i} alarm29 \n ${i + 35} 70 0,0 v${i}`,
  );
  const after = [2, 3].map((i) => `${i + 60} 40 0,0 v${i} alarm5,29 \n ${i + 90} 40 0,0 v${i}`);

  /** The same state as an engine would have packed it that lists the rules in another order. */
  function renumbered({ header, columns }: EngineSnapshot, listed: readonly string[]): EngineSnapshot {
    const told = JSON.parse(header) as {
      rules: string[];
      lists: [number, number][];
      liveCount: number;
      lateCount: number;
    };
    const lanesEnd = (told.liveCount + told.lateCount) * laneBytes;
    const doubles = new Float64Array(columns.slice(lanesEnd).buffer);
    const move = (from: number, length: number, words: number, ruleAt: number): void => {
      for (let at = from + 1 + ruleAt; at < from + length; at += 1 + words) {
        doubles[at] = listed.indexOf(told.rules[doubles[at]!]!);
      }
    };
    const lengths = told.lists.map(([live, late]) => live + late);
    // Episodes are the first of the lists, tallies the fourth.
    move(0, lengths[0]!, episodeWords, episodeAt.rule);
    move(lengths[0]! + lengths[1]! + lengths[2]!, lengths[3]!, tallyWords, tallyAt.rule);
    const moved = new Uint8Array(columns);
    moved.set(new Uint8Array(doubles.buffer), lanesEnd);
    return { header: JSON.stringify({ ...told, rules: listed }), columns: moved };
  }

  test('goes on as one that does not: episodes, how often they were told, and storms', () => {
    const whole = new Trial(options);
    const moved = new Trial(options);
    whole.take(before.join('\n'));
    moved.take(before.join('\n'));
    const snapshot = moved.engine.snapshot();
    const other = renumbered(snapshot, [...ruleIds.slice(3), 'rule-of-old', ...ruleIds.slice(0, 3)]);
    expect(other.columns).not.toEqual(snapshot.columns);
    moved.restart(other);
    expect(moved.engine.snapshot()).toEqual(snapshot);
    const steps = whole.take(after.join('\n'));
    expect(moved.take(after.join('\n'))).toEqual(steps);
    expect(steps).toEqual([
      '62 raised terminal-fault v2 gnss-antenna-open by flapping L2',
      '92 cleared overspeed v2 2..62 70>60',
      '63 raised collision v3 L2',
      '63 raised terminal-fault v3 gnss-antenna-open by storm L2',
    ]);
    expect(moved.engine.counters).toEqual(whole.engine.counters);
  });

  test('is refused where it has something of a rule that is no more, and says of which', () => {
    const trial = new Trial(options);
    trial.take(before.join('\n'));
    const gone = ruleIds.map((id) => (id === 'collision' ? 'rule-of-old' : id));
    const snapshot = withHeader(trial.engine.snapshot(), { rules: gone });
    expect(() => restore(snapshot)).toThrow(SnapshotError);
    expect(() => restore(snapshot)).toThrow("'rule-of-old'");
  });
});
