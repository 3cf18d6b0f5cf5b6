import type { Permit } from './permit.ts';

/** The classes of vehicle that the law treats apart (standards: JT/T dynamic supervision, hazmat, construction waste, mixers). */
export const vehicleClasses = ['coach', 'hazmat', 'earthwork', 'mixer', 'heavy'] as const;

/**
 * `coach` 客运车辆, `hazmat` 危险货物运输车辆, `earthwork` 渣土车, `mixer` 混凝土搅拌车, `heavy` 重型货车.
 */
export type VehicleClass = (typeof vehicleClasses)[number];

/** One vehicle of the registry, as the compacted topic `fleet` holds it under `id`. */
export type Vehicle = {
  /** The identity everywhere in Haulwatch; also the key of its telemetry. 1-64 characters. */
  readonly id: string;
  /** Names the vehicle in frame v1. Assigned once by the registry, 1 to 4,294,967,295, never used again. */
  readonly number: number;
  readonly class: VehicleClass;
  /** Number plate 车牌号. */
  readonly plate?: string;
  readonly company?: string;
  readonly district?: string;
  /** Other ids that name this vehicle: terminal phone number, Traccar's uniqueId. */
  readonly aliases?: readonly string[];
  /** What it may transport, when and where; rules of permits read them. */
  readonly permits?: readonly Permit[];
  /** No longer watched; kept so that its number is not given again. */
  readonly retired?: boolean;
};

/** The longest vehicle id that is taken; longer ones are bad input, not vehicles. */
export const vehicleIdLengthMax = 64;
