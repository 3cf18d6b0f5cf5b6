import { describe, expect, test } from 'vitest';
import { circle, fenceOf, settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

/** A filling station where valves may be open and where one may stand. */
const station = fenceOf('station', circle(0, 0, 200), { uses: ['discharge-site', 'approved-stop'] });

function worldOf(rules: object): TrialOptions {
  return { vehicles: [{ id: 'truck', class: 'hazmat' }], policy: { rules, fences: [station] } };
}

function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('cargo-temperature', () => {
  const options = worldOf(settings('cargo-temperature', { minC: -10, maxC: 50 }, { minDurationS: 30 }));

  test('above or below, at the very bounds neither', () => {
    check('0 40 9,0 temperature=50 \n 60 40 9,0 temperature=50', [], options);
    check('0 40 9,0 temperature=-10 \n 60 40 9,0 temperature=-10', [], options);
    check('0 40 9,0 temperature=50.1 \n 30 40 9,0 temperature=52', ['30 raised cargo-temperature 52>50 L2'], options);
    check('0 40 9,0 temperature=-11 \n 30 40 9,0 temperature=-12', ['30 raised cargo-temperature -12>-10 L2'], options);
  });

  test('its end tells the worst, below as above, zero among the bounds', () => {
    const [cold, frozen] = [
      worldOf(settings('cargo-temperature', { minC: 16, maxC: 50 })),
      worldOf(settings('cargo-temperature', { minC: -30, maxC: 0 })),
    ];
    const track = (worse: number, bad: number, good: number): string =>
      `0 40 9,0 temperature=${bad} \n 10 40 9,0 temperature=${worse} \n 20 40 9,0 temperature=${bad} \n 30 40 9,0 temperature=${good} \n 50 40 9,0 temperature=${good}`;
    check(track(5, 15, 20), ['0 raised cargo-temperature 15>16 L2', '50 cleared cargo-temperature 0..30 5>16'], cold);
    check(track(9, 2, -5), ['0 raised cargo-temperature 2>0 L2', '50 cleared cargo-temperature 0..30 9>0'], frozen);
  });

  test('not before its minimum; a wire that breaks for a moment is none', () => {
    check('0 40 9,0 temperature=70 \n 29 40 9,0 temperature=70', [], options);
    check('0 40 9,0 temperature=300 \n 10 40 9,0 temperature=20 \n 40 40 9,0 temperature=20', [], options);
  });

  test('a fix that does not tell it says nothing of it', () => {
    check(
      '0 40 9,0 temperature=60 \n 10 40 9,0 \n 20 40 9,0 \n 30 40 9,0 temperature=60 \n 45 40 9,0 \n 60 40 9,0 temperature=20 \n 70 40 9,0 \n 80 40 9,0 temperature=20',
      ['30 raised cargo-temperature 60>50 L2', '80 cleared cargo-temperature 0..60 60>50'],
      options,
    );
  });

  test('is not kept open by fixes that tell nothing: after a gap of its own it ends where it was last told', () => {
    check(
      '0 40 9,0 temperature=60 \n 30 40 9,0 temperature=60 \n 60 40 9,0 \n 90 40 9,0 \n 120 40 9,0 \n 121 40 9,0',
      ['30 raised cargo-temperature 60>50 L2', '121 cleared cargo-temperature 0..30 60>50 gap'],
      options,
    );
  });

  test('a restart in the middle changes nothing, a late telling is late', () => {
    const trial = new Trial(options);
    expect(trial.take('0 40 9,0 temperature=60')).toEqual([]);
    trial.restart();
    expect(trial.take('30 40 9,0 temperature=60')).toEqual(['30 raised cargo-temperature 60>50 L2']);
    expect(trial.take('40 40 9,0 blind temperature=20 \n 70 40 9,0 blind temperature=20')).toEqual([]);
    expect(trial.take('50 40 9,0 temperature=61')).toEqual([]);
    const late = new Trial(options);
    late.take('0 40 9,0 \n 1000 40 9,0 temperature=20');
    expect(late.takeSettled('400 40 9,0 temperature=70 \n 430 40 9,0 temperature=71')).toEqual([
      '430 raised cargo-temperature late 71>50 L2',
    ]);
    expect(late.take('1010 40 9,0 temperature=20 \n 1040 40 9,0 temperature=20')).toEqual([]);
  });
});

describe('cargo-pressure', () => {
  const options = worldOf(settings('cargo-pressure', { maxKpa: 300 }));

  test('above, not at the very bound; its end tells the worst', () => {
    check('0 40 9,0 pressure=300', [], options);
    check(
      '0 40 9,0 pressure=301 \n 10 40 9,0 pressure=350 \n 20 40 9,0 pressure=310 \n 30 40 9,0 pressure=300 \n 50 40 9,0 pressure=290',
      ['0 raised cargo-pressure 301>300 L2', '50 cleared cargo-pressure 0..30 350>300'],
      options,
    );
  });

  test('the numbers of a case are another cargo’s', () => {
    const cases = [
      { when: { within: ['discharge-site'] }, thresholds: { maxKpa: { value: 400, source: 'test' } } },
    ] as const;
    const unloading = worldOf(settings('cargo-pressure', { maxKpa: 300 }, { cases }));
    check('0 0 0,0 pressure=350 \n 30 0 0,0 pressure=401', ['30 raised cargo-pressure 401>400 L2'], unloading);
    check('0 0 9,0 pressure=350', ['0 raised cargo-pressure 350>300 L2'], unloading);
  });
});

describe('valve-open', () => {
  const options = worldOf(settings('valve-open', {}, { minDurationS: 10, when: { outside: ['discharge-site'] } }));

  test('on the road from when it has lasted; at the station it may be open', () => {
    check('0 0 0,0 valve=open \n 60 0 0,0', [], options);
    check(
      '0 40 9,0 valve=closed \n 10 40 9.1,0 valve=open \n 19 40 9.2,0 \n 20 40 9.3,0 \n 30 40 9.4,0 valve=closed \n 50 40 9.5,0',
      ['20 raised valve-open L2', '50 cleared valve-open 10..30'],
      options,
    );
  });

  test('driving off with it begins when the station is left', () => {
    check('0 0 0,0 valve=open \n 30 20 3,0 \n 40 20 3.5,0', ['40 raised valve-open L2'], options);
  });

  test('what nobody has told is neither open nor closed', () => {
    check('0 40 9,0 \n 60 40 9,0 load=full', [], options);
  });
});

describe('unauthorised-stop', () => {
  const options = worldOf(settings('unauthorised-stop', { maxS: 120 }, { when: { outside: ['approved-stop'] } }));
  const stand = '0 40 9,0 \n 30 0 9.1,0 \n 90 0 9.1,0 \n 150 0 9.1,0';

  test('at the very limit it may, a moment later it has stood too long; driving on ends it', () => {
    check(stand, [], options);
    check(
      `${stand} \n 151 0 9.1,0 \n 200 40 9.2,0 \n 219 40 9.3,0 \n 220 40 9.4,0`,
      ['151 raised unauthorised-stop 2>2 L2', '220 cleared unauthorised-stop 30..200 2>2'],
      options,
    );
  });

  test('rolling on in a jam is not a stop that goes on, creeping within the bounds of motion is', () => {
    check('0 40 9,0 \n 30 0 9.1,0 \n 100 6 9.1,0 \n 130 0 9.2,0 \n 200 0 9.2,0', [], options);
    check(
      '0 40 9,0 \n 30 0 9.1,0 \n 100 4.9 9.1,0 \n 130 0 9.2,0 \n 160 0 9.2,0',
      ['160 raised unauthorised-stop 2>2 L2'],
      options,
    );
  });

  test('standing where it is approved is none', () => {
    check('0 40 9,0 \n 30 0 0,0 \n 90 0 0,0 \n 150 0 0,0 \n 240 0 0,0', [], options);
  });

  test('a place that is approved for a time ends it; when that is over it is another one, from then on', () => {
    const yard = fenceOf('yard', circle(9, 0, 300), {
      uses: ['approved-stop'],
      schedule: [{ days: [1], fromMinute: 10, toMinute: 20 }],
    });
    const trial = new Trial({ ...options, policy: { ...options.policy, fences: [yard] } });
    const steps = trial.steps(
      `${stand} \n 160 0 9.1,0 \n 500 0 9.1,0 \n 600 0 9.1,0 \n 660 0 9.1,0 \n 1199 0 9.1,0 \n 1200 0 9.1,0 \n 1300 40 9.2,0 \n 1330 40 9.3,0`,
    );
    expect(steps.map(shortStep)).toEqual([
      '160 raised unauthorised-stop 2>2 L2',
      '660 cleared unauthorised-stop 30..600 7>2',
      '1200 raised unauthorised-stop 19>2 L2',
      '1330 cleared unauthorised-stop 1200..1300 19>2',
    ]);
    expect(steps[2]?.alarmId).not.toBe(steps[0]?.alarmId);
  });

  test('it lasts while the vehicle reports seldom, and goes on after a restart', () => {
    const trial = new Trial(options);
    expect(trial.take(stand)).toEqual([]);
    trial.restart();
    expect(trial.take('1950 0 9.1,0')).toEqual(['1950 raised unauthorised-stop 32>2 L2']);
    trial.restart();
    expect(trial.take('3750 0 9.1,0 \n 3800 40 9.1,0 \n 3830 40 9.3,0')).toEqual([
      '3830 cleared unauthorised-stop 30..3800 62>2',
    ]);
  });

  test('told late of a gap it is late, and neither ends nor repeats the live one', () => {
    const trial = new Trial(options);
    trial.take('0 40 9,0 \n 900 40 19,0');
    expect(trial.takeSettled('300 40 12,0 \n 330 0 12,0 \n 400 0 12,0 \n 460 0 12,0')).toEqual([
      '460 raised unauthorised-stop late 2>2 L2',
    ]);
    expect(trial.take('930 0 19,0 \n 1000 0 19,0 \n 1060 0 19,0')).toEqual(['1060 raised unauthorised-stop 2>2 L2']);
    expect(trial.takeSettled('500 40 12.1,0 \n 530 40 13,0')).toEqual([
      '530 cleared unauthorised-stop late 330..500 2>2',
    ]);
  });
});
