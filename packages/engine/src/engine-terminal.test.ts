import { describe, expect, test } from 'vitest';
import { settings } from './_policy.ts';
import { shortStep, Trial, type TrialOptions } from './_trial.ts';

function worldOf(rules: object): TrialOptions {
  return { policy: { rules } };
}

function check(track: string, expected: readonly string[], options: TrialOptions): void {
  expect(new Trial(options).take(track)).toEqual(expected);
}

describe('what the terminal’s peripherals report', () => {
  const options = worldOf({
    ...settings('adas', {}),
    ...settings('dsm', {}),
    ...settings('tpms', {}),
    ...settings('bsd', {}),
    ...settings('terminal-manner', {}),
  });

  test('each peripheral has its rule, each type its alarm', () => {
    check(
      '0 40 0,0 event=6401/1 event=6402/2 event=6502/1 event=6603 event=6701 event=7002',
      [
        '0 raised terminal-manner 7002 L2',
        '0 raised adas 6401 L2',
        '0 raised adas 6402 L2',
        '0 raised dsm 6502 L2',
        '0 raised tpms 6603 L2',
        '0 raised bsd 6701 L2',
      ],
      options,
    );
  });

  test('two kinds are two alarms, each with its own end', () => {
    check(
      '0 40 0,0 event=6502/1 \n 10 40 1,0 event=6503/1 \n 20 40 2,0 event=6503/1 \n 30 40 3,0 \n 40 40 4,0 \n 50 40 5,0',
      ['0 raised dsm 6502 L2', '10 raised dsm 6503 L2', '30 cleared dsm 6502 0..10', '50 cleared dsm 6503 10..30'],
      options,
    );
  });

  test('told again within the wait it is the same alarm, later another', () => {
    check(
      '0 40 0,0 event=6401/1 \n 10 40 1,0 \n 29 40 2,0 event=6401/1 \n 40 40 3,0 \n 60 40 4,0 event=6401/1 \n 70 40 5,0 \n 90 40 6,0 \n 91 40 7,0 event=6401/1',
      ['0 raised adas 6401 L2', '90 cleared adas 6401 0..70', '91 raised adas 6401 L2'],
      options,
    );
  });

  test('the end of one, a snapshot, a change of driver and what is nobody’s are none', () => {
    check('0 40 0,0 event=6401/2/2 event=6410 event=6510 event=6511 event=6601 event=6801/2', [], options);
  });

  test('an event that begins is one, its end ends it', () => {
    check(
      '0 40 0,0 event=6402/1/1 \n 10 40 1,0 event=6402/1/2 \n 30 40 2,0',
      ['0 raised adas 6402 L2', '30 cleared adas 6402 0..10'],
      options,
    );
  });

  test('says what it is in words', () => {
    const steps = new Trial(options).steps('0 40 0,0 event=6502/2 event=64f1/1');
    expect(steps.map(({ subject, subjectName, explanation }) => [subject, subjectName, explanation])).toEqual([
      ['64f1', "vendor's own 64f1", "the terminal reports vendor's own 64f1, policy v1"],
      ['6502', 'phone 接打电话', 'the terminal reports phone 接打电话, policy v1'],
    ]);
    expect(steps.every((step) => step.fenceId === undefined)).toBe(true);
  });

  test('it lasts over a gap: nobody has said that it is over', () => {
    check(
      '0 40 0,0 event=6502/1 \n 600 40 1,0 event=6502/1 \n 610 40 2,0 \n 630 40 2,0',
      ['0 raised dsm 6502 L2', '630 cleared dsm 6502 0..610'],
      options,
    );
  });

  test('without a position it is heard all the same', () => {
    check('0 40 0,0 \n 10 0 0,0 invalid event=6501/2', ['10 raised dsm 6501 L2'], options);
  });

  test('told late it is late, and the live one goes on beside it', () => {
    const trial = new Trial(options);
    expect(trial.take('0 40 0,0 \n 1000 40 9,0 event=6501/1')).toEqual(['1000 raised dsm 6501 L2']);
    expect(trial.takeSettled('400 40 5,0 event=6501/1 \n 430 40 6,0')).toEqual(['400 raised dsm late 6501 L2']);
    expect(trial.takeSettled('450 40 6,0')).toEqual(['450 cleared dsm late 6501 400..430']);
    expect(trial.take('1010 40 10,0 event=6501/1 \n 1020 40 10,0 \n 1040 40 10,0')).toEqual([
      '1040 cleared dsm 6501 1000..1020',
    ]);
  });

  test('a restart in the middle keeps what it is called', () => {
    const trial = new Trial(options);
    trial.take('0 40 0,0 event=6401/1 event=6502/1');
    trial.restart();
    expect(trial.take('10 40 1,0 event=6502/1 \n 20 40 2,0 \n 30 40 3,0 \n 40 40 4,0')).toEqual([
      '30 cleared adas 6401 0..10',
      '40 cleared dsm 6502 0..20',
    ]);
  });

  test('told twice in one fix it is one, with the graver level and the way driven once', () => {
    const cases = [{ when: { eventLevel: 2 }, level: 3, tier: 'T2' }] as const;
    const steps = new Trial(worldOf(settings('tpms', {}, { cases }))).steps(
      '0 40 0,0 event=6603/1 \n 10 40 0,1 event=6603/1 event=6603/2 event=6603/1 \n 20 40 0,1 \n 40 40 0,1.0',
    );
    expect(steps.map(shortStep)).toEqual([
      '0 raised tpms 6603 L2',
      '10 escalated tpms 6603 L3',
      '40 cleared tpms 6603 0..20',
    ]);
    expect(steps.map(({ distanceM }) => distanceM)).toEqual([0, 111, 111]);
  });
});

describe('kinds and levels among a policy’s cases', () => {
  const cases = [
    { when: { eventLevel: 1 }, level: 1, tier: 'T0' },
    { when: { subjects: ['6501'] }, level: 3, tier: 'T2' },
    { when: { subjects: ['6501'], eventLevel: 2 }, level: 4, tier: 'T3' },
    { when: { subjects: ['6503'] }, off: true },
  ] as const;
  const options = worldOf(settings('dsm', {}, { cases }));

  test.each([
    ['the rule itself', '6502/2', ['0 raised dsm 6502 L2']],
    ['a level', '6502/1', ['0 raised dsm 6502 L1']],
    ['a kind outranks the level before it', '6501/1', ['0 raised dsm 6501 L3']],
    ['a kind of a level', '6501/2', ['0 raised dsm 6501 L4']],
    ['a kind that is off', '6503/2', []],
  ])('%s', (_, event, expected) => {
    check(`0 40 0,0 event=${event}`, expected, options);
  });

  test('one that is told more gravely escalates, and does not come down', () => {
    check(
      '0 40 0,0 event=6501/1 \n 10 40 1,0 event=6501/2 \n 20 40 2,0 event=6501/1',
      ['0 raised dsm 6501 L3', '10 escalated dsm 6501 L4'],
      options,
    );
  });

  test('a rule for some kinds alone', () => {
    const some = worldOf(settings('dsm', {}, { when: { subjects: ['6502', '650d'] } }));
    check('0 40 0,0 event=6501/2 event=650d/1', ['0 raised dsm 650d L2'], some);
  });
});

describe('terminal-fault', () => {
  const options = worldOf(settings('terminal-fault', {}, { minDurationS: 30 }));

  test('one for each kind, each from when it has lasted', () => {
    check(
      '0 40 0,0 alarm11 \n 20 40 1,0 alarm11,4 \n 30 40 2,0 alarm11,4 \n 50 40 3,0 alarm4 \n 70 40 4,0 alarm4',
      [
        '30 raised terminal-fault camera-fault L2',
        '50 raised terminal-fault gnss-fault L2',
        '70 cleared terminal-fault camera-fault 0..50',
      ],
      options,
    );
  });

  test.each([4, 5, 6, 7, 9, 10, 11, 12, 24])('flag %i is one', (flag) => {
    expect(new Trial(options).take(`0 40 0,0 alarm${flag} \n 30 40 1,0 alarm${flag}`)).toHaveLength(1);
  });

  test.each([1, 2, 3, 8, 13, 18, 19, 20, 29, 30])('flag %i is none', (flag) => {
    check(`0 40 0,0 alarm${flag} \n 30 40 1,0 alarm${flag}`, [], options);
  });

  test('parked and seldom heard it is the same alarm', () => {
    check(
      '0 0 0,0 alarm5 \n 1800 0 0,0 alarm5 \n 3600 0 0,0 \n 3620 0 0,0',
      ['1800 raised terminal-fault gnss-antenna-open L2', '3620 cleared terminal-fault gnss-antenna-open 0..3600'],
      options,
    );
  });
});

describe('power-cut', () => {
  const options = worldOf(settings('power-cut', {}));

  test('only while moving: parked with the main switch off is how trucks are parked', () => {
    check('0 40 0,0 \n 10 0 0,0 \n 20 0 0,0 alarm8 \n 600 0 0,0 alarm8', [], options);
    check('0 40 0,0 \n 10 40 1,0 alarm8', ['10 raised power-cut L2'], options);
  });

  test('cut on the road it lasts through a stop, until power is back', () => {
    check(
      '0 40 0,0 alarm8 \n 30 0 1,0 alarm8 \n 300 0 1,0 alarm8 \n 330 0 1,0 \n 350 0 1,0',
      ['0 raised power-cut L2', '350 cleared power-cut 0..330'],
      options,
    );
  });

  test('driving off without power is one', () => {
    check('0 0 0,0 alarm8 \n 30 40 0,0 alarm8', ['30 raised power-cut L2'], options);
  });
});

describe('collision and rollover', () => {
  const options = worldOf({
    ...settings('collision', {}, { level: 4, tier: 'T3' }),
    ...settings('rollover', {}, { level: 4, tier: 'T3' }),
  });

  test('each by its flag, at once, until the flag is gone', () => {
    check(
      '0 40 0,0 \n 10 0 0,0 alarm29 \n 20 0 0,0 alarm29,30 \n 30 0 0,0 alarm30 \n 50 0 0,0 \n 70 0 0,0',
      ['10 raised collision L4', '20 raised rollover L4', '50 cleared collision 10..30', '70 cleared rollover 20..50'],
      options,
    );
  });

  test('without a position, and as the last words before a silence', () => {
    check('0 40 0,0 \n 10 0 0,0 invalid alarm30', ['10 raised rollover L4'], options);
    const trial = new Trial(options);
    trial.take('0 40 0,0 alarm29');
    trial.restart();
    expect(trial.advance(7_200)).toEqual([]);
    expect(trial.take('7300 0 0,0 alarm29 \n 7310 0 0,0 \n 7330 0 0,0')).toEqual(['7330 cleared collision 0..7310']);
  });

  test('in a report beside the fix of that second, or a little out of order, once', () => {
    check('0 40 0,0 \n 10 0 0,0 \n 10 0 0,0 alarm29 \n 10 0 0,0 alarm29', ['10 raised collision L4'], options);
    check(
      '0 40 0,0 \n 10 0 0,0 \n 8 20 0.1,0 alarm30 \n 20 0 0,0 \n 40 0 0,0',
      ['10 raised rollover L4', '40 cleared rollover 10..20'],
      options,
    );
  });

  test('a fix right before told late is late', () => {
    const told = '0 40 0,0 \n 1000 40 9,0 \n 400 0 5,0 alarm29';
    expect(new Trial(options).takeSettled(told)).toEqual(['400 raised collision late L4']);
  });
});
