/** The keys of one live store. */
export type LiveKeys = {
  readonly position: string;
  readonly alarms: string;
  readonly open: string;
  readonly openOfVehicle: string;
  readonly openCounts: string;
  readonly events: string;
  readonly lastFixes: string;
};

/**
 * Names the keys under a prefix. All carry one hash tag, `{room}`, so that they lie on one node of a Redis Cluster: a
 * script may touch them together. Several control rooms on one cluster spread over its nodes when each puts a tag of
 * its own into its prefix, as in `haulwatch:{north}:`.
 */
export function liveKeys(prefix: string): LiveKeys {
  const tagged = prefix.includes('{') ? prefix : `${prefix}{room}:`;
  return {
    position: `${tagged}position`,
    alarms: `${tagged}alarms`,
    open: `${tagged}open`,
    openOfVehicle: `${tagged}open-of-vehicle`,
    openCounts: `${tagged}open-counts`,
    events: `${tagged}events`,
    lastFixes: `${tagged}last-fixes`,
  };
}
