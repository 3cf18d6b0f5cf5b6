import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitView, graticule, projection } from '../public/alarm-map.js';

const place = fc.record({
  lonDeg: fc.double({ min: -170, max: 170, noNaN: true }),
  latDeg: fc.double({ min: -70, max: 70, noNaN: true }),
});

describe('the view', () => {
  test('is Shanghai while there is nothing to show', () => {
    expect(fitView([])).toMatchObject({ westDeg: 120.8, northDeg: 31.8 });
  });

  test('holds every place with air around, on few lines (property)', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (places) => {
        const view = fitView(places);
        const airDeg = view.stepDeg * 0.24;
        for (const { lonDeg, latDeg } of places) {
          expect(lonDeg - view.westDeg).toBeGreaterThan(airDeg);
          expect(view.eastDeg - lonDeg).toBeGreaterThan(airDeg);
          expect(latDeg - view.southDeg).toBeGreaterThan(airDeg);
          expect(view.northDeg - latDeg).toBeGreaterThan(airDeg);
        }
        expect(graticule(view.westDeg, view.eastDeg, view.stepDeg).length).toBeLessThanOrEqual(10);
      }),
    );
  });

  test('stays where it is while an alarm moves a little', () => {
    const view = fitView([
      { lonDeg: 121.25, latDeg: 31.05 },
      { lonDeg: 121.65, latDeg: 31.5 },
    ]);
    expect(
      fitView([
        { lonDeg: 121.26, latDeg: 31.06 },
        { lonDeg: 121.65, latDeg: 31.5 },
      ]),
    ).toEqual(view);
  });
});

test('the projection keeps the shape of the earth and stays inside', () => {
  const view = { westDeg: 121, southDeg: 31, eastDeg: 122, northDeg: 32, stepDeg: 0.2 };
  const toPixels = projection(view, 800, 600);
  const [southWest, northEast] = [toPixels(121, 31), toPixels(122, 32)];
  const [width, height] = [northEast.x - southWest.x, southWest.y - northEast.y];
  expect(width / height).toBeCloseTo(Math.cos((31.5 * Math.PI) / 180), 6);
  expect(southWest.x).toBeGreaterThan(0);
  expect(northEast.x).toBeLessThan(800);
  expect(northEast.y).toBeGreaterThan(0);
  expect(southWest.y).toBeLessThan(600);
});

test('lines have round degrees', () => {
  expect(graticule(121, 121.6, 0.2)).toEqual([121, 121.2, 121.4, 121.6]);
});
