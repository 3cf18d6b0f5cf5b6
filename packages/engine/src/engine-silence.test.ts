import { describe, expect, test } from 'vitest';
import { basePolicy, circle, fenceOf, settings } from './_policy.ts';
import { epochMs, Trial, type TrialOptions } from './_trial.ts';
import type { AlarmStep } from '@haulwatch/domain';

const rules = {
  ...settings('offline', { movingS: 300, parkedS: 3_600 }),
  ...settings('offline-displacement', { silentMinS: 300, movedMinM: 200 }),
  ...settings('tampering-suspected', { silentS: 120 }),
  ...settings('unauthorised-stop', { maxS: 600 }, { when: { outside: ['approved-stop'] } }),
};
const yard = fenceOf('yard', circle(0, 0, 200), { uses: ['approved-stop'] });
const vehicles = [
  { id: 'truck', class: 'hazmat' },
  { id: 'other', class: 'heavy' },
] as const;
const world: TrialOptions = { vehicles, policy: { ...basePolicy, rules, fences: [yard] } };

test('who was moving is missed after five minutes, at the next ten seconds of the partition, and found again by a fix', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 30 50 12,0');
  // Receipt is a second after the fix: 31 + 300 = 331, told by whoever reports next.
  expect(trial.take('325 0 0,0 other')).toEqual([]);
  expect(trial.take('340 0 0,0 other')).toEqual(['341 raised offline 5>5 L2']);
  expect(trial.take('400 0 0,0 other \n 600 0 0,0 other')).toEqual([]);
  expect(trial.take('700 50 12.1,0 \n 720 50 14,0')).toEqual(['720 cleared offline 30..700 5>5']);
});

test('who was parked is missed after an hour', () => {
  const trial = new Trial(world);
  trial.take('0 0 0,0');
  expect(trial.take('3590 0 0,0 other')).toEqual([]);
  expect(trial.take('3610 0 0,0 other')).toEqual(['3611 raised offline 60>60 L2']);
});

test('a partition in which nobody reports is told the time', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0');
  expect(trial.advance(290)).toEqual([]);
  expect(trial.advance(310)).toEqual(['310 raised offline 5>5 L2']);
  expect(trial.advance(340)).toEqual([]);
});

test('a restart while it is silent tells nothing twice and forgets nothing', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0');
  trial.restart();
  expect(trial.advance(310)).toHaveLength(1);
  trial.restart();
  expect(trial.advance(340)).toEqual([]);
  expect(trial.take('700 50 9.1,0 \n 730 50 11,0')).toEqual(['730 cleared offline 0..700 5>5']);
});

test('who moved while nothing was heard has been moved', () => {
  const trial = new Trial(world);
  trial.take('0 0 9,0');
  expect(trial.take('400 0 9.1,0')).toEqual([]);
  expect(trial.take('1000 50 19,0')).toEqual(['1000 raised offline-displacement 942>200 L2']);
});

test('power or antenna cut, then silence on the road', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 10 50 10,0 alarm8 \n 5 50 3,3 other');
  expect(trial.take('140 50 12,3 other')).toEqual(['141 raised tampering-suspected L2']);
  const parked = new Trial(world);
  parked.take('0 0 9,0 \n 10 0 9,0 alarm8');
  expect(parked.take('140 50 12,3 other')).toEqual([]);
});

test('standing too long where it is not approved is told by the partition’s time', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 \n 30 0 9,0');
  expect(trial.advance(620)).toEqual([]);
  expect(trial.advance(640)).toEqual(['640 raised unauthorised-stop 10>10 L2']);
  const approved = new Trial(world);
  approved.take('0 50 1,0 \n 30 0 1,0');
  expect(approved.advance(700)).toEqual([]);
});

test('the same log gives the same, however it is cut', () => {
  const pieces = ['0 50 9,0', '30 50 12,0', '340 0 0,0 other', '700 50 12.1,0', '720 50 14,0'];
  const whole = new Trial(world).take(pieces.join('\n'));
  const trial = new Trial(world);
  const told = pieces.flatMap((piece) => {
    trial.restart();
    return trial.take(piece);
  });
  expect(told).toEqual(whole);
  expect(whole).toHaveLength(2);
});

test('fixes that were held back are shown to all rules, whatever was asked while nothing was heard', () => {
  const hours = settings('daily-driving', { maxS: 300 });
  const held: TrialOptions = { vehicles, policy: { ...basePolicy, rules: { ...rules, ...hours } } };
  const track = (fromS: number, toS: number, words: string): string =>
    Array.from({ length: (toS - fromS) / 30 }, (_, i) => fromS + 30 * i)
      .map((atS) => `${atS} 50 ${(4 * atS) / 30},0 ${words}`)
      .join('\n');
  const trial = new Trial(held);
  expect(trial.take(track(0, 150, ''))).toEqual([]);
  // Silent for as long as `tampering-suspected` asks about.
  expect(trial.take('300 0 50,50 other @300')).toEqual([]);
  expect(trial.take(track(150, 600, '@301 ^301'))).toEqual(['330 raised daily-driving 5>5 L2']);
});

test('a policy that is new asks about those who are silent already', () => {
  const trial = new Trial({ vehicles, policy: { ...basePolicy, fences: [yard] } });
  trial.take('0 50 9,0');
  expect(trial.advance(1_000)).toEqual([]);
  trial.setPolicy({ rules });
  expect(trial.advance(1_010)).toEqual(['1010 raised offline 16>5 L2']);
  expect(trial.advance(1_020)).toEqual([]);
});

test('a fix that is refused for its clock does not stand for one that is heard', () => {
  const trial = new Trial(world);
  trial.take('0 50 9,0 @0');
  // Its own wrong fix is the only thing that tells the time when five minutes are over.
  expect(trial.take('9000 50 9,0 @305')).toEqual(['305 raised offline 5>5 L2']);
});

describe('what does not last across gaps', () => {
  const speeding = '0 70 9,0 @0 \n 30 70 9,0 @30';
  const quiet: TrialOptions = { vehicles, policy: { ...basePolicy, fences: [] } };

  test('is over when a moving vehicle would be missed, as of when it was last seen', () => {
    const trial = new Trial(quiet);
    expect(trial.take(speeding)).toEqual(['30 raised overspeed 70>60 L2']);
    expect(trial.advance(330)).toEqual([]);
    expect(trial.advance(340)).toEqual(['340 cleared overspeed 0..30 70>60 gap']);
    expect(trial.take('1000 70 9,0 \n 1030 70 9,0')).toEqual(['1030 raised overspeed 70>60 L2']);
  });

  test('by whoever tells the time, in whatever pieces', () => {
    const pieces = [speeding, '200 0 500,0 other @200', '329 0 500,0 other @329', '350 0 500,0 other @350'];
    const trial = new Trial(quiet);
    const told = pieces.flatMap((piece) => {
      trial.restart();
      return trial.take(piece);
    });
    expect(told).toEqual(['30 raised overspeed 70>60 L2', '350 cleared overspeed 0..30 70>60 gap']);
    expect(new Trial(quiet).take(pieces.join('\n'))).toEqual(told);
  });

  test('is told as the next fix would tell it, but when and where', () => {
    const ends = [(trial: Trial) => trial.engine.advance(epochMs + 350_000, 9, epochMs + 350_000), again];
    const [now, later] = ends.map((end): Partial<AlarmStep> => {
      const trial = new Trial(quiet);
      trial.steps('0 70 9,0 @0 \n 30 80 12,0 @30 \n 40 72 13,0 @40');
      const [{ atMs: _at, cause: _cause, producedAtMs: _by, lonDeg: _lon, latDeg: _lat, ...step }] = end(trial) as [
        AlarmStep,
      ];
      return step;
    });
    expect(now).toEqual(later);
    expect(now).toMatchObject({ kind: 'cleared', seq: 3, endedAtMs: epochMs + 40_000, peak: 80, clearReason: 'gap' });
  });

  test('what had only begun is forgotten', () => {
    const trial = new Trial(quiet);
    trial.take('0 70 9,0 @0 \n 20 70 9,0 @20');
    expect(trial.advance(330)).toEqual([]);
    // Told by nobody in between it would have held for 90 s.
    expect(trial.take('110 70 9,0 @331 \n 130 70 9,0 @332')).toEqual([]);
    expect(trial.take('140 70 9,0 @333')).toEqual(['140 raised overspeed 70>60 L2']);
  });

  test('fixes that were held back for less go on with the alarm', () => {
    const trial = new Trial(quiet);
    trial.take(speeding);
    expect(trial.advance(320)).toEqual([]);
    const burst = Array.from({ length: 10 }, (_, i) => `${60 + 30 * i} 70 9,0 @325`).join('\n');
    expect(trial.take(burst)).toEqual([]);
    expect(trial.take('340 20 9,0 @341 \n 360 20 9,0 @361')).toEqual(['360 cleared overspeed 0..340 70>60']);
  });

  test('waits as long as the class’s vehicles are missed after, and never less than a gap', () => {
    const late = new Trial({ vehicles, policy: { rules: settings('offline', { movingS: 900, parkedS: 900 }) } });
    late.take(speeding);
    expect(late.advance(920)).toEqual([]);
    expect(late.advance(940)).toEqual(['940 cleared overspeed 0..30 70>60 gap', '940 raised offline 15>15 L2']);
    const time = { ...basePolicy.time, gapMaxS: { value: 600, source: 'test' } };
    const wide = new Trial({ vehicles, policy: { time } });
    wide.take(speeding);
    expect(wide.advance(690)).toEqual([]);
    expect(wide.advance(700)).toEqual(['700 cleared overspeed 0..30 70>60 gap']);
  });

  test('an emergency and who is in a closed zone are not ended by silence', () => {
    const zone = fenceOf('zone', circle(9, 0, 300), { prohibited: true });
    const trial = new Trial({ vehicles, policy: { fences: [zone] } });
    expect(trial.take('0 20 9,0 sos \n 30 20 9,0 sos')).toHaveLength(2);
    expect(trial.advance(90_000)).toEqual([]);
  });

  test('a registry that has another class asks the rules of that one of those who are silent already', () => {
    const trial = new Trial({
      vehicles: [{ id: 'truck', class: 'heavy' }],
      policy: { rules: settings('unauthorised-stop', { maxS: 1_800 }, { when: { classes: ['hazmat'] } }) },
    });
    trial.take('0 40 9,0 \n 30 0 9.1,0 \n 60 0 9.1,0');
    expect(trial.advance(2_000)).toEqual([]);
    trial.register([{ id: 'truck', class: 'hazmat' }]);
    trial.restart();
    expect(trial.advance(2_010)).toEqual(['2010 raised unauthorised-stop 33>30 L2']);
  });

  test('an alarm whose rule has hours is over when they are, also if nothing is heard', () => {
    const square = fenceOf('square', circle(0, 0, 100), { uses: ['enter'] });
    const hours = [{ days: [1], fromMinute: 0, toMinute: 20 }] as const;
    const trial = new Trial({ policy: { fences: [square], rules: settings('fence-enter', {}, { when: { hours } }) } });
    expect(trial.take('0 20 9,0 \n 10 20 0,0 \n 20 20 0,0 \n 30 0 0,0')).toEqual(['20 raised fence-enter square L2']);
    expect([...trial.advance(1_195), ...trial.advance(1_205)]).toEqual([]);
    expect(trial.advance(1_230)).toEqual(['1230 cleared fence-enter square 10..1205']);
  });

  test('who is in a zone whose hours end is in no closed zone any more, also if nothing is heard', () => {
    const schedule = [{ days: [1, 2], fromMinute: 0, toMinute: 20 }] as const;
    const zone = fenceOf('zone', circle(9, 0, 300), { prohibited: true, schedule });
    const [calm, restarted] = [false, true].map((restarts) => {
      const trial = new Trial({ policy: { fences: [zone] } });
      const steps = [trial.take('0 20 9,0 \n 30 0 9,0')];
      for (const atS of [600, 1_195, 1_205, 1_215, 1_230, 2_000]) {
        if (restarts) trial.restart();
        steps.push(trial.advance(atS));
      }
      return [...steps, trial.take('86400 0 9,0 \n 86430 0 9,0')].flat();
    });
    expect(calm).toEqual([
      '30 raised prohibited-zone zone L3',
      '1230 cleared prohibited-zone zone 0..1205',
      '86430 raised prohibited-zone zone L3',
    ]);
    expect(restarted).toEqual(calm);
  });

  test('and who is in it when they begin again is in it anew, though it stands at the border and nobody has heard it in between', () => {
    const schedule = [{ days: [1, 2], fromMinute: 0, toMinute: 20 }] as const;
    const zone = fenceOf('zone', circle(9, 0, 300), { prohibited: true, schedule });
    const trial = new Trial({ policy: { fences: [zone] } });
    // 2.5 thousandths of a degree are 278 m: nearer to the border than positions are sure.
    trial.take('0 0 9,2.5 \n 30 0 9,2.5');
    expect([1_205, 1_230].flatMap((atS) => trial.advance(atS))).toEqual(['1230 cleared prohibited-zone zone 0..1205']);
    expect(trial.take('86400 0 9,2.5 \n 86430 0 9,2.5')).toEqual(['86430 raised prohibited-zone zone L3']);
  });

  test('what a new policy has no more is withdrawn from those who are silent', () => {
    const zone = fenceOf('zone', circle(9, 0, 300), { prohibited: true });
    const hours = settings('continuous-driving', { dayMaxS: 60, nightMaxS: 60 });
    const trial = new Trial({ policy: { fences: [zone], rules: hours } });
    expect(trial.take('0 20 9,0 \n 40 20 9,0 \n 80 20 9,0')).toHaveLength(2);
    expect(trial.advance(400)).toEqual([]);
    trial.setPolicy({ fences: [], rules: {} });
    trial.restart();
    expect(trial.advance(410)).toEqual([
      '410 cleared prohibited-zone zone 0..80 rule-withdrawn',
      '410 cleared continuous-driving 80..400 1>1 rule-withdrawn',
    ]);
  });

  test('a policy that is new asks it of those who are silent already', () => {
    const slow = { vehicles, policy: { rules: settings('offline', { movingS: 3_600, parkedS: 3_600 }) } };
    const trial = new Trial(slow);
    trial.take(speeding);
    expect(trial.advance(1_000)).toEqual([]);
    trial.setPolicy({ rules: {} });
    expect(trial.advance(1_010)).toEqual(['1010 cleared overspeed 0..30 70>60 gap']);
  });
});

/** The next fix, which says nothing of speeding. */
function again(trial: Trial): AlarmStep[] {
  return trial.steps('350 20 20,0 @350');
}
