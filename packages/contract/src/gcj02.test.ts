import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gcj02ToWgs84, wgs84ToGcj02 } from './gcj02.ts';

type Place = readonly [lonDeg: number, latDeg: number];

/** Metres between two near points, on a sphere. */
function metresBetween(a: Place, b: Place): number {
  const metresPerDeg = 111_195;
  const eastM = (a[0] - b[0]) * metresPerDeg * Math.cos((a[1] * Math.PI) / 180);
  return Math.hypot(eastM, (a[1] - b[1]) * metresPerDeg);
}

// The point pairs that the open implementations publish as their test.
test.each<[string, Place, Place]>([
  ['Shanghai', [121.5272106, 31.1774276], [121.531541859215, 31.17530398364597]],
  ['Shenzhen', [113.912316, 22.543847], [113.9171764808363, 22.540796131694766]],
  ['Beijing', [116.377817, 39.911954], [116.38404722455657, 39.91334545536069]],
])('%s: a known pair, both ways, within a millimetre', (_name, wgs84, gcj02) => {
  expect(metresBetween(wgs84ToGcj02(...wgs84), gcj02)).toBeLessThan(0.001);
  expect(metresBetween(gcj02ToWgs84(...gcj02), wgs84)).toBeLessThan(0.001);
});

test('the offset in Shanghai is about 500 m: what a forgotten datum costs', () => {
  const people: Place = [121.4737, 31.2304];
  expect(metresBetween(wgs84ToGcj02(...people), people)).toBeGreaterThan(400);
  expect(metresBetween(wgs84ToGcj02(...people), people)).toBeLessThan(600);
});

test('there and back is the same place within a millimetre, all over China', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 73.56, max: 135.09, noNaN: true }),
      fc.double({ min: 3.86, max: 53.56, noNaN: true }),
      (lonDeg, latDeg) => {
        const there = wgs84ToGcj02(lonDeg, latDeg);
        expect(metresBetween(gcj02ToWgs84(...there), [lonDeg, latDeg])).toBeLessThan(0.001);
      },
    ),
  );
});

test.each<[string, Place]>([
  ['Liverpool', [-2.98, 53.4]],
  ['Sydney', [151.2, -33.87]],
])('%s lies outside the offset: unchanged', (_name, place) => {
  expect(gcj02ToWgs84(...place)).toEqual([...place]);
});
