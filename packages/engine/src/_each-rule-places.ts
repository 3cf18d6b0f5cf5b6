import { at, type Scenario } from './_each-rule.ts';
import { circle, fenceOf, rectangle, settings } from './_policy.ts';
import { epochMs } from './_trial.ts';

/** Where a vehicle is or stands. A stay is believed, and over, after 10 s; thousandths of a degree north are 111.195 m each. */

const yard = rectangle(-1, -1, 1, 1);
const forAYear = { fromMs: epochMs - 86_400_000, toMs: epochMs + 365 * 86_400_000 };
const permitFrom = (id: string, fromS: number, toS: number) => ({
  id,
  routes: [],
  fromMs: epochMs + fromS * 1_000,
  toMs: epochMs + toS * 1_000,
});

export const placesScenarios: readonly Scenario[] = [
  {
    rule: 'fence-enter',
    rules: settings('fence-enter', {}),
    fences: [fenceOf('yard', yard, { uses: ['enter'] })],
    track: '0 30 5,0; 10..20/10 30 0,0; 30 30 5,0; 40..50/10 30 0,0; 60..90/10 30 5,0',
    // Away since 60, which is believed at 70, and 20 s more.
    alarm: { ...at(10, 20, 60, 90), level: 2, about: 'yard' },
    dip: 30,
    never: [
      ['through it within 10 s', '0 30 5,0; 10 30 0,0; 19 30 0,0; 20..60/10 30 5,0'],
      ['first seen inside', '0..60/10 30 0,0'],
    ],
    also: [
      [
        'exactly 10 s',
        '0 30 5,0; 10..20/10 30 0,0; 30..60/10 30 5,0',
        { ...at(10, 20, 30, 60), level: 2, about: 'yard' },
      ],
    ],
    gap: { after: 20, lasts: true },
  },
  {
    rule: 'fence-exit',
    rules: settings('fence-exit', {}),
    fences: [fenceOf('yard', yard, { uses: ['exit'] })],
    track: '0..20/10 30 0,0; 30 30 5,0; 39 30 0,0; 40..50/10 30 0,0; 60..90/10 30 5,0',
    // Over when told.
    alarm: { ...at(60, 70, 70, 70), level: 2, about: 'yard' },
    dip: 'it is over when told; the stay before it has one, at 30',
    never: [
      ['back within 10 s', '0..20/10 30 0,0; 30 30 5,0; 39 30 5,0; 40..60/10 30 0,0'],
      ['never seen inside', '0..60/10 30 5,0'],
    ],
    also: [['exactly 10 s', '0..20/10 30 0,0; 30..40/10 30 5,0', { ...at(30, 40, 40, 40), level: 2, about: 'yard' }]],
    gap: { after: 60, lasts: true },
  },
  {
    rule: 'zone-dwell',
    rules: settings('zone-dwell', {}),
    fences: [
      fenceOf('yard', yard, { dwellMaxS: 60 }),
      fenceOf('shop', circle(10, 0, 150), { dwellMaxS: 60, classes: ['mixer'] }),
    ],
    track: '0 30 5,0; 10 30 0,0; 20..90/10 0 0,0; 100 30 5,0; 110 30 0,0; 120..150/10 30 5,0',
    // 70 s are 1.2 min, 100 s 1.7. Away since 120, believed at 130, and 20 s more.
    alarm: { ...at(10, 80, 120, 150), level: 2, about: 'yard', told: '1.2>1', worst: '1.7>1' },
    dip: 100,
    never: [
      ['exactly 60 s', '0 30 5,0; 10 30 0,0; 20..70/10 0 0,0; 71 30 5,0; 81..111/10 30 5,0'],
      ['its fence is another class’s', '0 30 15,0; 10 30 10,0; 20..120/10 0 10,0'],
    ],
    also: [
      [
        'silent inside, told by the timer',
        '0 30 5,0; 10 30 0,0; 20 0 0,0; 120 - stranger @120; 130..160/10 30 5,0',
        { ...at(10, 120, 130, 160), level: 2, about: 'yard', told: '1.8>1' },
      ],
    ],
    gap: { after: 80, lasts: true, worst: '5>1' },
  },
  {
    rule: 'unauthorised-stop',
    class: 'hazmat',
    rules: settings('unauthorised-stop', { maxS: 60 }, { when: { outside: ['approved-stop'] } }),
    fences: [fenceOf('rest', circle(5, 0, 150), { uses: ['approved-stop'] })],
    track: '0 30; 10..90/10 0; 100 0 5,0; 110..120/10 0; 130..150/10 30',
    alarm: { ...at(10, 80, 130, 150), level: 2, told: '1>1' },
    // Its position jumps into the approved place and back.
    dip: 100,
    never: [
      ['exactly 60 s', '0 30; 10..70/10 0; 71 30'],
      ['at an approved place', '0 30 5,0; 10..120/10 0 5,0'],
      ['a stop in between ends', '0 30; 10..60/10 0; 65 30; 70..120/10 0; 125 30'],
    ],
    also: [
      [
        'silent where it stands, told by the timer',
        '0 30; 10..20/10 0; 120 - stranger @120; 130..150/10 30',
        { ...at(10, 120, 130, 150), level: 2, told: '1>1' },
      ],
    ],
    gap: { after: 80, lasts: true, worst: '5>1' },
  },
  {
    rule: 'route-deviation',
    class: 'earthwork',
    rules: settings('route-deviation', { minDistanceM: 100 }, { minDurationS: 30 }),
    fences: [fenceOf('road', rectangle(-10, -1, 10, 1), { uses: ['route'] })],
    permits: [{ id: 'a', ...forAYear, routes: ['road'] }],
    // One metre says that it has left; then 222 m with each fix: 223, 445, 667, 889.
    track: '0 30; 10 30 0,3; 20 30 0,5; 30 30 0,7; 40 30 0,9; 50 30 0,11; 60 0 0,11; 70 30 0,11; 80..100/10 30',
    alarm: { ...at(20, 50, 80, 100), level: 2, told: '889>100' },
    dip: 60,
    never: [
      ['29 s are none', '0 30; 10 30 0,3; 20 30 0,5; 30 30 0,7; 49 30 0,7; 50 30'],
      ['hardly off it', '0 30; 10..90/10 30 0,1.5'],
      ['standing off it', '0 30; 10 30 0,3; 20 30 0,5; 30..90/10 0 0,5'],
    ],
    also: [
      [
        'exactly 30 s',
        '0 30; 10 30 0,3; 20..50/10 30 0,5; 60..80/10 30',
        { ...at(20, 50, 60, 80), level: 2, told: '223>100' },
      ],
    ],
    gap: { after: 50 },
  },
  {
    rule: 'permit-violation',
    class: 'earthwork',
    rules: settings('permit-violation', {}, { minDurationS: 30 }),
    permits: [permitFrom('a', -1_000, 10), permitFrom('b', 80, 100_000)],
    track: '0..50/10 30; 60 0; 70..100/10 30',
    alarm: { ...at(10, 40, 80, 100), level: 2 },
    dip: 60,
    never: [
      ['a permit holds', '80..170/10 30'],
      ['29 s are none', '0..30/10 30; 39 30; 40..60/10 0'],
      ['standing', '0..79/10 0'],
    ],
    also: [['exactly 30 s', '0..40/10 30; 50..70/10 0', { ...at(10, 40, 50, 70), level: 2 }]],
    gap: { after: 40 },
  },
];
