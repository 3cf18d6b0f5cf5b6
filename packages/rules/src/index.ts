export { LocalTime } from './local-time.ts';
export { compileSchedule, inForce, type Schedule } from './schedule.ts';
export {
  classCode,
  compilePolicy,
  scheduleEpochAt,
  type CompiledFence,
  type EpisodeTiming,
  type RuleSet,
} from './rule-set.ts';
export { newObservation, type Observation, type ObservationState, type RuleInput } from './observation.ts';
export { observeOverspeed } from './overspeed.ts';
export { closedTo, observeProhibitedZone } from './prohibited-zone.ts';
export { observeSos } from './sos.ts';
export {
  beginEpisode,
  brokenByGap,
  episodeAt,
  episodeEnd,
  episodeWords,
  isRaised,
  readEpisode,
  stepEpisode,
  type Episode,
  type EpisodeNames,
} from './episode.ts';
export { derivePlace } from './place.ts';
export { explain } from './explain.ts';
