export { LocalTime } from './local-time.ts';
export { alarmFlag } from './alarm-flags.ts';
export { compileSchedule, inForce, inForceThroughout, type Schedule } from './schedule.ts';
export {
  classCode,
  compilePolicy,
  scheduleEpochAt,
  type Calm,
  type CompiledFence,
  type RuleSet,
  type StormLimits,
} from './rule-set.ts';
export { settingOf, type ActiveRule, type ClassRules } from './class-rules.ts';
export { firstCaseAt, type FirstCase, type FirstCases } from './first-cases.ts';
export type { AnyRule } from './catalogue/all-rules.ts';
export { applies, useBit, watchedMask, type Situation } from './conditions.ts';
export { motion, newFacts, permitState, type Facts } from './facts.ts';
export {
  limitOfPolicy,
  newObservation,
  resetObservation,
  type Observation,
  type ObservationState,
} from './observation.ts';
export type { KindRule, Quiet, Rule, ThresholdsOf, Told } from './rule.ts';
export { observeOverspeed } from './overspeed.ts';
export { closedTo, observeProhibitedZone } from './prohibited-zone.ts';
export { observeSos } from './sos.ts';
export {
  beginEpisode,
  brokenByGap,
  episodeAt,
  endOf,
  episodeEnd,
  episodeWords,
  isRaised,
  readEpisode,
  stepEpisode,
  type Episode,
  type EpisodeNames,
  type EpisodeTiming,
} from './episode.ts';
export { beginPresence, presenceAt, presenceDueMs, presenceWords, stepPresence } from './presence.ts';
export { derivePlace } from './place.ts';
export { explain } from './explain.ts';
