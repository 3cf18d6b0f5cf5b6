/** A number that a policy gives to a rule: what it is for, its unit, and the bounds of sense. */
export type ThresholdSpec = {
  readonly about: string;
  /** s, km/h, m, m/s², °C, kPa ... */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
};

/**
 * A rule of the catalogue, said once: the schema of policy files, `haulwatch policy explain`, the table for people and the
 * engine read it here.
 */
export type RuleSpec = {
  /** What the field calls it. */
  readonly term: string;
  /** When it holds, in one sentence; thresholds by their names. */
  readonly condition: string;
  /** The standard or law that wants it, or "our choice" and why. */
  readonly source: string;
  /** At most one open alarm for each vehicle, for each fence of it, or for each kind of the terminal's report. */
  readonly per: 'vehicle' | 'fence' | 'kind';
  /** Unit of the value and the limit that its alarms tell; absent: rules without numbers. */
  readonly unit?: string;
  /** The condition lasts while nothing is heard: a truck that stands and reports every half hour still stands. */
  readonly lastsAcrossGaps: boolean;
  readonly thresholds: Readonly<Record<string, ThresholdSpec>>;
};

export type RuleSpecs = Readonly<Record<string, RuleSpec>>;
