import { at, type Scenario } from './_each-rule.ts';
import { circle, fenceOf, settings } from './_policy.ts';

/** What mixers and hazmat vehicles carry. What a fix does not tell of load, drum and valve stays as it was. */

const site = fenceOf('site', circle(5, 0, 150), { uses: ['discharge-site'] });

export const cargoScenarios: readonly Scenario[] = [
  {
    rule: 'drum-reverse',
    class: 'mixer',
    rules: settings('drum-reverse', {}, { minDurationS: 30, when: { outside: ['discharge-site'] } }),
    fences: [site],
    track:
      '0 30 drum=forward; 10 30 drum=reverse; 20..50/10 30; 60 30 drum=forward; 70 30 drum=reverse; 80 30 drum=stopped; 90..100/10 30',
    alarm: { ...at(10, 40, 80, 100), level: 2 },
    dip: 60,
    never: [
      ['29 s are none', '0 30 drum=reverse; 10..20/10 30; 29 30; 30 30 drum=forward; 40..50/10 30'],
      ['where it may', '0 0 5,0 drum=forward; 10..90/10 0 5,0 drum=reverse'],
    ],
    also: [
      [
        'exactly 30 s',
        '0 30 drum=reverse; 10..30/10 30; 40 30 drum=forward; 50..60/10 30',
        { ...at(0, 30, 40, 60), level: 2 },
      ],
    ],
    gap: { after: 40 },
  },
  {
    rule: 'drum-stopped-laden',
    class: 'mixer',
    rules: settings('drum-stopped-laden', {}, { minDurationS: 30 }),
    track:
      '0 30 load=full drum=forward; 10 30 drum=stopped; 20..50/10 30; 60 30 drum=forward; 70 30 drum=stopped; 80 30 drum=reverse; 90..100/10 30',
    alarm: { ...at(10, 40, 80, 100), level: 2 },
    dip: 60,
    never: [
      ['29 s are none', '0 30 load=full drum=stopped; 10..20/10 30; 29 30; 30 30 drum=forward; 40..50/10 30'],
      ['empty', '0..90/10 30 load=empty drum=stopped'],
    ],
    also: [
      [
        'exactly 30 s',
        '0 30 load=full drum=stopped; 10..30/10 30; 40 30 load=empty; 50..60/10 30',
        { ...at(0, 30, 40, 60), level: 2 },
      ],
    ],
    gap: { after: 40 },
  },
  {
    rule: 'concrete-age',
    class: 'mixer',
    rules: settings('concrete-age', { maxS: 120 }),
    track:
      '0 0 load=empty; 10 30 load=full; 70 30; 130..140/10 30; 150 30 load=empty; 160 30 load=full; 170 30 load=empty; 180..190/10 30',
    alarm: { ...at(130, 140, 170, 190), level: 2, told: '2>2' },
    dip: 150,
    never: [
      ['exactly two minutes', '0 0 load=empty; 10 30 load=full; 70..130/60 30; 131 30 load=empty; 140..160/10 30'],
      ['nobody saw it being loaded', '0..300/60 30 load=full'],
    ],
    also: [
      [
        'silent on its way, told by the timer',
        '0 0 load=empty; 10 30 load=full; 20 30; 140 - stranger @140; 150 30 load=empty; 160..170/10 30',
        { ...at(130, 140, 150, 170), level: 2, told: '2>2' },
      ],
    ],
    gap: { after: 140, lasts: true, worst: '5>2' },
  },
  {
    rule: 'bend-speed',
    class: 'mixer',
    rules: settings('bend-speed', { maxMss: 2.5 }),
    // 10 m/s; 30 degrees in 2 s are 2.62 m/s², 35 are 3.05.
    track: '0..2/2 36 h0; 4..6/2 36 h30; 8..30/2 36 h65',
    alarm: { ...at(4, 4, 10, 30), level: 2, told: '2.6>2.5', worst: '3.1>2.5' },
    dip: 'the row of the dip, at 6, is one end of the next bend',
    never: [
      ['28 degrees in 2 s', '0..2/2 36 h0; 4..30/2 36 h28'],
      ['two fixes 4 s apart say nothing', '0..2/2 36 h0; 6 36 h100; 8..30/2 36 h100'],
    ],
    also: [['exactly 3 s', '0 36 h0; 3..27/3 36 h60', { ...at(3, 3, 6, 27), level: 2, told: '3.5>2.5' }]],
    gap: { after: 4, again: { ...at(8, 8, 10, 30), level: 2, told: '3.1>2.5' } },
  },
  {
    rule: 'cargo-temperature',
    class: 'hazmat',
    rules: settings('cargo-temperature', { minC: -10, maxC: 50 }, { minDurationS: 30 }),
    track:
      '0 30 temperature=20; 10..50/10 30 temperature=55; 60 30 temperature=50; 70 30 temperature=60; 80..100/10 30 temperature=20',
    alarm: { ...at(10, 40, 80, 100), level: 2, told: '55>50', worst: '60>50' },
    dip: 60,
    never: [
      ['29 s are none', '0 30 temperature=20; 10..30/10 30 temperature=55; 39 30 temperature=55; 40 30 temperature=20'],
      ['the hottest itself', '0..90/10 30 temperature=50'],
      ['the coldest itself', '0..90/10 30 temperature=-10'],
      ['told once, then no more', '0 30 temperature=20; 10 30 temperature=55; 20..80/10 30'],
    ],
    also: [
      [
        'too cold, the worst of it below zero',
        '0..30/10 30 temperature=-11; 40 30 temperature=-15; 50..70/10 30 temperature=-10',
        { ...at(0, 30, 50, 70), level: 2, told: '-11>-10', worst: '-15>-10' },
      ],
    ],
    gap: { after: 40, worst: '55>50' },
  },
  {
    rule: 'cargo-pressure',
    class: 'hazmat',
    rules: settings('cargo-pressure', { maxKpa: 1_600 }, { minDurationS: 30 }),
    track:
      '0 30 pressure=900; 10..50/10 30 pressure=1650; 60 30 pressure=1600; 70 30 pressure=1700; 80..100/10 30 pressure=900',
    alarm: { ...at(10, 40, 80, 100), level: 2, told: '1650>1600', worst: '1700>1600' },
    dip: 60,
    never: [
      ['29 s are none', '0 30 pressure=900; 10..30/10 30 pressure=1650; 39 30 pressure=1650; 40 30 pressure=900'],
      ['the highest itself', '0..90/10 30 pressure=1600'],
    ],
    also: [
      [
        'exactly 30 s',
        '0..30/10 30 pressure=1601; 40..60/10 30 pressure=1600',
        { ...at(0, 30, 40, 60), level: 2, told: '1601>1600' },
      ],
    ],
    gap: { after: 40, worst: '1650>1600' },
  },
  {
    rule: 'valve-open',
    class: 'hazmat',
    rules: settings('valve-open', {}, { minDurationS: 10, when: { outside: ['discharge-site'] } }),
    fences: [site],
    track:
      '0 0 valve=closed; 10 0 valve=open; 20..40/10 0; 50 0 valve=closed; 60 0 valve=open; 70 0 valve=closed; 80..90/10 0',
    alarm: { ...at(10, 20, 70, 90), level: 2 },
    dip: 50,
    never: [
      ['9 s are none', '0 0 valve=closed; 10 0 valve=open; 19 0; 20 0 valve=closed; 30..40/10 0'],
      ['where it discharges', '0 0 5,0 valve=closed; 10..60/10 0 5,0 valve=open'],
    ],
    also: [
      ['exactly 10 s', '0 0 valve=open; 10 0; 20 0 valve=closed; 30..40/10 0', { ...at(0, 10, 20, 40), level: 2 }],
    ],
    gap: { after: 20, again: { ...at(30, 40, 70, 90), level: 2 } },
  },
];
