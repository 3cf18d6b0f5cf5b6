import { parsePolicy } from '@haulwatch/contract';
import type { Policy } from '@haulwatch/domain';

/** A policy file with low limits and a fence round the end of the road that `drive` takes. */
export const policyFile = {
  name: 'low limits',
  timeZone: 'Asia/Shanghai',
  unknownVehicles: 'heavy',
  time: { clockAheadMaxS: 60, reorderMaxS: 5, gapMaxS: 90, lateLaneIdleS: 600 },
  rules: {
    overspeed: {
      limitsKph: { coach: 60, hazmat: 60, earthwork: 60, mixer: 60, heavy: 60 },
      minDurationS: 20,
      clearBelowKph: 3,
      clearAfterS: 30,
      plausibleMaxKph: 160,
      tiers: [{ excessPercent: 0, level: 1, tier: 'T1' }],
    },
    'prohibited-zone': { minDurationS: 20, clearAfterS: 30, level: 3, tier: 'T2' },
    sos: { clearAfterS: 60, level: 4, tier: 'T3' },
  },
  fences: {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 'end-of-the-road',
        properties: {
          name: 'End of the road',
          datum: 'WGS-84',
          radiusM: 1_000,
          prohibited: true,
          classes: ['heavy', 'hazmat'],
        },
        geometry: { type: 'Point', coordinates: [121.43, 31.2] },
      },
    ],
  },
};

export function testPolicy(changes: object = {}): Policy {
  const parsed = parsePolicy({ ...policyFile, ...changes }, 1);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

export const beganAtMs = Date.parse('2026-03-01T08:00:00Z');

/** Trucks that drive east for ten minutes, a fix every ten seconds: one in three too fast, all into the fence at last. */
export function drive(vehicles: number): object[] {
  return Array.from({ length: 60 }, (_, step) =>
    Array.from({ length: vehicles }, (__, vehicle) => ({
      vehicleId: `truck-${vehicle}`,
      fixedAtMs: beganAtMs + step * 10_000,
      lonDeg: 121.4 + step * 0.0005,
      latDeg: 31.2,
      speedKph: vehicle % 3 === 0 && step > 10 && step < 40 ? 80 : 50,
    })),
  ).flat();
}

export function jsonLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
