import { at, type Scenario } from './_each-rule.ts';
import { circle, fenceOf, rectangle, settings } from './_policy.ts';

/** Bodies of trucks, and what they do at junctions. What a fix does not tell of load, cover and lift stays as it was. */

const tip = fenceOf('tip', circle(5, 0, 150), { uses: ['dump-site', 'loading-site'] });

export const bodyScenarios: readonly Scenario[] = [
  {
    rule: 'cover-open',
    class: 'earthwork',
    rules: settings('cover-open', {}, { minDurationS: 30, when: { outside: ['dump-site'] } }),
    fences: [tip],
    track:
      '0 30 load=full cover=closed; 10 30 cover=open; 20..50/10 30; 60 30 cover=closed; 70 30 cover=open; 80 30 cover=closed; 90..100/10 30',
    alarm: { ...at(10, 40, 80, 100), level: 2 },
    dip: 60,
    never: [
      [
        '29 s are none',
        '0 30 load=full cover=closed; 10 30 cover=open; 20..30/10 30; 39 30; 40 30 cover=closed; 50 30',
      ],
      ['empty', '0..90/10 30 load=empty cover=open'],
      ['standing', '0..90/10 0 load=full cover=open'],
      ['at the tip', '0..90/10 30 5,0 load=full cover=open'],
    ],
    also: [
      [
        'exactly 30 s',
        '0 30 load=half cover=open; 10..30/10 30; 40 30 cover=closed; 50..60/10 30',
        { ...at(0, 30, 40, 60), level: 2 },
      ],
    ],
    gap: { after: 40 },
  },
  {
    rule: 'body-lifted',
    class: 'earthwork',
    rules: settings('body-lifted', {}, { minDurationS: 10, when: { outside: ['dump-site'] } }),
    fences: [tip],
    track:
      '0 0 lift=flat; 10 0 lift=raised; 20..40/10 0; 50 0 lift=flat; 60 0 lift=raised; 70 0 lift=flat; 80..90/10 0',
    alarm: { ...at(10, 20, 70, 90), level: 2 },
    dip: 50,
    never: [
      ['9 s are none', '0 0 lift=flat; 10 0 lift=raised; 19 0; 20 0 lift=flat; 30..40/10 0'],
      ['at the tip', '0 0 5,0 lift=flat; 10..60/10 0 5,0 lift=raised'],
    ],
    also: [['exactly 10 s', '0 0 lift=raised; 10 0; 20 0 lift=flat; 30..40/10 0', { ...at(0, 10, 20, 40), level: 2 }]],
    gap: { after: 20, again: { ...at(30, 40, 70, 90), level: 2 } },
  },
  {
    rule: 'body-lifted-moving',
    class: 'earthwork',
    rules: settings('body-lifted-moving', { aboveKph: 10 }, { minDurationS: 5 }),
    track: '0 30 lift=flat; 10 30 lift=raised; 15 20; 20 35; 30 5; 40 20; 50..70/10 5',
    alarm: { ...at(10, 15, 50, 70), level: 2, told: '20>10', worst: '35>10' },
    dip: 30,
    never: [
      ['4 s are none', '0 30 lift=flat; 10 30 lift=raised; 14 30; 15 5; 20..40/10 5'],
      ['10 km/h are not more than 10', '0 10 lift=flat; 10..60/10 10 lift=raised'],
    ],
    also: [
      ['hardly faster', '0 10.1 lift=raised; 5 10.1; 10..30/10 10', { ...at(0, 5, 10, 30), level: 2, told: '10.1>10' }],
    ],
    gap: { after: 15, worst: '30>10' },
  },
  {
    rule: 'suspicious-dump',
    class: 'earthwork',
    rules: settings('suspicious-dump', {}, { when: { outside: ['dump-site'] } }),
    fences: [tip],
    track:
      '0 30 load=full; 10..30/10 30; 40 30 load=empty; 50 30 load=full; 60 30 load=empty; 120..180/60 30; 200 30 load=full; 210..220/10 30',
    alarm: { ...at(40, 40, 200, 220), level: 2 },
    dip: 50,
    never: [
      ['at the tip, and away', '0 30 5,0 load=full; 10 30 5,0 load=empty; 20..90/10 30'],
      ['nobody saw it full', '0..90/10 30 load=empty'],
    ],
    also: [
      [
        'for exactly ten minutes',
        '0 30 load=full; 40..640/60 30 load=empty; 641 30; 661 30',
        { ...at(40, 40, 641, 661), level: 2 },
      ],
    ],
    gap: { after: 60, lasts: true },
  },
  {
    rule: 'suspicious-load',
    class: 'earthwork',
    rules: settings('suspicious-load', {}, { when: { outside: ['loading-site'] } }),
    fences: [tip],
    track:
      '0 30 load=empty; 10..30/10 30; 40 30 load=full; 50 30 load=empty; 60 30 load=full; 120..180/60 30; 200 30 load=empty; 210..220/10 30',
    alarm: { ...at(40, 40, 200, 220), level: 2 },
    dip: 50,
    never: [
      ['where loading is approved, and away', '0 30 5,0 load=empty; 10 30 5,0 load=full; 20..90/10 30'],
      ['nobody saw it empty', '0..90/10 30 load=full'],
    ],
    also: [
      [
        'for exactly ten minutes',
        '0 30 load=empty; 40..640/60 30 load=full; 641 30; 661 30',
        { ...at(40, 40, 641, 661), level: 2 },
      ],
    ],
    gap: { after: 60, lasts: true },
  },
  {
    rule: 'right-turn-no-stop',
    rules: settings('right-turn-no-stop', { turnMinDeg: 60, stopKph: 3 }),
    fences: [fenceOf('crossing', rectangle(-1, -1, 1, 1), { uses: ['junction'] })],
    track: '0 30 0,-5 h0; 10 20 0,-0.5 h0; 20 15 0.5,0 h90; 25 15 0.5,0 h40; 30 15 0.5,0 h90; 40..60/10 30 5,0 h90',
    alarm: { ...at(20, 20, 40, 60), level: 2, told: '15>3' },
    dip: 25,
    never: [
      ['59 degrees', '0 30 0,-5 h0; 10 20 0,-0.5 h0; 20 15 0.5,0 h59; 30..50/10 30 5,0 h59'],
      ['to the left', '0 30 0,-5 h0; 10 20 0,-0.5 h0; 20 15 -0.5,0 h270; 30..50/10 30 -5,0 h270'],
      ['a stop: 3 km/h', '0 30 0,-5 h0; 10 20 0,-0.5 h0; 15 3 0,0 h0; 20 15 0.5,0 h90; 30..50/10 30 5,0 h90'],
      ['not in the zone', '0 30 0,-5 h0; 10 20 0,-4 h0; 20 15 0.5,-4 h90; 30..50/10 30 5,-4 h90'],
    ],
    also: [
      [
        'exactly 60 degrees, hardly faster than a stop',
        '0 30 0,-5 h0; 10 3.1 0,-0.5 h0; 20 15 0.5,0 h60; 30..50/10 30 5,0 h60',
        { ...at(20, 20, 30, 50), level: 2, told: '3.1>3' },
      ],
    ],
    // What follows the gap is another turn, of 50 degrees.
    gap: { after: 20 },
  },
];
