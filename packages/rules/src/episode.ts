import {
  ruleIds,
  suppressions,
  tiers,
  type ClearReason,
  type Level,
  type RuleId,
  type SuppressedBy,
  type Tier,
} from '@haulwatch/domain';
import type { Observation } from './observation.ts';

/** How long a condition must hold, and what ends it. Milliseconds of event time. */
export type EpisodeTiming = {
  readonly minDurationMs: number;
  readonly clearAfterMs: number;
  /** Nothing is known between two fixes further apart: the episode does not run across. Infinity: it does. */
  readonly gapMaxMs: number;
};

/**
 * One condition on one vehicle from its beginning to its end: first pending (it may still be nothing), then open (an alarm
 * was raised), then gone. Packed: `episodeWords` doubles in an array of its owner, so that moving it on allocates nothing
 * and a snapshot is a copy. The whole layout:
 */
export const episodeAt = {
  /** Place of the rule in `ruleIds`. */
  rule: 0,
  /** Label of the fence, -1 for rules without one. A label names a fence for good, whatever policies come. */
  fence: 1,
  startedAtMs: 2,
  /** -1 while pending. */
  raisedAtMs: 3,
  /** Steps told so far. */
  seq: 4,
  /** The lowest while pending, the highest since the raise; so the tier, by itself: cases of a policy change one without the other. */
  level: 5,
  /** Place of the episode's own tier in `tiers`; what is suppressed is told under T0. */
  tier: 6,
  /** The newest fix that said anything, and the newest at which the condition held. */
  seenAtMs: 7,
  heldAtMs: 8,
  /** The first fix without the condition since it last held, or -1: the end, if it stays away. */
  endsAtMs: 9,
  /** Since when the condition has been over without a break, or -1. */
  overSinceMs: 10,
  /** The value and limit told in the newest step; NaN for rules without numbers. */
  value: 11,
  limit: 12,
  /** Where that limit comes from: the label of a fence, or -1 - the code of the vehicle's class. */
  limitSource: 13,
  /** The value at the greatest excess over its limit, that limit, and where it comes from. */
  peak: 14,
  peakLimit: 15,
  peakLimitSource: 16,
  /** 1: a value was derived. */
  derived: 17,
  distanceM: 18,
  /** Of the policy that raised it; while pending, of the one that it began under. */
  policyVersion: 19,
  /** 1 + place in `suppressions` of what keeps it from people, or 0. */
  suppressedBy: 20,
  /** 1: of a late lane, and the live lane has told people of it. */
  isToldLive: 21,
} as const;

export const episodeWords = 22;

const cargoTemperature = ruleIds.indexOf('cargo-temperature' satisfies RuleId);

/** What became of an episode at a fix. `drop` is silent; the others are steps of an alarm. */
export type EpisodeChange = 'none' | 'drop' | 'raised' | 'escalated' | 'cleared';

/** @param fence label of the fence, or -1. `seen.limitSource` is a label already, too. */
export function beginEpisode(
  episodes: Float64Array,
  at: number,
  rule: number,
  fence: number,
  seen: Observation,
  atMs: number,
): void {
  episodes.fill(-1, at, at + episodeWords);
  episodes[at + episodeAt.rule] = rule;
  episodes[at + episodeAt.fence] = fence;
  episodes[at + episodeAt.startedAtMs] = seen.fromMs < atMs ? seen.fromMs : atMs;
  episodes[at + episodeAt.seq] = 0;
  episodes[at + episodeAt.level] = seen.level;
  episodes[at + episodeAt.tier] = tiers.indexOf(seen.tier);
  episodes[at + episodeAt.seenAtMs] = atMs;
  episodes[at + episodeAt.heldAtMs] = atMs;
  episodes[at + episodeAt.value] = seen.value;
  episodes[at + episodeAt.limit] = seen.limit;
  episodes[at + episodeAt.limitSource] = seen.limitSource;
  episodes[at + episodeAt.peak] = seen.value;
  episodes[at + episodeAt.peakLimit] = seen.limit;
  episodes[at + episodeAt.peakLimitSource] = seen.limitSource;
  episodes[at + episodeAt.derived] = seen.derived ? 1 : 0;
  episodes[at + episodeAt.distanceM] = 0;
  episodes[at + episodeAt.suppressedBy] = 0;
  episodes[at + episodeAt.isToldLive] = 0;
}

/** Whether so much time went by unseen that the episode ends where it was last known. Ask before `stepEpisode`. */
export function brokenByGap(episodes: Float64Array, at: number, atMs: number, timing: EpisodeTiming): boolean {
  return atMs - episodes[at + episodeAt.seenAtMs]! > timing.gapMaxMs;
}

export function isRaised(episodes: Float64Array, at: number): boolean {
  return episodes[at + episodeAt.raisedAtMs]! >= 0;
}

/**
 * Moves an episode on by what a rule saw at a fix. Raised when the condition has held without a break for the minimum
 * duration, at the lowest level and the lowest tier seen in that time: no graver one has held for so long. Escalated when either
 * rises from there; cleared when it has been over for `clearAfterMs`, ended at the first fix without it. All in event time.
 */
export function stepEpisode(
  episodes: Float64Array,
  at: number,
  seen: Observation,
  atMs: number,
  timing: EpisodeTiming,
): EpisodeChange {
  if (seen.state === 'unknown') return 'none';
  episodes[at + episodeAt.seenAtMs] = atMs;
  if (seen.state === 'holds') return hold(episodes, at, seen, atMs, timing);
  if (!isRaised(episodes, at)) return 'drop';
  // Not before it last held: an emergency that was dated by its receipt can be newer than the fix without it.
  if (episodes[at + episodeAt.endsAtMs]! < 0) {
    episodes[at + episodeAt.endsAtMs] = Math.max(atMs, episodes[at + episodeAt.heldAtMs]!);
  }
  if (seen.state === 'band') {
    episodes[at + episodeAt.overSinceMs] = -1;
    return 'none';
  }
  if (episodes[at + episodeAt.overSinceMs]! < 0) episodes[at + episodeAt.overSinceMs] = atMs;
  return atMs - episodes[at + episodeAt.overSinceMs]! < timing.clearAfterMs ? 'none' : 'cleared';
}

function hold(
  episodes: Float64Array,
  at: number,
  seen: Observation,
  atMs: number,
  timing: EpisodeTiming,
): EpisodeChange {
  episodes[at + episodeAt.heldAtMs] = atMs;
  episodes[at + episodeAt.endsAtMs] = -1;
  episodes[at + episodeAt.overSinceMs] = -1;
  episodes[at + episodeAt.value] = seen.value;
  episodes[at + episodeAt.limit] = seen.limit;
  episodes[at + episodeAt.limitSource] = seen.limitSource;
  if (seen.derived) episodes[at + episodeAt.derived] = 1;
  if (isWorse(episodes, at, seen)) {
    episodes[at + episodeAt.peak] = seen.value;
    episodes[at + episodeAt.peakLimit] = seen.limit;
    episodes[at + episodeAt.peakLimitSource] = seen.limitSource;
  }
  if (isRaised(episodes, at)) return rises(episodes, at, seen) ? 'escalated' : 'none';
  episodes[at + episodeAt.level] = Math.min(episodes[at + episodeAt.level]!, seen.level);
  episodes[at + episodeAt.tier] = Math.min(episodes[at + episodeAt.tier]!, tiers.indexOf(seen.tier));
  if (atMs - episodes[at + episodeAt.startedAtMs]! < timing.minDurationMs) return 'none';
  episodes[at + episodeAt.raisedAtMs] = atMs;
  return 'raised';
}

/** Whether level or tier is higher than was ever told; each is kept by itself, so neither falls where only the other rises. */
function rises(episodes: Float64Array, at: number, seen: Observation): boolean {
  const level = episodes[at + episodeAt.level]!;
  const tier = episodes[at + episodeAt.tier]!;
  const seenTier = tiers.indexOf(seen.tier);
  if (seen.level <= level && seenTier <= tier) return false;
  episodes[at + episodeAt.level] = Math.max(level, seen.level);
  episodes[at + episodeAt.tier] = Math.max(tier, seenTier);
  return true;
}

/** Whether the value is further beyond its limit than any before. Rules without numbers have NaN, which never is. */
function isWorse(episodes: Float64Array, at: number, { value, limit }: Observation): boolean {
  const peak = episodes[at + episodeAt.peak]!;
  const peakLimit = episodes[at + episodeAt.peakLimit]!;
  // Beyond either of two bounds, zero and less among them.
  if (episodes[at + episodeAt.rule] === cargoTemperature) return Math.abs(value - limit) > Math.abs(peak - peakLimit);
  return limit === peakLimit ? value > peak : value / limit > peak / peakLimit;
}

/** An episode written out, for those who tell of it. */
export type Episode = {
  readonly rule: RuleId;
  /** '' for rules without a fence. */
  readonly fenceId: string;
  readonly fenceName: string;
  readonly startedAtMs: number;
  readonly raisedAtMs: number;
  readonly seq: number;
  readonly level: Level;
  readonly tier: Tier;
  readonly heldAtMs: number;
  readonly endsAtMs: number;
  /** Absent for rules without numbers. */
  readonly value?: number;
  readonly limit?: number;
  readonly limitSource: string;
  readonly peak?: number;
  readonly peakLimit?: number;
  readonly peakLimitSource: string;
  readonly derived: boolean;
  readonly distanceM: number;
  readonly policyVersion: number;
  readonly suppressedBy?: SuppressedBy;
};

/** What labels and limit sources are called. */
export type EpisodeNames = {
  readonly fence: (label: number) => { readonly id: string; readonly name: string };
  readonly limitSource: (source: number) => string;
};

export function readEpisode(episodes: Float64Array, at: number, names: EpisodeNames): Episode {
  const word = (name: keyof typeof episodeAt): number => episodes[at + episodeAt[name]]!;
  const fence = word('fence') < 0 ? { id: '', name: '' } : names.fence(word('fence'));
  const numbers = Number.isNaN(word('value'))
    ? {}
    : { value: word('value'), limit: word('limit'), peak: word('peak'), peakLimit: word('peakLimit') };
  const hasNumbers = 'value' in numbers;
  return {
    rule: ruleIds[word('rule')]!,
    fenceId: fence.id,
    fenceName: fence.name,
    startedAtMs: word('startedAtMs'),
    raisedAtMs: word('raisedAtMs'),
    seq: word('seq'),
    level: word('level') as Level,
    tier: word('suppressedBy') > 0 ? 'T0' : tiers[word('tier')]!,
    heldAtMs: word('heldAtMs'),
    endsAtMs: word('endsAtMs'),
    ...numbers,
    limitSource: hasNumbers ? names.limitSource(word('limitSource')) : '',
    peakLimitSource: hasNumbers ? names.limitSource(word('peakLimitSource')) : '',
    derived: word('derived') === 1,
    distanceM: word('distanceM'),
    policyVersion: word('policyVersion'),
    ...(word('suppressedBy') > 0 && { suppressedBy: suppressions[word('suppressedBy') - 1]! }),
  };
}

/** When an episode that is being closed ended, by the reason. */
export function episodeEnd(
  { startedAtMs, heldAtMs, endsAtMs }: Pick<Episode, 'startedAtMs' | 'heldAtMs' | 'endsAtMs'>,
  reason: ClearReason,
): number {
  // Not before it began: what began at its receipt, under a wrong clock, may go on in fixes with earlier times.
  return Math.max(startedAtMs, reason === 'condition-over' && endsAtMs >= 0 ? endsAtMs : heldAtMs);
}

/** The same of one that is packed. */
export function endOf(episodes: Float64Array, at: number, reason: ClearReason): number {
  const startedAtMs = episodes[at + episodeAt.startedAtMs]!;
  const heldAtMs = episodes[at + episodeAt.heldAtMs]!;
  return episodeEnd({ startedAtMs, heldAtMs, endsAtMs: episodes[at + episodeAt.endsAtMs]! }, reason);
}
