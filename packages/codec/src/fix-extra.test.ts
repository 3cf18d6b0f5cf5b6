import { eventCode, signalCode, signalOf, signalShift, type Fix, type TerminalEvent } from '@haulwatch/domain';
import { describe, expect, test } from 'vitest';
import { driverExtra, extraOf } from './fix-extra.ts';
import { fixToRow } from './fix-json.ts';

const plain: Fix = { vehicleId: 'truck-1', fixedAtMs: Date.UTC(2026, 10, 22), lonDeg: 121.47, latDeg: 31.23 };

test.each<[string, Partial<Fix>]>([
  ['nothing', {}],
  ['other sensors', { sensors: { fuelL: 3, cargo: 'sand' } }],
  ['states that are none', { sensors: { cover: 'ajar', load: 1 } }],
  ['a temperature as text', { sensors: { cargoTemperatureC: '4' } }],
  ['no events', { terminalEvents: [] }],
])('a fix with %s has no extra', (_what, over) => {
  expect(extraOf({ ...plain, ...over })).toBeUndefined();
  expect(fixToRow({ ...plain, ...over }, 1, 0).extra).toBeUndefined();
});

test('signals and cargo', () => {
  const extra = extraOf({
    ...plain,
    sensors: { cover: 'open', load: 'full', cargoTemperatureC: -18.5, cargoPressureKpa: 0 },
  });
  expect(extra).toMatchObject({ cargoTemperatureC: -18.5, cargoPressureKpa: 0, driver: 0, events: [] });
  expect(signalOf(extra!.signals, signalShift('cover'))).toBe(signalCode('cover', 'open'));
  expect(signalOf(extra!.signals, signalShift('load'))).toBe(signalCode('load', 'full'));
  expect(signalOf(extra!.signals, signalShift('drum'))).toBe(0);
});

describe('the driver', () => {
  test('is a number of 32 bits, the same for the same id, whichever way it is read', () => {
    const one = extraOf({ ...plain, driverId: '310101199001011234' })!;
    expect(one.driver).toBeGreaterThan(0);
    expect(one.driver).toBeLessThan(2 ** 32);
    expect(driverExtra(new TextEncoder().encode('310101199001011234'))).toEqual(one);
    expect(extraOf({ ...plain, driverId: '张三' })!.driver).not.toBe(one.driver);
  });
});

test('of many events the gravest are kept', () => {
  const event = (code: number, level: 0 | 1 | 2): TerminalEvent => ({ code, level, state: 0 });
  const notices = [0x6410, 0x6411, 0x6510, 0x6511].map((code) => event(code, 2));
  const dangers = [0x6501, 0x6502, 0x6503, 0x6504, 0x6401, 0x6402, 0x6403].map((code) => event(code, 1));
  const { events } = extraOf({ ...plain, terminalEvents: [...notices, ...dangers, event(0x6404, 2)] })!;
  expect(events.map(eventCode)).toEqual([0x6404, 0x6501, 0x6502, 0x6503, 0x6504, 0x6401, 0x6402, 0x6403]);
});
