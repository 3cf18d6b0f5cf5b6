import type { Level, Tier } from './alarm.ts';
import type { VehicleClass } from './vehicle.ts';

/** A number together with where it comes from: a standard's clause, or the words "our choice" and the reason. */
export type Threshold = { readonly value: number; readonly source: string };

/** The datum of a source's coordinates. GCJ-02 (the offset datum of Chinese maps) lies some 500 m off WGS-84 in Shanghai. */
export type Datum = 'WGS-84' | 'GCJ-02';

/** Open on these days between two local times; `to` before `from` runs past midnight. Both equal: the whole day. */
export type ScheduleWindow = {
  /** 1 Monday to 7 Sunday; the day on which the window opens. */
  readonly days: readonly number[];
  /** Minutes after local midnight, 0-1,439. */
  readonly fromMinute: number;
  /** Exclusive, 1-1,440. */
  readonly toMinute: number;
};

/**
 * A ring: closed, at least four positions, [lonDeg, latDeg]. Over the antimeridian longitudes run on: 179.9, 180.1. A
 * shape reaches at most to `unwrappedLonMaxDeg`, so that it stays on the 32-bit lattice.
 */
export type Ring = readonly (readonly [number, number])[];

/** How far beyond 180 degrees a shape's longitudes may run on. */
export const unwrappedLonMaxDeg = 210;

export type FenceShape =
  | { readonly kind: 'circle'; readonly centre: readonly [number, number]; readonly radiusM: number }
  /** A road or route: everything within `halfWidthM` of the line, true distance. At least two positions. */
  | { readonly kind: 'corridor'; readonly line: readonly (readonly [number, number])[]; readonly halfWidthM: number }
  /** Union of polygons, each an outer ring and its holes. */
  | { readonly kind: 'polygons'; readonly polygons: readonly (readonly Ring[])[] };

/** A geofence 电子围栏 of a policy, coordinates already WGS-84. */
export type Fence = {
  readonly id: string;
  readonly name: string;
  readonly shape: FenceShape;
  /** Vehicles of these classes must not be inside while the schedule is open. */
  readonly prohibited: boolean;
  /** A speed limit inside; the lowest of all limits that apply wins. */
  readonly limitKph?: number;
  /** The classes that the fence speaks to. */
  readonly classes: readonly VehicleClass[];
  /** When the fence is in force; empty: always. */
  readonly schedule: readonly ScheduleWindow[];
  /** Level of a prohibited zone's alarm where it differs from the rule's. */
  readonly level?: Level;
  readonly tier?: Tier;
};

/** From this excess over the limit upwards the alarm has this level and tier. */
export type SpeedTier = {
  readonly excessPercent: number;
  readonly level: Level;
  readonly tier: Tier;
  readonly source: string;
};

/**
 * A rule set with its fences: data, versioned and immutable. An alarm names the version that raised it.
 * The file form (YAML, zod) is in the contract package; this is what the engine compiles.
 */
export type Policy = {
  readonly name: string;
  /** Given when it is published: 1, 2, 3 ... */
  readonly version: number;
  /** IANA name; schedules are read in it. */
  readonly timeZone: string;
  /** What happens to a vehicle that nobody registered. */
  readonly unknownVehicles: 'reject' | VehicleClass;
  readonly time: {
    /** A fix stamped further ahead of its receipt is quarantined. */
    readonly clockAheadMaxS: Threshold;
    /** A fix this little older than the newest is a reorder, not late. */
    readonly reorderMaxS: Threshold;
    /** Between two fixes further apart nothing is known: a duration does not run across. */
    readonly gapMaxS: Threshold;
    /** A late lane without input for this long is closed. */
    readonly lateLaneIdleS: Threshold;
  };
  readonly overspeed: {
    readonly limitsKph: Readonly<Record<VehicleClass, Threshold>>;
    readonly minDurationS: Threshold;
    /** It is over only this far below the limit ... */
    readonly clearBelowKph: Threshold;
    /** ... for this long. */
    readonly clearAfterS: Threshold;
    /** A speed derived from displacement above this is drift, not speed. */
    readonly plausibleMaxKph: Threshold;
    /** Ascending by excessPercent, the first at 0. */
    readonly tiers: readonly SpeedTier[];
  };
  readonly prohibitedZone: {
    readonly minDurationS: Threshold;
    readonly clearAfterS: Threshold;
    readonly level: Level;
    readonly tier: Tier;
  };
  readonly sos: { readonly clearAfterS: Threshold; readonly level: Level; readonly tier: Tier };
  readonly fences: readonly Fence[];
};
