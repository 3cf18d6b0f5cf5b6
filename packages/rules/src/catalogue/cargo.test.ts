import { packSignals } from '@haulwatch/domain';
import { expect, test } from 'vitest';
import { seenBy } from './_facts.ts';
import { cargoPressure, cargoTemperature, valveOpen } from './cargo.ts';

test.each([
  [-10, { state: 'over' }],
  [-10.1, { state: 'holds', value: -10.1, limit: -10 }],
  [40, { state: 'over' }],
  [40.1, { state: 'holds', value: 40.1, limit: 40 }],
  [0, { state: 'over' }],
  [Number.NaN, { state: 'unknown' }],
])('%d °C where -10 to 40 are allowed', (cargoTemperatureC, expected) => {
  expect(seenBy(cargoTemperature, { minC: -10, maxC: 40 }, { cargoTemperatureC })).toEqual(expected);
});

test.each([
  [300, { state: 'over' }],
  [300.1, { state: 'holds', value: 300.1, limit: 300 }],
  [0, { state: 'over' }],
  [Number.NaN, { state: 'unknown' }],
])('%d kPa where 300 are allowed', (cargoPressureKpa, expected) => {
  expect(seenBy(cargoPressure, { maxKpa: 300 }, { cargoPressureKpa })).toEqual(expected);
});

test.each([
  [{ valve: 'open' }, 'holds'],
  [{ valve: 'closed' }, 'over'],
  [{ cover: 'open' }, 'unknown'],
])('valve: %j', (told, state) => {
  expect(seenBy(valveOpen, {}, { signals: packSignals(told) })).toEqual({ state });
});
