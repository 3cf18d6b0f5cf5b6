import { fromE7, toE7, type FenceShape } from '@haulwatch/domain';
import type { FenceGrowth } from './fence-file.ts';
import { preparePolicy } from './policy-file.ts';
import { problemText } from './problem.ts';

/** A policy file with one fence, 'x', of this geometry. */
export function fileWithFence(type: string, coordinates: unknown, properties: object = {}): unknown {
  return {
    name: 'Test',
    timeZone: 'Asia/Shanghai',
    unknownVehicles: 'reject',
    time: { clockAheadMaxS: 60, reorderMaxS: 5, gapMaxS: 90, lateLaneIdleS: 600 },
    rules: {
      overspeed: {
        limitsKph: { coach: 100, hazmat: 80, earthwork: 60, mixer: 60, heavy: 100 },
        minDurationS: 30,
        clearBelowKph: 3,
        clearAfterS: 60,
        plausibleMaxKph: 160,
        tiers: [{ excessPercent: 0, level: 1, tier: 'T0' }],
      },
      'prohibited-zone': { minDurationS: 30, clearAfterS: 60, level: 3, tier: 'T2' },
      sos: { clearAfterS: 60, level: 4, tier: 'T3' },
    },
    fences: {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          id: 'x',
          properties: { name: 'X', datum: 'WGS-84', prohibited: true, ...properties },
          geometry: { type, coordinates },
        },
      ],
    },
  };
}

export function problemsOfFence(type: string, coordinates: unknown, properties: object = {}): string[] {
  const prepared = preparePolicy(fileWithFence(type, coordinates, properties), 1);
  return prepared.ok ? [] : prepared.problems.map(problemText);
}

/** What is prepared of a good fence. */
export function prepareFence(
  type: string,
  coordinates: unknown,
  properties: object = {},
): { readonly shape: FenceShape; readonly growths: readonly FenceGrowth[] } {
  const prepared = preparePolicy(fileWithFence(type, coordinates, properties), 1);
  if (!prepared.ok) throw new Error(prepared.problems.map(problemText).join('\n'));
  const [fence] = prepared.policy.fences;
  if (fence === undefined) throw new Error('the fence is gone');
  return { shape: fence.shape, growths: prepared.growths };
}

export function ringsOfFence(type: string, coordinates: unknown, properties: object = {}) {
  const { shape } = prepareFence(type, coordinates, properties);
  if (shape.kind !== 'polygons') throw new Error(`expected polygons, not a ${shape.kind}`);
  return shape.polygons;
}

/** A closed square around a place. */
export function square(lonDeg: number, latDeg: number, sizeDeg: number): [number, number][] {
  const half = sizeDeg / 2;
  return [
    [lonDeg - half, latDeg - half],
    [lonDeg + half, latDeg - half],
    [lonDeg + half, latDeg + half],
    [lonDeg - half, latDeg + half],
    [lonDeg - half, latDeg - half],
  ];
}

/** A ring that zigzags between two radii: `vertices` of them, none in line with its neighbours. */
export function cogwheel(vertices: number, lonDeg = 121, latDeg = 31, radiusDeg = 0.1): [number, number][] {
  const ring = Array.from({ length: vertices }, (_, vertex): [number, number] => {
    const angle = (2 * Math.PI * vertex) / vertices;
    const radius = vertex % 2 === 0 ? radiusDeg : radiusDeg * 0.9;
    return [lonDeg + radius * Math.cos(angle), latDeg + radius * Math.sin(angle)];
  });
  return [...ring, ...ring.slice(0, 1)];
}

/** Places in units of a degree's hundredth from 121° E, 31° N. */
export function at(...places: readonly (readonly [number, number])[]): [number, number][] {
  return places.map(([x, y]) => [fromE7(toE7(121) + toE7(x / 100)), fromE7(toE7(31) + toE7(y / 100))]);
}
