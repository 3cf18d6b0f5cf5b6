import { at, type Scenario } from './_each-rule.ts';
import { settings } from './_policy.ts';

/** How it is driven, and what the terminal itself alarms of. */

const manner: readonly Scenario[] = [
  {
    rule: 'harsh-acceleration',
    rules: settings('harsh-acceleration', { maxMss: 2.5, aboveKph: 10, gapMaxS: 3 }),
    // 20 km/h more in 2 s are 2.78 m/s², 19 are 2.64.
    track: '0..2/2 20; 4..6/2 40; 8..30/2 59',
    alarm: { ...at(4, 4, 10, 30), level: 2, told: '2.8>2.5' },
    dip: 'the row of the dip, at 6, is one end of the next acceleration',
    never: [
      ['2.5 is not more than 2.5', '0 20; 2..30/2 38'],
      ['two fixes 4 s apart say nothing', '0 20; 4 59; 6..30/2 59'],
      ['10 km/h are not more than 10', '0 0; 1 10; 2..30/2 10'],
    ],
    also: [['exactly 3 s', '0 20; 3..27/3 50', { ...at(3, 3, 6, 27), level: 2, told: '2.8>2.5' }]],
    gap: { after: 4, again: { ...at(8, 8, 10, 30), level: 2, told: '2.6>2.5' } },
  },
  {
    rule: 'harsh-braking',
    rules: settings('harsh-braking', { maxMss: 4, aboveKph: 20, gapMaxS: 3 }),
    // 31 km/h less in 2 s are 4.31 m/s², 28 in one second 7.78.
    track: '0..2/2 59; 4..6/2 28; 7 0; 8..28/2 0',
    alarm: { ...at(4, 4, 8, 28), level: 2, told: '4.3>4', worst: '7.8>4' },
    dip: 'the row of the dip, at 6, is one end of the next braking',
    never: [
      ['4 is not more than 4', '0 59; 2..30/2 30.2'],
      ['from 20 km/h, which are not more than 20', '0 20; 1 0; 2..30/2 0'],
      ['two fixes 4 s apart say nothing', '0 59; 4..30/2 0'],
    ],
    also: [['exactly 3 s', '0 59; 3..27/3 14', { ...at(3, 3, 6, 27), level: 2, told: '4.2>4' }]],
    gap: { after: 4, worst: '4.3>4', again: { ...at(7, 7, 8, 28), level: 2, told: '7.8>4' } },
  },
  {
    rule: 'harsh-cornering',
    rules: settings('harsh-cornering', { maxMss: 3.5, aboveKph: 20, gapMaxS: 3 }),
    // 10 m/s; 45 degrees in 2 s are 3.93 m/s², 50 are 4.36.
    track: '0..2/2 36 h0; 4..6/2 36 h315; 8..30/2 36 h265',
    alarm: { ...at(4, 4, 10, 30), level: 2, told: '3.9>3.5', worst: '4.4>3.5' },
    dip: 'the row of the dip, at 6, is one end of the next corner',
    never: [
      ['40 degrees in 2 s are 3.49', '0 36 h0; 2..30/2 36 h40'],
      ['20 km/h are not more than 20', '0 20 h0; 2..30/2 20 h90'],
      ['two fixes 4 s apart say nothing', '0 36 h0; 4 36 h90; 6..30/2 36 h90'],
    ],
    also: [['exactly 3 s', '0 36 h0; 3..27/3 36 h70', { ...at(3, 3, 6, 27), level: 2, told: '4.1>3.5' }]],
    gap: { after: 4, worst: '3.9>3.5', again: { ...at(8, 8, 10, 30), level: 2, told: '4.4>3.5' } },
  },
];

/** Of a peripheral: one event, absent for a fix, told again, then no more. */
function peripheral(
  rule: 'terminal-manner' | 'adas' | 'dsm' | 'tpms' | 'bsd',
  code: string,
  otherCode: string,
  level: 1 | 2 = 2,
): Scenario {
  return {
    rule,
    rules: settings(rule, {}, { cases: [{ when: { subjects: ['6503', '6608'] }, level: 1, tier: 'T0' }] }),
    track: `0 30; 10..20/10 30 event=${code}/1/1; 30 30; 40 30 event=${code}/1/1; 50..70/10 30`,
    alarm: { ...at(10, 10, 50, 70), level, about: code },
    dip: 30,
    never: [
      ['another peripheral’s', `0 30; 10..60/10 30 event=${otherCode}/1/1`],
      ['that it is over', `0 30; 10..60/10 30 event=${code}/1/2`],
    ],
    also: [
      [
        'of no state, in one fix',
        `0 30; 10 30 event=${code}; 20..40/10 30`,
        { ...at(10, 10, 20, 40), level, about: code },
      ],
      [
        'over as the terminal says',
        `0 30; 10 30 event=${code}/1/1; 20 30 event=${code}/1/2; 30..40/10 30`,
        { ...at(10, 10, 20, 40), level, about: code },
      ],
    ],
    gap: { after: 20, lasts: true },
  };
}

const kinds: readonly Scenario[] = [
  peripheral('terminal-manner', '7001', '6401'),
  {
    ...peripheral('adas', '6401', '6501'),
    rules: settings('adas', {}, { cases: [{ when: { eventLevel: 2 }, level: 3, tier: 'T2' }] }),
    track: '0 30; 10..20/10 30 event=6401/1/1; 30 30; 40 30 event=6401/2/1; 50..70/10 30',
    alarm: { ...at(10, 10, 50, 70), level: 2, about: '6401', graver: { at: 40, level: 3 } },
  },
  peripheral('dsm', '6503', '6403', 1),
  peripheral('tpms', '6608', '6701', 1),
  peripheral('bsd', '6701', '6603'),
];

const flags: readonly Scenario[] = [
  {
    rule: 'terminal-fault',
    rules: settings('terminal-fault', {}, { minDurationS: 30 }),
    track: '0 30; 10..50/10 30 alarm5; 60 30; 70 30 alarm5; 80..100/10 30',
    alarm: { ...at(10, 40, 80, 100), level: 2, about: 'gnss-antenna-open' },
    dip: 60,
    never: [
      ['29 s are none', '0 30; 10..30/10 30 alarm5; 39 30 alarm5; 40 30'],
      ['power lost has a rule of its own', '0..60/10 30 alarm8'],
      ['two faults of 20 s each', '0 30; 10..30/10 30 alarm5; 40..60/10 30 alarm4; 70 30'],
    ],
    also: [
      [
        'exactly 30 s',
        '0 30; 10..40/10 30 alarm11; 50..70/10 30',
        { ...at(10, 40, 50, 70), level: 2, about: 'camera-fault' },
      ],
      [
        'without a position',
        '0 30; 10..40/10 0 alarm4 invalid; 50..70/10 30',
        { ...at(10, 40, 50, 70), level: 2, about: 'gnss-fault' },
      ],
    ],
    gap: { after: 40, lasts: true },
  },
  {
    rule: 'power-cut',
    rules: settings('power-cut', {}, { minDurationS: 10 }),
    track: '0 30; 10..30/10 30 alarm8; 40 30; 50 30 alarm8; 60..80/10 30',
    alarm: { ...at(10, 20, 60, 80), level: 2 },
    dip: 40,
    never: [
      ['9 s are none', '0 30; 10 30 alarm8; 19 30 alarm8; 20..40/10 30'],
      ['parked with the main switch off', '0..60/10 0 alarm8'],
      ['low is not lost', '0..60/10 30 alarm7'],
    ],
    also: [
      ['exactly 10 s', '0 30; 10..20/10 30 alarm8; 30..50/10 30', { ...at(10, 20, 30, 50), level: 2 }],
      [
        'that it has stopped ends nothing',
        '0 30; 10..20/10 30 alarm8; 30..60/10 0 alarm8; 70..90/10 0',
        { ...at(10, 20, 70, 90), level: 2 },
      ],
    ],
    gap: { after: 20, lasts: true },
  },
  felt('collision', 'alarm29', 'alarm28'),
  felt('rollover', 'alarm30', 'alarm31'),
];

function felt(rule: 'collision' | 'rollover', flag: string, otherFlag: string): Scenario {
  return {
    rule,
    rules: settings(rule, {}),
    track: `0 30; 10..20/10 30 ${flag}; 30 0; 40 0 ${flag}; 50..70/10 0`,
    alarm: { ...at(10, 10, 50, 70), level: 2 },
    dip: 30,
    never: [['the flag beside it', `0..60/10 30 ${otherFlag}`]],
    also: [
      [
        'in one fix, without a position',
        `0 30; 10 0 ${flag} invalid; 20..40/10 0`,
        { ...at(10, 10, 20, 40), level: 2 },
      ],
    ],
    gap: { after: 20, lasts: true },
  };
}

export const mannerScenarios: readonly Scenario[] = [...manner, ...kinds, ...flags];
