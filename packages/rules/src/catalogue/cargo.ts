import type { Rule } from '../rule.ts';
import { signalNow, signals } from './signals.ts';

/** `cargo-temperature` 罐体温度异常. What a cargo may have stands in its papers: the numbers are the policy's. */
export const cargoTemperature: Rule<'cargo-temperature'> = {
  id: 'cargo-temperature',
  observe({ cargoTemperatureC }, { minC, maxC }, out) {
    if (Number.isNaN(cargoTemperatureC)) out.state = 'unknown';
    else if (cargoTemperatureC < minC || cargoTemperatureC > maxC) {
      out.state = 'holds';
      out.value = cargoTemperatureC;
      out.limit = cargoTemperatureC < minC ? minC : maxC;
    }
  },
  tell: ({ value, limit }) => `the cargo has ${value} °C where ${limit} is the bound`,
};

/** `cargo-pressure` 罐体压力异常. What a tank may have stands on its plate: the number is the policy's. */
export const cargoPressure: Rule<'cargo-pressure'> = {
  id: 'cargo-pressure',
  observe({ cargoPressureKpa }, { maxKpa }, out) {
    if (Number.isNaN(cargoPressureKpa)) out.state = 'unknown';
    else if (cargoPressureKpa > maxKpa) {
      out.state = 'holds';
      out.value = cargoPressureKpa;
      out.limit = maxKpa;
    }
  },
  tell: ({ value, limit }) => `the tank has ${value} kPa, at most ${limit}`,
};

/**
 * `valve-open` 阀门异常开启. Where it may be open is a matter of the policy's `outside`.
 * Source: 危险货物道路运输安全管理办法 第四十七条 (valves closed on the road).
 */
export const valveOpen: Rule<'valve-open'> = {
  id: 'valve-open',
  observe(facts, _, out) {
    if (signalNow(facts, 'valve') === 0) out.state = 'unknown';
    else if (signalNow(facts, 'valve') === signals.valveOpen) out.state = 'holds';
  },
  tell: () => 'a valve of the tank is open',
};
