import { at, type Scenario } from './_each-rule.ts';
import { settings } from './_policy.ts';

/** Silence, positions and clocks. Fixes are received a second after they were made; silence is counted from receipt. */

const noDip = 'being heard ends it, and silence takes longer than a dip';
const noGap = { because: 'it is about a gap, and another after it is another alarm or none' };
const onlyLive = { because: 'what is told after the fact was no silence of now', alarms: [] };

export const qualityScenarios: readonly Scenario[] = [
  {
    rule: 'offline',
    rules: settings('offline', { movingS: 120, parkedS: 300 }),
    track: '0..20/10 30; 130 - stranger @130; 141 - stranger @141; 190 - stranger @190; 200..220/10 30',
    alarm: { ...at(20, 141, 200, 220), level: 2, told: '2>2' },
    dip: noDip,
    never: [
      ['119 s', '0..20/10 30; 130 - stranger @130; 140 - stranger @140; 145..160/10 30'],
      [
        'parked, for less than it may',
        '0 30; 10..20/10 0; 130 - stranger @130; 141 - stranger @141; 320 - stranger @320; 330 0',
      ],
      ['nobody has told the time', '0..20/10 30; 200..220/10 30'],
    ],
    also: [
      [
        'parked, exactly as long as it may',
        '0..10/10 0; 200 - stranger @200; 311 - stranger @311; 320..340/10 0',
        { ...at(10, 311, 320, 340), level: 2, told: '5>5' },
      ],
    ],
    gap: {
      ...noGap,
      after: 200,
      alarms: [{ ...at(20, 141, 200, 410), level: 2, told: '2>2' }],
    },
    late: onlyLive,
  },
  {
    rule: 'offline-displacement',
    rules: settings('offline-displacement', { silentMinS: 120, movedMinM: 1_000 }),
    // A hundredth of a degree north: 1112 m.
    track: '0..10/10 30; 140..170/10 30 0,10',
    alarm: { ...at(10, 140, 150, 170), level: 2, told: '1112>1000' },
    dip: noDip,
    never: [
      ['119 s', '0..10/10 30; 129..169/10 30 0,10'],
      ['890 m', '0..10/10 30; 140..170/10 30 0,8'],
      ['first heard of', '140..170/10 30 0,10'],
    ],
    also: [
      ['exactly 120 s', '0..10/10 30; 130..160/10 30 0,10', { ...at(10, 130, 140, 160), level: 2, told: '1112>1000' }],
    ],
    gap: { after: 140, lasts: true },
    // It has come back by then: where it fell silent is where it is heard again.
    lateFrame: ['0,0', '0,0'],
  },
  {
    rule: 'gnss-drift',
    rules: settings('gnss-drift', { maxKph: 160 }),
    track: '0..10/10 30; 20..30/10 30 0,10; 40..70/10 30 0,0',
    alarm: { ...at(20, 20, 50, 70), level: 2, told: '400>160' },
    dip: 30,
    never: [['156 km/h', '0..10/10 30; 20..60/10 30 0,3.9']],
    also: [['hardly faster', '0 30; 10..40/10 30 0,4', { ...at(10, 10, 20, 40), level: 2, told: '160>160' }]],
    gap: { after: 20, again: { ...at(40, 40, 50, 70), level: 2, told: '400>160' } },
  },
  {
    rule: 'gnss-stuck',
    rules: settings('gnss-stuck', { aboveKph: 10 }, { minDurationS: 30 }),
    track: '0..40/10 30; 50 45; 60 5; 70 30; 80 30 0,2; 90 30 0,3; 100 30 0,4',
    alarm: { ...at(10, 40, 80, 100), level: 2, told: '30>10', worst: '45>10' },
    dip: 60,
    never: [
      ['29 s are none', '0..30/10 30; 39 30; 40 30 0,1; 50 30 0,2'],
      ['10 km/h are not more than 10', '0..90/10 10'],
      ['standing', '0..90/10 0'],
      [
        'a last digit that moves',
        '0 30; 10 30 0,0.0001; 20 30 0,0.0002; 30 30 0,0.0003; 40 30 0,0.0004; 50 30 0,0.0005',
      ],
    ],
    also: [['exactly 30 s', '0..40/10 10.1; 50..70/10 10', { ...at(10, 40, 50, 70), level: 2, told: '10.1>10' }]],
    gap: { after: 40, worst: '30>10' },
    // Elsewhere before: else it would have been stuck since its first fix.
    lateFrame: ['0,-2', '0,4'],
  },
  {
    rule: 'clock-skew',
    rules: settings('clock-skew', {}),
    // Stamped 80 s ahead of its receipt, and 85.
    track: '0..10/10 30; 100 30 @20; 30 30; 125 30 @40; 50..70/10 30',
    alarm: { ...at(20, 20, 50, 70), level: 2, told: '80>60', worst: '85>60' },
    dip: 30,
    never: [['60 s ahead', '0..10/10 30; 80 30 @20; 90..120/10 30']],
    also: [['61 s ahead', '0..10/10 30; 81 30 @20; 30..50/10 30', { ...at(20, 20, 30, 50), level: 2, told: '61>60' }]],
    gap: { after: 20, lasts: true },
    late: { because: 'received this late, its stamps lie in the past: nothing is refused', alarms: [] },
    clockAhead: {
      because: 'it is what the rule is about: 61 s from the first receipt on',
      alarms: [{ from: 1, raised: 1, level: 2, told: '61>60' }],
    },
  },
  {
    rule: 'tampering-suspected',
    rules: settings('tampering-suspected', { silentS: 120 }),
    track: '0..10/10 30; 20 30 alarm8; 130 - stranger @130; 141 - stranger @141; 200..220/10 30',
    alarm: { ...at(20, 141, 200, 220), level: 2 },
    dip: noDip,
    never: [
      ['119 s', '0..10/10 30; 20 30 alarm8; 130 - stranger @130; 140 - stranger @140; 145..160/10 30'],
      ['parked', '0..10/10 0; 20 0 alarm8; 130 - stranger @130; 141 - stranger @141; 200..220/10 0'],
      ['nothing was cut', '0..20/10 30; 130 - stranger @130; 141 - stranger @141; 200..220/10 30'],
      ['it was whole again', '0..10/10 30 alarm8; 20 30; 130 - stranger @130; 141 - stranger @141; 200..220/10 30'],
    ],
    also: [
      [
        'its antenna',
        '0..10/10 30; 20 30 alarm5; 141 - stranger @141; 200..220/10 30',
        { ...at(20, 141, 200, 220), level: 2 },
      ],
    ],
    gap: { ...noGap, after: 200, alarms: [{ ...at(20, 141, 200, 410), level: 2 }] },
    late: onlyLive,
  },
];
