import type { LastFix } from '@haulwatch/ports';

/** A fix as Redis keeps it: fixedAtMs first, where put-last-fixes-1.lua looks for it; about 70 bytes. */
export function packLastFix(fix: LastFix): string {
  const { fixedAtMs, receivedAtMs, lonDeg, latDeg, speedKph = null, headingDeg = null } = fix;
  return JSON.stringify([fixedAtMs, receivedAtMs, lonDeg, latDeg, speedKph, headingDeg]);
}

export function unpackLastFix(vehicleId: string, packed: string): LastFix {
  const [fixedAtMs, receivedAtMs, lonDeg, latDeg, speedKph, headingDeg] = JSON.parse(packed) as PackedFix;
  return {
    vehicleId,
    fixedAtMs,
    receivedAtMs,
    lonDeg,
    latDeg,
    ...(speedKph === null ? {} : { speedKph }),
    ...(headingDeg === null ? {} : { headingDeg }),
  };
}

type PackedFix = [number, number, number, number, number | null, number | null];
