import type { Threshold } from '@haulwatch/domain';
import { at, type Scenario } from './_each-rule.ts';
import { basePolicy, fenceOf, rectangle, settings } from './_policy.ts';

/** The three rules with a shape of their own, and speed and working hours. Limit 60; a day's tracks begin at 10:00, second 36000. */

const choice = (value: number): Threshold => ({ value, source: 'test' });

/** A rest is five minutes. */
const motion = { ...basePolicy.motion, restMinS: choice(300) };
const driving = { dayMaxS: 600, nightMaxS: 300 };
const tenMinutesOfMonday = [{ days: [1], fromMinute: 0, toMinute: 10 }];

/** At 5,0 it is outside. */
const depot = fenceOf('depot', rectangle(-1, -1, 1, 1), { prohibited: true, schedule: tenMinutesOfMonday });

const first: readonly Scenario[] = [
  {
    rule: 'overspeed',
    track: '0 50; 10..50/10 65; 60 50; 70 65; 80 75; 90..110/10 50',
    alarm: {
      ...at(10, 40, 90, 110),
      level: 1,
      told: '65>60',
      worst: '75>60',
      graver: { at: 80, level: 3, told: '75>60' },
    },
    dip: 60,
    never: [
      ['29 s are none', '0 50; 10..30/10 65; 39 65; 40..70/10 50'],
      ['the limit itself is allowed', '0 50; 10..90/10 60'],
      ['a speed without a position is none', '0 50; 10..90/10 65 invalid'],
    ],
    also: [
      ['exactly 30 s', '0 50; 10..40/10 61; 50..70/10 50', { ...at(10, 40, 50, 70), level: 1, told: '61>60' }],
      ['exactly 10 %', '0 50; 10..40/10 66; 50..70/10 50', { ...at(10, 40, 50, 70), level: 2, told: '66>60' }],
      ['exactly 20 %', '0 50; 10..40/10 72; 50..70/10 50', { ...at(10, 40, 50, 70), level: 3, told: '72>60' }],
      ['exactly 50 %', '0 50; 10..40/10 90; 50..70/10 50', { ...at(10, 40, 50, 70), level: 4, told: '90>60' }],
      [
        'between the limit and 5 under it is not over, however long',
        '0 50; 10..40/10 65; 50..90/10 56; 100..120/10 55',
        { ...at(10, 40, 50, 120), level: 1, told: '65>60' },
      ],
    ],
    gap: { after: 40 },
  },
  {
    rule: 'prohibited-zone',
    fences: [depot],
    track: '0 30 5,0; 10..50/10 30 0,0; 60 30 5,0; 70 30 0,0; 80..100/10 30 5,0',
    alarm: { ...at(10, 40, 80, 100), level: 3, about: 'depot' },
    dip: 60,
    never: [
      ['29 s are none', '0 30 5,0; 10..30/10 30 0,0; 39 30 0,0; 40 30 5,0'],
      ['before its hours', '-90 30 5,0; -80..-10/10 30 0,0; -1 30 5,0'],
      ['after its hours', '590 30 5,0; 600..690/10 30 0,0'],
    ],
    also: [
      [
        'its border is inside',
        '0 30 5,0; 10..40/10 30 1,0; 50..70/10 30 5,0',
        { ...at(10, 40, 50, 70), level: 3, about: 'depot' },
      ],
      [
        'its hours begin around it',
        '-30..40/10 30 0,0; 50..70/10 30 5,0',
        { ...at(0, 30, 50, 70), level: 3, about: 'depot' },
      ],
      [
        'it ends with its hours',
        '550 30 5,0; 560..620/10 30 0,0',
        { ...at(560, 590, 600, 620), level: 3, about: 'depot' },
      ],
    ],
    gap: { after: 40, lasts: true },
    weekly: true,
  },
  {
    rule: 'sos',
    track: '0 30; 10..20/10 30 sos; 30 30; 40 30 sos; 50..70/10 30',
    alarm: { ...at(10, 10, 50, 70), level: 4 },
    dip: 30,
    never: [['alarm flag 1 is no button', '0..60/10 30 alarm1']],
    also: [['no position is needed', '0 30; 10 0 sos invalid; 20..40/10 30', { ...at(10, 10, 20, 40), level: 4 }]],
    gap: { after: 20, lasts: true },
    clockAhead: {
      because: 'pressed and released count whatever the clock says, at their receipt',
      alarms: [{ ...at(11, 11, 51, 71), level: 4 }],
    },
  },
];

export const speedScenarios: readonly Scenario[] = [
  ...first,
  {
    rule: 'overspeed-warning',
    rules: settings('overspeed-warning', { belowKph: 5 }, { minDurationS: 30 }),
    track: '0 40; 10..50/10 58; 60 50; 70 60; 80..100/10 40',
    alarm: { ...at(10, 40, 80, 100), level: 2, told: '58>60', worst: '60>60' },
    dip: 60,
    never: [
      ['29 s are none', '0 40; 10..30/10 58; 39 58; 40..60/10 40'],
      ['5 under the limit is not less than 5', '0 40; 10..90/10 55'],
      ['over the limit is no warning', '0 40; 10..30/10 58; 35 61; 40..50/10 58; 60 61; 70 40'],
    ],
    also: [
      ['the limit itself', '0 40; 10..40/10 60; 50..70/10 40', { ...at(10, 40, 50, 70), level: 2, told: '60>60' }],
      [
        'less than 5 under it',
        '0 40; 10..40/10 55.1; 50..70/10 55',
        { ...at(10, 40, 50, 70), level: 2, told: '55.1>60' },
      ],
    ],
    gap: { after: 40, worst: '58>60' },
  },
  {
    rule: 'continuous-driving',
    restsBefore: true,
    rules: settings('continuous-driving', driving),
    policy: { motion },
    track: '36000..36640/10 40; 36650..36660/10 0; 36670..36690/10 40; 36700..37040/10 0',
    alarm: { ...at(36_610, 36_610, 37_000, 37_020), level: 2, told: '10>10', worst: '11>10' },
    dip: 'a stop is none: what was driven stays, and only a rest takes it away',
    never: [
      ['the limit itself', '36000..36590/10 40; 36600..36640/10 0'],
      ['a rest in between', '36000..36390/10 40; 36400..36700/10 0; 36710..37000/10 40'],
    ],
    also: [
      ['at night sooner', '0..310/10 40; 320..640/10 0', { ...at(310, 310, 620, 640), level: 2, told: '5>5' }],
      [
        'a stop one second short of a rest ends nothing',
        '36000..36390/10 40; 36400..36690/10 0; 36699..36909/10 40; 36919..37239/10 0',
        { ...at(36_909, 36_909, 37_219, 37_239), level: 2, told: '10>10' },
      ],
    ],
    gap: { after: 36_610, lasts: true },
  },
  {
    rule: 'continuous-driving-warning',
    restsBefore: true,
    rules: settings('continuous-driving-warning', { dayMaxS: 600, nightMaxS: 600, aheadS: 120 }),
    policy: { motion },
    track: '36000..36640/10 40',
    alarm: { ...at(36_490, 36_490, 36_610, 36_630), level: 2, told: '8>10', worst: '10>10' },
    dip: 'what was driven does not shrink but by a rest, which takes longer than a dip',
    never: [['two minutes to go are not less', '36000..36470/10 40; 36480..36530/10 0']],
    also: [
      [
        'over by a rest',
        '36000..36500/10 40; 36510..36840/10 0',
        { ...at(36_490, 36_490, 36_810, 36_830), level: 2, told: '8>10' },
      ],
    ],
    gap: {
      after: 36_490,
      because: 'a gap in which it came nowhere is a stop: ten seconds of driving are missing, and driven later',
      alarms: [{ ...at(36_490, 36_490, 36_820, 36_840), level: 2, told: '8>10', worst: '10>10' }],
    },
  },
  {
    rule: 'daily-driving',
    restsBefore: true,
    class: 'coach',
    rules: settings('daily-driving', { maxS: 600 }),
    track:
      '36000 40 driver=1; 36010..36620/10 40; 36630 40 driver=2; 36640 40 driver=1; 36650 40; 36660 40 driver=2; 36670..36680/10 40',
    alarm: { ...at(36_610, 36_610, 36_660, 36_680), level: 2, told: '10>10' },
    dip: 36_630,
    never: [
      ['the limit itself', '36000..36590/10 40; 36600..36640/10 0'],
      ['two drivers share it', '36000 40 driver=1; 36010..36390/10 40; 36400 40 driver=2; 36410..36990/10 40; 37000 0'],
      ['not within 24 hours', '36000..36390/10 40; 36400 0; 129600..130000/10 40'],
    ],
    also: [
      [
        'a rest does not begin it anew',
        '36000 40 driver=1; 36010..36390/10 40; 36400..38000/10 0; 38010..38220/10 40; 38230 0 driver=2; 38240..38250/10 0',
        { ...at(38_220, 38_220, 38_230, 38_250), level: 2, told: '10>10' },
      ],
    ],
    gap: { after: 36_610, lasts: true },
  },
  {
    rule: 'weekly-driving',
    restsBefore: true,
    class: 'coach',
    rules: settings('weekly-driving', { maxS: 600 }),
    track:
      '36000 40 driver=1; 36010..36390/10 40; 36400 0; 129600..129820/10 40; 129830 40 driver=2; 129840 40 driver=1; 129850 40 driver=2; 129860..129870/10 40',
    alarm: { ...at(129_810, 129_810, 129_850, 129_870), level: 2, told: '10>10' },
    dip: 129_830,
    never: [
      ['the limit itself', '36000..36390/10 40; 36400 0; 129600..129790/10 40; 129800..129810/10 0'],
      ['not within 7 days', '36000..36390/10 40; 36400 0; 734400..734700/10 40'],
    ],
    also: [
      [
        'within seven days to the hour',
        '36000..36390/10 40; 36400 0; 633600..633820/10 40; 633830 0 driver=1; 633840 0 driver=2; 633850..633860/10 0',
        { ...at(633_810, 633_810, 633_840, 633_860), level: 2, told: '10>10' },
      ],
    ],
    gap: { after: 129_810, lasts: true },
  },
  {
    rule: 'prohibited-hours',
    rules: settings('prohibited-hours', {}, { minDurationS: 30, when: { hours: tenMinutesOfMonday } }),
    track: '0 0; 10..50/10 30; 60 0; 70 30; 80..100/10 0',
    alarm: { ...at(10, 40, 80, 100), level: 2 },
    dip: 60,
    never: [
      ['29 s of them', '-60..20/10 30; 29 30; 30 0'],
      ['standing', '0..90/10 0'],
      ['outside of them', '600 0; 610..690/10 30'],
    ],
    also: [
      ['driving into them', '-60..30/10 30; 40..60/10 0', { ...at(0, 30, 40, 60), level: 2 }],
      ['over with them', '550 0; 560..620/10 30', { ...at(560, 590, 600, 620), level: 2 }],
    ],
    gap: { after: 40 },
    weekly: true,
  },
];
