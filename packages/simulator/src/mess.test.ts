import { fixFlag, speedAbsent } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import type { MessShares } from './mess.ts';
import { createSimulator } from './simulator.ts';
import { asText, byVehicle, drive, type DrivenFix } from './test-drive.ts';

const startMs = Date.UTC(2026, 0, 5, 8);
const endMs = startMs + 900_000;
const options = { seed: 21, vehicles: 40, startMs, periodMs: 2_000 };
const clean = drive(createSimulator(options), [endMs], 500);
const messy = (mess: MessShares): DrivenFix[] => drive(createSimulator({ ...options, mess }), [endMs], 500);
const keyOf = (fix: DrivenFix): string => `${fix.vehicle} ${fix.fixedAtMs}`;
const isBlind = (fix: DrivenFix): boolean => (fix.flags & fixFlag.blindZone) !== 0;

test('no mess, no difference', () => {
  expect(asText(messy({}))).toBe(asText(clean));
});

test('duplicates follow their originals, in the wanted share', () => {
  const fixes = messy({ duplicates: 0.1 });
  const repeated = fixes.filter((fix, index) => index > 0 && keyOf(fix) === keyOf(fixes[index - 1] ?? fix));
  expect(repeated.length / clean.length).toBeCloseTo(0.1, 2);
  const once = new Set(repeated);
  expect(asText(fixes.filter((fix) => !once.has(fix)))).toBe(asText(clean));
});

describe('a blind zone', () => {
  const fixes = messy({ late: 0.25 });
  const late = fixes.filter(isBlind);

  test('holds the wanted share back and re-reports it after a live fix, oldest first', () => {
    expect(late.length / clean.length).toBeCloseTo(0.25, 1);
    expect(late.length % 12).toBe(0);
    for (const [vehicle, track] of byVehicle(fixes)) {
      for (const [index, fix] of track.entries()) {
        if (!isBlind(fix)) continue;
        const before = track[index - 1];
        expect(before?.receivedAtMs, `vehicle ${vehicle}`).toBe(fix.receivedAtMs);
        if (before !== undefined && isBlind(before)) expect(fix.fixedAtMs).toBe(before.fixedAtMs + 2_000);
        expect(fix.receivedAtMs).toBeGreaterThan(fix.fixedAtMs);
      }
    }
  });

  test('changes nothing but the order, the flag and the time of receipt; only its last ones are still to come', () => {
    const seen = new Map(fixes.map((fix) => [keyOf(fix), fix]));
    expect(seen.size).toBe(fixes.length);
    const missing = clean.filter((fix) => !seen.has(keyOf(fix)));
    expect(missing.every((fix) => fix.fixedAtMs > endMs - 13 * 2_000)).toBe(true);
    const arrived = clean.flatMap((fix) => seen.get(keyOf(fix)) ?? []);
    const mended = arrived.map((fix) => ({ ...fix, flags: 0, receivedAtMs: fix.fixedAtMs }));
    expect(asText(mended)).toBe(asText(clean.filter((fix) => seen.has(keyOf(fix)))));
  });
});

test('a wrong clock is 20 h ahead, all else is as it was', () => {
  const fixes = messy({ clockAhead: 0.05 });
  const wrong = fixes.filter((fix) => fix.fixedAtMs !== fix.receivedAtMs);
  expect(wrong.length / clean.length).toBeCloseTo(0.05, 2);
  expect(wrong.every((fix) => fix.fixedAtMs - fix.receivedAtMs === 20 * 3_600_000)).toBe(true);
  expect(asText(fixes.map((fix) => ({ ...fix, fixedAtMs: fix.receivedAtMs })))).toBe(asText(clean));
});

test('an invalid fix has no position and no speed, but its alarm flags', () => {
  const fixes = messy({ invalid: 0.1 });
  const invalid = fixes.filter((fix) => (fix.flags & fixFlag.positionInvalid) !== 0);
  expect(invalid.length / clean.length).toBeCloseTo(0.1, 2);
  expect(invalid.every((fix) => fix.lonDeg === 0 && fix.latDeg === 0 && fix.speedDkph === speedAbsent)).toBe(true);
  expect(invalid.every((fix) => (fix.statusFlags & 2) === 0)).toBe(true);
  expect(fixes.map((fix) => fix.alarmFlags)).toEqual(clean.map((fix) => fix.alarmFlags));
});
