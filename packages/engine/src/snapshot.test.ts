import { compilePolicy } from '@haulwatch/rules';
import { Fleet } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { basePolicy } from './_policy.ts';
import { SnapshotError, type EngineSnapshot } from './snapshot.ts';
import { shortStep, Trial } from './_trial.ts';

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
    '130 raised overspeed late 80>60 L3',
    '570 cleared overspeed 500..550 70>60',
    '570 cleared sos 540..550',
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
  expect(steps).toHaveLength(2_500);
  expect(steps.slice(-2)).toEqual([
    '9030 raised overspeed truck-2498 70>60 L2',
    '4030 raised overspeed truck-2499 late 70>60 L2',
  ]);
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
