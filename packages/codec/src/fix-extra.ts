import {
  cargoPressure,
  cargoTemperature,
  eventsPerFixMax,
  isNotice,
  packEvent,
  packSignals,
  type Fix,
  type FixExtra,
  type TerminalEvent,
} from '@haulwatch/domain';
import { murmur2 } from './murmur2.ts';
import { encodeUtf8 } from './utf8.ts';

/** What few fixes carry, in numbers; undefined where a fix has none of it. */
export function extraOf({ sensors = {}, driverId, terminalEvents = [] }: Fix): FixExtra | undefined {
  const extra: FixExtra = {
    signals: packSignals(sensors),
    cargoTemperatureC: numberOf(sensors[cargoTemperature]),
    cargoPressureKpa: numberOf(sensors[cargoPressure]),
    driver: driverId === undefined ? 0 : driverHash(encodeUtf8(driverId)),
    events: mostSerious(terminalEvents).map(packEvent),
  };
  const isEmpty =
    extra.signals === 0 &&
    Number.isNaN(extra.cargoTemperatureC) &&
    Number.isNaN(extra.cargoPressureKpa) &&
    extra.driver === 0 &&
    extra.events.length === 0;
  return isEmpty ? undefined : extra;
}

/** The extra of a fix that tells nothing but its driver. */
export function driverExtra(driverId: Uint8Array): FixExtra {
  const driver = driverHash(driverId);
  return { signals: 0, cargoTemperatureC: Number.NaN, cargoPressureKpa: Number.NaN, driver, events: [] };
}

/**
 * Of a driver's id in UTF-8, 1 to 2^32 - 1: enough to see that another driver sits at the wheel of one vehicle, which is
 * all that is asked of it.
 */
function driverHash(driverId: Uint8Array): number {
  return murmur2(driverId) >>> 0 || 1;
}

/** A row has room for few events. Where a terminal tells of more, the dangers go before the notices, the graver ones first. */
function mostSerious(events: readonly TerminalEvent[]): readonly TerminalEvent[] {
  if (events.length <= eventsPerFixMax) return events;
  const rank = ({ code, level }: TerminalEvent): number => (isNotice(code) ? -1 : level);
  return events.toSorted((a, b) => rank(b) - rank(a)).slice(0, eventsPerFixMax);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}
