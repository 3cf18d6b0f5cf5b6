import type { ClearReason, Level, RuleId, Tier } from '@haulwatch/domain';
import type { Observation } from './observation.ts';
import type { EpisodeTiming } from './rule-set.ts';

/**
 * One condition on one vehicle from its beginning to its end: first `pending` (it may still be nothing), then `open`
 * (an alarm was raised), then gone. Plain data, so that a snapshot can carry it.
 */
export type Episode = {
  readonly rule: RuleId;
  /** '' for rules without a fence. */
  readonly fenceId: string;
  readonly fenceName: string;
  readonly startedAtMs: number;
  /** -1 while pending. */
  raisedAtMs: number;
  /** Steps told so far. */
  seq: number;
  level: Level;
  tier: Tier;
  /** The newest fix that said anything, and the newest at which the condition held. */
  seenAtMs: number;
  heldAtMs: number;
  /** The first fix without the condition since it last held, or -1: the end, if it stays away. */
  endsAtMs: number;
  /** Since when the condition has been over without a break, or -1. */
  overSinceMs: number;
  /** The value and limit told in the newest step; NaN for rules without numbers (null in a snapshot's JSON). */
  value: number | null;
  limit: number | null;
  limitSource: string;
  /** The value at the greatest excess over its limit, that limit, and where it comes from. */
  peak: number | null;
  peakLimit: number | null;
  peakLimitSource: string;
  derived: boolean;
  distanceM: number;
  /** Of the policy that raised it; while pending, of the one that it began under. */
  policyVersion: number;
};

/** What became of an episode at a fix. `begin` and `drop` are silent; the others are steps of an alarm. */
export type EpisodeChange = 'none' | 'drop' | 'raised' | 'escalated' | 'cleared';

export function beginEpisode(
  rule: RuleId,
  fence: { readonly id: string; readonly name: string } | undefined,
  seen: Observation,
  atMs: number,
  policyVersion: number,
): Episode {
  const value = numberOrNull(seen.value);
  const limit = numberOrNull(seen.limit);
  return {
    rule,
    fenceId: fence?.id ?? '',
    fenceName: fence?.name ?? '',
    startedAtMs: atMs,
    raisedAtMs: -1,
    seq: 0,
    level: seen.level,
    tier: seen.tier,
    seenAtMs: atMs,
    heldAtMs: atMs,
    endsAtMs: -1,
    overSinceMs: -1,
    value,
    limit,
    limitSource: seen.limitSource,
    peak: value,
    peakLimit: limit,
    peakLimitSource: seen.limitSource,
    derived: seen.derived,
    distanceM: 0,
    policyVersion,
  };
}

/** Whether so much time went by unseen that the episode ends where it was last known. Ask before `stepEpisode`. */
export function brokenByGap(episode: Episode, atMs: number, timing: EpisodeTiming): boolean {
  return atMs - episode.seenAtMs > timing.gapMaxMs;
}

/**
 * Moves an episode on by what a rule saw at a fix. Raised when the condition has held without a break for the minimum
 * duration; escalated when the level rises; cleared when it has been over for `clearAfterMs`, ended at the first fix
 * without it. All in event time.
 */
export function stepEpisode(episode: Episode, seen: Observation, atMs: number, timing: EpisodeTiming): EpisodeChange {
  if (seen.state === 'unknown') return 'none';
  episode.seenAtMs = atMs;
  if (seen.state === 'holds') return hold(episode, seen, atMs, timing);
  if (episode.raisedAtMs < 0) return 'drop';
  // Not before it last held: an emergency that was dated by its receipt can be newer than the fix without it.
  if (episode.endsAtMs < 0) episode.endsAtMs = Math.max(atMs, episode.heldAtMs);
  if (seen.state === 'band') {
    episode.overSinceMs = -1;
    return 'none';
  }
  if (episode.overSinceMs < 0) episode.overSinceMs = atMs;
  if (atMs - episode.overSinceMs < timing.clearAfterMs) return 'none';
  return 'cleared';
}

function hold(episode: Episode, seen: Observation, atMs: number, timing: EpisodeTiming): EpisodeChange {
  episode.heldAtMs = atMs;
  episode.endsAtMs = -1;
  episode.overSinceMs = -1;
  episode.value = numberOrNull(seen.value);
  episode.limit = numberOrNull(seen.limit);
  episode.limitSource = seen.limitSource;
  episode.derived ||= seen.derived;
  if (excess(seen.value, seen.limit) > excess(episode.peak, episode.peakLimit)) {
    episode.peak = episode.value;
    episode.peakLimit = episode.limit;
    episode.peakLimitSource = episode.limitSource;
  }
  const rises = seen.level > episode.level;
  if (rises) {
    episode.level = seen.level;
    episode.tier = seen.tier;
  }
  if (episode.raisedAtMs >= 0) return rises ? 'escalated' : 'none';
  if (atMs - episode.startedAtMs < timing.minDurationMs) return 'none';
  episode.raisedAtMs = atMs;
  return 'raised';
}

/** When an episode that is being closed ended, by the reason. */
export function episodeEnd(episode: Episode, reason: ClearReason): number {
  return reason === 'condition-over' && episode.endsAtMs >= 0 ? episode.endsAtMs : episode.heldAtMs;
}

function excess(value: number | null, limit: number | null): number {
  return value === null || limit === null || Number.isNaN(value) ? 0 : value / limit;
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
