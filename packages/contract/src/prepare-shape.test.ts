import { describe, expect, test } from 'vitest';
import { at, cogwheel, problemsOfFence, square } from './_fences.ts';

const coordinates = 'fences.features[0].geometry.coordinates';

const bowTie = at([0, 0], [4, 4], [4, 0], [0, 4], [0, 0]);
const orderOrTwo = 'list the corners in the order in which one walks round the area, or draw two polygons';
const simplifyIt = 'give it a simplifyM (metres of tolerance), or simplify it where it was drawn';

describe('polygons that are refused, with fence and vertices', () => {
  test.each<[name: string, rings: unknown, problem: string, properties?: object]>([
    [
      'a bow-tie',
      [bowTie],
      `${coordinates}[0][2]: fence 'x': the ring crosses itself near [121.02, 31.02], between vertices 0-1 and 2-3: ${orderOrTwo}`,
    ],
    [
      'vertices keep their numbers though a repeated and a needless one before them go',
      [at([0, 0], [0, 0], [2, 2], [4, 4], [4, 0], [0, 4], [0, 0])],
      `${coordinates}[0][4]: fence 'x': the ring crosses itself near [121.02, 31.02], between vertices 0-3 and 4-5: ${orderOrTwo}`,
    ],
    [
      'a corner that leads through an edge',
      [at([0, 0], [4, 0], [4, 4], [2, 0], [0, -2], [0, 0])],
      `${coordinates}[0][2]: fence 'x': the ring crosses itself near [121.02, 31], between vertices 0-1 and 2-3: ${orderOrTwo}`,
    ],
    [
      'a crossing that comes of rounding to the lattice',
      // Vertex 3 lies 1.5 mm above the lowest edge, and on the lattice 3 mm below it.
      [
        [
          [121, 31],
          [121.0001, 31.0000001],
          [121.0001, 31.0001],
          [121.00003, 31.000000045],
          [121, 31.0001],
          [121, 31],
        ],
      ],
      `${coordinates}[0][2]: fence 'x': the ring crosses itself near [121.00003, 31], between vertices 0-1 and 2-3: ${orderOrTwo}`,
    ],
    [
      'a hole across the outer ring',
      [square(121, 31, 0.04), square(121.02, 31, 0.02)],
      `${coordinates}[1][0]: fence 'x': hole 1 crosses the outer ring near [121.02, 30.99], between its vertices 0-1 and 1-2 of the outer ring: ${orderOrTwo}`,
    ],
    [
      'a hole beside the outer ring',
      [square(121, 31, 0.04), square(122, 31, 0.02)],
      `${coordinates}[1][0]: fence 'x': hole 1 reaches out of the outer ring at vertex 0: draw it inside, or as a polygon of its own`,
    ],
    [
      'a hole whose edge bridges a notch of the outer ring',
      [at([0, 0], [8, 0], [8, 8], [6, 8], [4, 4], [2, 8], [0, 8], [0, 0]), at([2, 8], [4, 2], [6, 8], [2, 8])],
      `${coordinates}[1][3]: fence 'x': hole 1 reaches out of the outer ring at vertex 3: draw it inside, or as a polygon of its own`,
    ],
    [
      'a hole in a hole',
      [square(121, 31, 0.06), square(121, 31, 0.04), square(121, 31, 0.02)],
      `${coordinates}[2]: fence 'x': hole 2 lies in hole 1: an island is a polygon of its own`,
    ],
    [
      'a hole twice, which even-odd would fill',
      [square(121, 31, 0.06), square(121, 31, 0.04), square(121, 31, 0.04)],
      `${coordinates}[1]: fence 'x': hole 1 lies in hole 2: an island is a polygon of its own`,
    ],
    [
      'a hole as large as the polygon',
      [square(121, 31, 0.04), square(121, 31, 0.04)],
      `${coordinates}[0]: fence 'x': its holes leave nothing of the polygon`,
    ],
    [
      'corners on one line',
      [at([0, 0], [1, 1], [2, 2], [0, 0])],
      `${coordinates}[0]: fence 'x': the outer ring has no area: less than 1 square metre`,
    ],
    [
      'a few centimetres',
      [square(121, 31, 0.000_000_4)],
      `${coordinates}[0]: fence 'x': the outer ring has no area: less than 1 square metre`,
    ],
    [
      'a hole without area',
      [square(121, 31, 0.04), square(121, 31, 0.000_000_4)],
      `${coordinates}[1]: fence 'x': hole 1 has no area: less than 1 square metre`,
    ],
    [
      'too many vertices',
      [cogwheel(2_002)],
      `${coordinates}: fence 'x': 2002 vertices, at most 2000 are taken: ${simplifyIt}`,
    ],
    [
      'too many vertices even to simplify them',
      [cogwheel(5_002)],
      `${coordinates}: fence 'x': 5002 vertices, at most 5000 are taken: ${simplifyIt}`,
      { simplifyM: 50 },
    ],
    [
      'a ring round the pole',
      [
        [
          [0, 80],
          [120, 80],
          [-120, 80],
          [0, 80],
        ],
      ],
      `${coordinates}[0][2]: fence 'x': the outer ring goes once round the earth: longitudes must come back the way they went`,
    ],
    [
      'over the antimeridian by a little, but from far inland',
      [
        [
          [100, 0],
          [185, 0],
          [185, 5],
          [100, 0],
        ],
      ],
      `${coordinates}[0][1]: fence 'x': reaches too far over the antimeridian (a fence over it lies between longitudes 150 and 210): cut it at 180 into polygons of a MultiPolygon`,
    ],
    [
      'far over the antimeridian',
      [
        [
          [140, 0],
          [-170, 0],
          [-140, 0],
          [-140, 5],
          [140, 0],
        ],
      ],
      `${coordinates}[0][2]: fence 'x': reaches too far over the antimeridian (a fence over it lies between longitudes 150 and 210): cut it at 180 into polygons of a MultiPolygon`,
    ],
  ])('%s', (_name, rings, problem, more) => {
    expect(problemsOfFence('Polygon', rings, more)).toEqual([problem]);
  });

  test('each polygon of a MultiPolygon has its own problem', () => {
    expect(problemsOfFence('MultiPolygon', [[bowTie], [square(122, 31, 0.1)], [bowTie]])).toEqual(
      [0, 2].map(
        (index) =>
          `${coordinates}[${index}][0][2]: fence 'x': polygon ${index}: the ring crosses itself near [121.02, 31.02], between vertices 0-1 and 2-3: ${orderOrTwo}`,
      ),
    );
  });

  test('a simplifyM that makes a good ring cross itself', () => {
    // An inlet from above ends in a bump of the lower edge: without the bump the edge runs across the inlet.
    const ring = at([0, 0], [2, -0.5], [4, 0], [4, 4], [2.1, 4], [2, -0.3], [1.9, 4], [0, 4], [0, 0]);
    expect(problemsOfFence('Polygon', [ring])).toEqual([]);
    expect(problemsOfFence('Polygon', [ring], { simplifyM: 600 })).toEqual([
      `${coordinates}[0][4]: fence 'x': simplified by 600 m the ring crosses itself near [121.02007, 31], between vertices 0-2 and 4-5: give it a smaller simplifyM`,
    ]);
  });
});
