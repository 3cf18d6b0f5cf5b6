import type { Level, Tier } from './alarm.ts';
import type { CatalogueRuleId, ThresholdName } from './catalogue/catalogue.ts';
import type { StormSettings } from './storm.ts';
import type { VehicleClass } from './vehicle.ts';
import type { VendorMapping } from './vendor-mapping.ts';

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

/**
 * What a place is for. `enter`, `exit`: rules of these names watch it. The others say where something is approved
 * (`approved-stop` 核准停车, `loading-site` 出土工地, `dump-site` 消纳点, `plant` 搅拌站, `discharge-site` 卸料点) or what
 * the place is (`junction` 路口, `expressway` 高速公路, `route` of a permit 许可路线), for the `within` and `outside` of rules. The order is the bit.
 */
export const fenceUses = [
  'enter',
  'exit',
  'approved-stop',
  'loading-site',
  'dump-site',
  'plant',
  'discharge-site',
  'junction',
  'expressway',
  'route',
] as const;
export type FenceUse = (typeof fenceUses)[number];

/** A geofence 电子围栏 of a policy, coordinates already WGS-84. */
export type Fence = {
  readonly id: string;
  readonly name: string;
  readonly shape: FenceShape;
  /** Vehicles of these classes must not be inside while the schedule is open. */
  readonly prohibited: boolean;
  /** A speed limit inside; the lowest of all limits that apply wins. */
  readonly limitKph?: number;
  /** What the place is for, beside limit and prohibition. */
  readonly uses?: readonly FenceUse[];
  /** Whoever is inside for longer has stayed too long, seconds. */
  readonly dwellMaxS?: number;
  /** More vehicles than this that have entered (`enter`) and not left are a crowd: the rule `zone-crowding`. */
  readonly crowdMax?: number;
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

/** When and for whom a setting of a rule holds. All that is given must be so. */
export type RuleCondition = {
  readonly classes?: readonly VehicleClass[];
  /** Local times; empty or absent: always. */
  readonly hours?: readonly ScheduleWindow[];
  /** In a place of one of these uses; outside of all places of these uses. */
  readonly within?: readonly FenceUse[];
  readonly outside?: readonly FenceUse[];
  /** In one of these fences. */
  readonly fences?: readonly string[];
  /** Of rules by kind: these kinds (`6502`, `camera`), and the terminal's own level, 1 or 2. */
  readonly subjects?: readonly string[];
  readonly eventLevel?: 1 | 2;
};

/** How a rule of the catalogue is applied. */
export type RuleSetting<R extends CatalogueRuleId = CatalogueRuleId> = {
  readonly when: RuleCondition;
  /** Only its cases switch it on. */
  readonly off?: boolean;
  readonly level: Level;
  readonly tier: Tier;
  /** The condition must hold for so long before anybody is told. */
  readonly minDurationS: Threshold;
  /** It is over when it has been away for so long. */
  readonly clearAfterS: Threshold;
  readonly thresholds: Readonly<Record<ThresholdName<R>, Threshold>>;
  /** What is different for whom, when and where; the last that applies wins. Its conditions are beside those of the rule. */
  readonly cases: readonly RuleCase<R>[];
};

export type RuleCase<R extends CatalogueRuleId = CatalogueRuleId> = {
  readonly when: RuleCondition;
  /** The rule does not apply here. */
  readonly off?: boolean;
  readonly level?: Level;
  readonly tier?: Tier;
  readonly thresholds?: Readonly<Partial<Record<ThresholdName<R>, Threshold>>>;
};

/**
 * What is different about one of the three rules that are always on, for whom, when and where; the last that applies wins.
 * Limits and speed tiers, and whether a fence is closed, stay as they are; where a case gives a level or tier, it is told
 * so whatever tier or fence says. What it does not give is theirs.
 */
export type FirstRuleCase = {
  readonly when: Omit<RuleCondition, 'subjects' | 'eventLevel'>;
  /** The rule does not apply here. */
  readonly off?: boolean;
  readonly level?: Level;
  readonly tier?: Tier;
};

/** Of the emergency button, which is heard where no place is known, and never off. */
export type SosCase = Omit<FirstRuleCase, 'when' | 'off'> & {
  readonly when: Pick<RuleCondition, 'classes' | 'hours'>;
};

/** Settings by rule; a rule that is not here is off. */
export type RuleSettings = { readonly [R in CatalogueRuleId]?: RuleSetting<R> };

/** What is derived once from fixes, for all rules. */
export type MotionSettings = {
  /** It moves from this speed on, and stands when it is no faster than that one; between them it does what it did, or stands. */
  readonly movingFromKph: Threshold;
  readonly stoppedToKph: Threshold;
  /** A stop of this length is a rest 休息. */
  readonly restMinS: Threshold;
  /** A fix that is less accurate says nothing about fences that it seems to cross. */
  readonly accuracyMaxM: Threshold;
  /** How long it must be inside or outside of a fence before that is believed. */
  readonly fenceConfirmS: Threshold;
  /** Local time at which night 夜间 begins and ends, minutes after midnight. */
  readonly night: { readonly fromMinute: number; readonly toMinute: number; readonly source: string };
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
    /** What is told late is judged, in order, when nothing more of it has come for this long. */
    readonly lateSettleS: Threshold;
    /** A late lane without input for this long is closed. */
    readonly lateLaneIdleS: Threshold;
  };
  readonly overspeed: {
    readonly limitsKph: Readonly<Record<VehicleClass, Threshold>>;
    /** Per cent of the limit that applies, fences' too, which may be driven at night; absent: the whole. */
    readonly nightPercent?: Readonly<Partial<Record<VehicleClass, Threshold>>>;
    /** It must hold for more than this, unless it is 0. */
    readonly minDurationS: Threshold;
    /** It is over only this far below the limit ... */
    readonly clearBelowKph: Threshold;
    /** ... for this long. */
    readonly clearAfterS: Threshold;
    /** A speed above this is a fault of the terminal, as good as none, or drift: a position that it would take is not believed. */
    readonly plausibleMaxKph: Threshold;
    /** Ascending by excessPercent, the first at 0. */
    readonly tiers: readonly SpeedTier[];
    readonly cases?: readonly FirstRuleCase[];
  };
  readonly prohibitedZone: {
    readonly minDurationS: Threshold;
    readonly clearAfterS: Threshold;
    readonly level: Level;
    readonly tier: Tier;
    readonly cases?: readonly FirstRuleCase[];
  };
  readonly motion: MotionSettings;
  readonly rules: RuleSettings;
  /** Raised more often than this by one vehicle within the time, an alarm is recorded and nobody is called. */
  readonly flapping: { readonly raisedMax: Threshold; readonly withinS: Threshold };
  /** Of one vehicle people are told so many alarms within the time, whatever their rules; the others are recorded. */
  readonly flood: { readonly toldMax: Threshold; readonly withinS: Threshold };
  /** Faults that many vehicles show at once. */
  readonly storms: StormSettings;
  readonly sos: {
    readonly clearAfterS: Threshold;
    readonly level: Level;
    readonly tier: Tier;
    readonly cases?: readonly SosCase[];
  };
  /** What its terminals say otherwise than the standard; absent: `vendorMappingDefault`. */
  readonly vendors?: VendorMapping;
  readonly fences: readonly Fence[];
};
