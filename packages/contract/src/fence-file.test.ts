import { fromE7, toE7 } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { at, cogwheel, fileWithFence, prepareFence, problemsOfFence, ringsOfFence, square } from './_fences.ts';
import { gcj02ToWgs84 } from './gcj02.ts';
import { parsePolicy } from './policy-file.ts';
import { problemText } from './problem.ts';

const coordinates = 'fences.features[0].geometry.coordinates';
const properties = 'fences.features[0].properties';

const zigzag = Array.from({ length: 5_001 }, (_, index) => [121 + index / 1e5, 31 + (index % 2) / 1e3]);
const simplifyIt = 'give it a simplifyM (metres of tolerance), or simplify it where it was drawn';

describe('polygons that are taken', () => {
  test.each<[name: string, written: [number, number][][], taken: [number, number][][]]>([
    [
      'needless vertices go, a start between two corners too',
      [at([1, 0], [2, 0], [4, 0], [4, 0], [4, 4], [2, 4], [0, 4], [0, 0], [1, 0])],
      [at([4, 0], [4, 4], [0, 4], [0, 0], [4, 0])],
    ],
    [
      'two squares that touch at a corner',
      [at([0, 0], [2, 0], [2, 2], [4, 2], [4, 4], [2, 4], [2, 2], [0, 2], [0, 0])],
      [at([0, 0], [2, 0], [2, 2], [4, 2], [4, 4], [2, 4], [2, 2], [0, 2], [0, 0])],
    ],
    [
      'a corner that touches an edge from within',
      [at([0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0])],
      [at([0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0])],
    ],
    [
      'a hole at the end of a cut',
      [at([0, 0], [8, 0], [8, 8], [0, 8], [0, 4], [2, 4], [4, 6], [4, 2], [2, 4], [0, 4], [0, 0])],
      [at([0, 0], [8, 0], [8, 8], [0, 8], [0, 4], [2, 4], [4, 6], [4, 2], [2, 4], [0, 4], [0, 0])],
    ],
    [
      'a hole that touches the outer ring at a corner',
      [at([0, 0], [8, 0], [8, 8], [0, 8], [0, 0]), at([0, 0], [4, 2], [2, 4], [0, 0])],
      [at([0, 0], [8, 0], [8, 8], [0, 8], [0, 0]), at([0, 0], [4, 2], [2, 4], [0, 0])],
    ],
    [
      '179, -179 runs on',
      [
        [
          [179, 0],
          [-179, 0],
          [-179, 1],
          [179, 1],
          [179, 0],
        ],
      ],
      [
        [
          [179, 0],
          [181, 0],
          [181, 1],
          [179, 1],
          [179, 0],
        ],
      ],
    ],
    [
      '-150 to 155 runs on to the side where it stays within the limit; its hole follows',
      [
        [
          [155, 0],
          [-148, 0],
          [-148, 9],
          [155, 9],
          [155, 0],
        ],
        [
          [-175, 2],
          [-174, 2],
          [-174, 3],
          [-175, 2],
        ],
        [
          [175, 2],
          [176, 2],
          [176, 3],
          [175, 2],
        ],
      ],
      [
        [
          [-205, 0],
          [-148, 0],
          [-148, 9],
          [-205, 9],
          [-205, 0],
        ],
        [
          [-175, 2],
          [-174, 2],
          [-174, 3],
          [-175, 2],
        ],
        [
          [-185, 2],
          [-184, 2],
          [-184, 3],
          [-185, 2],
        ],
      ],
    ],
    ['what runs on already stays', [square(-181, 0, 4)], [square(-181, 0, 4)]],
    [
      'a wide ring keeps what is collinear, for there it could not be told exactly',
      [
        [
          [110, 30],
          [115, 30],
          [120, 30],
          [120, 30],
          [120, 40],
          [110, 30],
        ],
      ],
      [
        [
          [110, 30],
          [115, 30],
          [120, 30],
          [120, 40],
          [110, 30],
        ],
      ],
    ],
  ])('%s', (_name, written, taken) => {
    expect(ringsOfFence('Polygon', written)).toEqual([taken]);
  });

  test('overlapping polygons stay two: the index takes their union', () => {
    const polygons = [[square(121, 31, 0.1)], [square(121.05, 31, 0.1)]];
    expect(ringsOfFence('MultiPolygon', polygons)).toEqual(polygons);
  });

  test('positions are rounded to the lattice, altitudes left out', () => {
    const ring = [
      [121.000_000_04, 31, 7],
      [122, 31],
      [122, 32.000_000_06],
      [121.000_000_04, 31],
    ];
    expect(ringsOfFence('Polygon', [ring])).toEqual([
      [
        [
          [121, 31],
          [122, 31],
          [122, 32.000_000_1],
          [121, 31],
        ],
      ],
    ]);
  });

  test('GCJ-02 is converted once', () => {
    const ring = square(121.4, 31.2, 0.1);
    const once = ring.map(([lon, lat]) => gcj02ToWgs84(lon, lat).map((degrees) => fromE7(toE7(degrees))));
    expect(ringsOfFence('Polygon', [ring], { datum: 'GCJ-02' })).toEqual([[once]]);
  });

  test('the most vertices that are taken', () => {
    expect(ringsOfFence('Polygon', [cogwheel(2_000)]).flat(2)).toHaveLength(2_001);
  });

  test('simplifyM leaves out what lies within so many metres', () => {
    // 0.0001 degrees are 11 m.
    const ring = at([0, 0], [2, -0.01], [4, 0], [4, 4], [2, 4.01], [0, 4], [0, 0]);
    expect(ringsOfFence('Polygon', [ring])[0]?.[0]).toHaveLength(7);
    expect(ringsOfFence('Polygon', [ring], { simplifyM: 10 })[0]?.[0]).toHaveLength(7);
    expect(ringsOfFence('Polygon', [ring], { simplifyM: 12 })).toEqual([[at([0, 0], [4, 0], [4, 4], [0, 4], [0, 0])]]);
  });

  test('bufferM asks for the fence to be grown', () => {
    const { shape, growths } = prepareFence('Polygon', [cogwheel(500)], { bufferM: 50 });
    expect(growths).toEqual([
      { index: 0, fenceId: 'x', bufferM: 50, polygons: shape.kind === 'polygons' ? shape.polygons : [] },
    ]);
  });
});

describe('corridors', () => {
  test.each<[name: string, written: [number, number][], taken: [number, number][], simplifyM?: number]>([
    ['a road', at([0, 0], [1, 1]), at([0, 0], [1, 1])],
    ['only repeated vertices go', at([0, 0], [0, 0], [1, 1], [2, 2]), at([0, 0], [1, 1], [2, 2])],
    ['it may cross itself', at([0, 0], [2, 2], [2, 0], [0, 2]), at([0, 0], [2, 2], [2, 0], [0, 2])],
    ['it may close', at([0, 0], [2, 0], [2, 2], [0, 0]), at([0, 0], [2, 0], [2, 2], [0, 0])],
    ['and is simplified', at([0, 0], [1, 0.01], [2, 0]), at([0, 0], [2, 0]), 12],
    [
      'over the antimeridian, eastward',
      [
        [179.5, 0],
        [-179.5, 1],
      ],
      [
        [179.5, 0],
        [180.5, 1],
      ],
    ],
    [
      'westward',
      [
        [-179.5, 0],
        [179.5, 1],
      ],
      [
        [-179.5, 0],
        [-180.5, 1],
      ],
    ],
  ])('%s', (_name, written, taken, simplifyM) => {
    const more = { halfWidthM: 25, ...(simplifyM !== undefined && { simplifyM }) };
    const { shape } = prepareFence('LineString', written, more);
    expect(shape).toEqual({ kind: 'corridor', line: taken, halfWidthM: 25 });
  });

  test('the longest line that is simplified, of the kind that takes the deepest recursion', () => {
    const falling = Array.from({ length: 5_000 }, (_, n) => [121 + n / 1e5, 31 + ((n % 2) * (5_000 - n)) / 1e6]);
    expect(problemsOfFence('LineString', falling, { halfWidthM: 25, simplifyM: 0.01 })).toEqual([
      expect.stringMatching(/: fence 'x': (4\d{3}|5000) vertices, at most 2000 are taken/),
    ]);
  });

  test('GCJ-02 is converted', () => {
    const { shape } = prepareFence(
      'LineString',
      [
        [121.4, 31.2],
        [121.5, 31.2],
      ],
      { halfWidthM: 25, datum: 'GCJ-02' },
    );
    const [lonDeg, latDeg] = gcj02ToWgs84(121.4, 31.2);
    expect(shape).toMatchObject({ line: [[fromE7(toE7(lonDeg)), fromE7(toE7(latDeg))], expect.anything()] });
  });
});

describe('lines and measures that are refused', () => {
  const line = at([0, 0], [1, 1]);
  test.each<[name: string, type: string, geometry: unknown, properties: object, problem: string]>([
    [
      'no width',
      'LineString',
      line,
      {},
      `${properties}.halfWidthM: fence 'x': is missing: a LineString is a corridor and needs half its width in metres`,
    ],
    ['too narrow', 'LineString', line, { halfWidthM: 0.5 }, `${properties}.halfWidthM: fence 'x': must be at least 1`],
    [
      'too wide',
      'LineString',
      line,
      { halfWidthM: 10_001 },
      `${properties}.halfWidthM: fence 'x': must be at most 10000`,
    ],
    [
      'a radius',
      'LineString',
      line,
      { halfWidthM: 5, radiusM: 5 },
      `${properties}.radiusM: fence 'x': a LineString has no radius`,
    ],
    [
      'a width of a polygon',
      'Polygon',
      [square(121, 31, 1)],
      { halfWidthM: 5 },
      `${properties}.halfWidthM: fence 'x': a Polygon has no width: only a LineString is a corridor`,
    ],
    [
      'a buffer of a line',
      'LineString',
      line,
      { halfWidthM: 5, bufferM: 5 },
      `${properties}.bufferM: fence 'x': a corridor needs no buffer: its distance is exact, make halfWidthM so much larger`,
    ],
    [
      'a buffer of a circle',
      'Point',
      [121, 31],
      { radiusM: 5, bufferM: 5 },
      `${properties}.bufferM: fence 'x': a circle needs no buffer: its distance is exact, make radiusM so much larger`,
    ],
    [
      'a point to simplify',
      'Point',
      [121, 31],
      { radiusM: 5, simplifyM: 5 },
      `${properties}.simplifyM: fence 'x': a Point has nothing to simplify`,
    ],
    [
      'one vertex',
      'LineString',
      at([0, 0]),
      { halfWidthM: 5 },
      `${coordinates}: fence 'x': a line needs at least 2 positions`,
    ],
    [
      'one place',
      'LineString',
      at([0, 0], [0, 0]),
      { halfWidthM: 5 },
      `${coordinates}[0]: fence 'x': all vertices of the line are one place: it leads nowhere`,
    ],
    [
      'a latitude beyond the pole',
      'LineString',
      [...line, [121, 91]],
      { halfWidthM: 5 },
      `${coordinates}[2][1]: fence 'x', vertex 2: must be at most 90`,
    ],
    [
      'too many vertices',
      'LineString',
      zigzag.slice(0, 2_001),
      { halfWidthM: 5 },
      `${coordinates}: fence 'x': 2001 vertices, at most 2000 are taken: ${simplifyIt}`,
    ],
    [
      'too many vertices even to simplify them',
      'LineString',
      zigzag,
      { halfWidthM: 5, simplifyM: 500 },
      `${coordinates}: fence 'x': 5001 vertices, at most 5000 are taken: ${simplifyIt}`,
    ],
    [
      'far over the antimeridian',
      'LineString',
      [
        [100, 0],
        [-170, 0],
        [-100, 0],
      ],
      { halfWidthM: 5 },
      `${coordinates}[2]: fence 'x': reaches too far over the antimeridian (a fence over it lies between longitudes 150 and 210): cut it at 180 into lines of several fences`,
    ],
    [
      'more vertices than can be grown',
      'Polygon',
      [cogwheel(502)],
      { bufferM: 50 },
      `${properties}.bufferM: fence 'x': at most 500 vertices can be grown, these are 502: give it a simplifyM`,
    ],
  ])('%s', (_name, type, geometry, more, problem) => {
    expect(problemsOfFence(type, geometry, more)).toEqual([problem]);
  });

  test('bufferM is never passed over: parsing alone refuses it', () => {
    const parsed = parsePolicy(fileWithFence('Polygon', [square(121, 31, 0.1)], { bufferM: 50 }), 1);
    expect(parsed.ok ? [] : parsed.problems.map(problemText)).toEqual([
      `${properties}.bufferM: fence 'x': bufferM is worked out when a policy is published, not here`,
    ]);
  });
});
