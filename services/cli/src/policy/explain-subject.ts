import { vehicleClasses, type Policy, type VehicleClass, type VehicleEntry } from '@haulwatch/domain';
import { CliError, UsageError } from '../cli-error.ts';
import { timeReader } from '../replay/read-time.ts';
import type { PlaceAndTime } from './explain-place.ts';

/** Whom an explanation is for: a class, or a vehicle and its class. */
export type ExplainedVehicle = { readonly class: VehicleClass; readonly entry?: VehicleEntry };

/**
 * The class of that name or the vehicle of that id or alias among those of a fleet file.
 * @throws UsageError, CliError that says what there is instead.
 */
export function findVehicle(
  name: string,
  entries: readonly VehicleEntry[] | undefined,
  { unknownVehicles }: Pick<Policy, 'unknownVehicles'>,
): ExplainedVehicle {
  const vehicleClass = vehicleClasses.find((one) => one === name);
  if (vehicleClass !== undefined) return { class: vehicleClass };
  const classes = vehicleClasses.join(', ');
  if (entries === undefined) {
    throw new UsageError(`'${name}' is no class (${classes}); for a vehicle say --fleet FILE too`);
  }
  const inService = entries.filter(({ retired }) => retired !== true);
  const entry = inService.find(({ id }) => id === name) ?? inService.find(({ aliases }) => aliases?.includes(name));
  if (entry !== undefined) return { class: entry.class, entry };
  if (entries.some(({ id }) => id === name)) {
    throw new CliError(`the vehicle '${name}' is retired: it is not watched, no rule applies to it`);
  }
  const strangers =
    unknownVehicles === 'reject'
      ? 'the policy refuses the fixes of vehicles that nobody registered'
      : `the policy takes vehicles that nobody registered for ${unknownVehicles}: ask for that class`;
  throw new CliError(`'${name}' is no class (${classes}) and no vehicle of the fleet file; ${strangers}`);
}

export type PlaceFlags = { readonly at?: string; readonly lon?: string; readonly lat?: string };

/** @param nowMs what a place without a time is taken for. @throws UsageError */
export function readPlace({ at, lon, lat }: PlaceFlags, timeZone: string, nowMs: number): PlaceAndTime | undefined {
  if (lon === undefined && lat === undefined) {
    if (at === undefined) return undefined;
    throw new UsageError('--at: say where too, with --lon and --lat');
  }
  if (lon === undefined) throw new UsageError('--lat: say --lon too');
  if (lat === undefined) throw new UsageError('--lon: say --lat too');
  const atMs = at === undefined ? nowMs : timeReader(timeZone)(at);
  if (atMs === undefined) {
    throw new UsageError(
      `--at: expected a time such as 2026-03-01T02:30 (in ${timeZone}) or 2026-03-01T02:30+08:00, found '${at}'`,
    );
  }
  return { atMs, lonDeg: readDegrees('--lon', lon, 180), latDeg: readDegrees('--lat', lat, 90) };
}

function readDegrees(option: string, text: string, max: number): number {
  const degrees = text.trim() === '' ? Number.NaN : Number(text);
  if (Math.abs(degrees) <= max) return degrees;
  throw new UsageError(`${option}: expected degrees from -${max} to ${max}, found '${text}'`);
}
