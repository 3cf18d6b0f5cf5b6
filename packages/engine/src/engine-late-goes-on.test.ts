import type { Policy } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { Trial } from './_trial.ts';

/** One fix each ten seconds, from one time to before another. */
function track(fromS: number, toS: number, words: string): string {
  return Array.from({ length: (toS - fromS) / 10 }, (_, i) => `${fromS + i * 10} ${words}`).join('\n');
}

const drive = (fromS: number, toS: number, words = '0,0'): string => track(fromS, toS, `40 ${words}`);
const stand = (fromS: number, toS: number, words = '0,0'): string => track(fromS, toS, `0 ${words}`);

const yard = circle(0, 0, 300);

/** What is told late of a gap, after live input before and after it; the same with a restart between any two pieces. */
function lateOf(
  policy: Partial<Policy>,
  live: readonly string[],
  late: string,
  vehicleClass = 'heavy' as const,
): string[] {
  const [told, restarted] = [false, true].map((restarts) => {
    const trial = new Trial({ policy, vehicles: [{ id: 'truck', class: vehicleClass }] });
    for (const piece of live) {
      trial.take(piece);
      if (restarts) trial.restart();
    }
    const steps = trial.take(late);
    if (restarts) trial.restart();
    return [...steps, ...trial.settle()].filter((step) => step.includes(' late '));
  });
  expect(restarted).toEqual(told);
  return told!;
}

describe('what the live lane has told is not told late once more, where it only goes on', () => {
  test('hours at the wheel that were exceeded before the gap', () => {
    const rules = settings('continuous-driving', { dayMaxS: 300, nightMaxS: 300 });
    expect(lateOf({ rules }, [drive(0, 410), '2000 40 @2000 \n 2010 40'], drive(410, 600))).toEqual([]);
  });

  test('a stay in a prohibited zone; but not the next one, which nobody knew of', () => {
    const fences = [fenceOf('depot', yard, { prohibited: true })];
    const late = [drive(200, 500), drive(500, 700, '0,20'), drive(700, 900)].join('\n');
    expect(lateOf({ fences }, [drive(0, 200), '2000 40 0,0 @2000'], late)).toEqual([
      '730 raised prohibited-zone late depot L3',
    ]);
  });

  test('though the live lane has told of the same fence again since', () => {
    const fences = [fenceOf('depot', yard, { prohibited: true })];
    const late = `${drive(200, 500)} \n ${drive(500, 600, '0,20')}`;
    const again = `${drive(2_030, 2_100, '0,20')} \n ${drive(2_100, 2_200)} \n ${drive(2_200, 2_300, '0,20')}`;
    const live = [drive(0, 200), '2000 40 0,20 @2000 \n 2010 40 0,20 \n 2020 40 0,20', again, drive(2_300, 2_400)];
    expect(lateOf({ fences }, live, late)).toEqual([]);
  });

  test('though a timer has told of it again while nothing was heard, in the next hours of the rule', () => {
    const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 10 }];
    const stops = settings('unauthorised-stop', { maxS: 120 }, { when: { hours } });
    const rules = { ...stops, ...settings('offline', { movingS: 120, parkedS: 86_200 }) };
    const trial = new Trial({ policy: { rules } });
    expect(trial.take(stand(0, 250))).toEqual(['130 raised unauthorised-stop 2>2 L2']);
    trial.advance(620);
    expect(trial.advance(700)).toEqual(['700 cleared unauthorised-stop 0..620 4>2']);
    expect(trial.advance(86_500)).toContain('86500 raised unauthorised-stop 1441>2 L2');
    expect(trial.takeSettled(stand(250, 500, '0,0 blind @86510'))).toEqual([]);
  });

  test('a stop, and a stay that is too long, of which a timer has told while nothing was heard', () => {
    const rules = { ...settings('unauthorised-stop', { maxS: 300 }), ...settings('zone-dwell', {}) };
    const fences = [fenceOf('yard', yard, { dwellMaxS: 300 })];
    const trial = new Trial({ policy: { rules, fences } });
    trial.take(stand(0, 250));
    expect(trial.advance(600)).toEqual(['600 raised zone-dwell yard 10>5 L2', '600 raised unauthorised-stop 10>5 L2']);
    expect(trial.takeSettled(`2000 0 @2000 \n ${stand(250, 2_000)}`)).toEqual([]);
    // Nor where the burst comes first.
    const other = new Trial({ policy: { rules, fences } });
    other.take(stand(0, 250));
    other.advance(1_900);
    expect(other.takeSettled(stand(250, 2_000, '0,0 blind @2000'))).toEqual([]);
    expect(other.take('2070 0 @2070 \n 2080 40 0,20 \n 2100 40 0,20 \n 2110 40 0,20 \n 2120 40 0,20')).toEqual([
      '2100 cleared unauthorised-stop 0..2080 34>5',
      '2120 cleared zone-dwell yard 0..2080 34.5>5',
    ]);
  });
});

describe('a stay that began before the gap', () => {
  const rules = settings('zone-dwell', {});
  const fences = [fenceOf('yard', yard, { dwellMaxS: 300 })];

  test('lasts from its beginning on', () => {
    const live = [drive(0, 250), '2000 40 0,20 @2000 \n 2030 40 0,20'];
    const late = `${drive(250, 400)} \n ${drive(400, 500, '0,20')}`;
    expect(lateOf({ rules, fences }, live, late)).toEqual([
      '310 raised zone-dwell late yard 5.2>5 L2',
      '430 cleared zone-dwell late yard 0..400 6.5>5',
    ]);
  });

  test('and was not believed yet, is believed when it goes on', () => {
    const policy = { rules: settings('fence-enter', {}), fences: [fenceOf('yard', yard, { uses: ['enter'] })] };
    const live = ['0 40 0,20 \n 10 40 0,0', '2000 40 0,20 @2000 \n 2030 40 0,20'];
    expect(lateOf(policy, live, drive(20, 60))).toEqual(['20 raised fence-enter late yard L2']);
    expect(lateOf(policy, live, drive(20, 60, '0,20'))).toEqual([]);
  });
});
