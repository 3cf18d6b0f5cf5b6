export { vehicleClasses, vehicleIdLengthMax, type Vehicle, type VehicleClass } from './vehicle.ts';
export { Fleet, type VehicleEntry } from './fleet.ts';
export { alarmFlagSos, type Fix } from './fix.ts';
export {
  accuracyAbsent,
  FixBatch,
  fixFlag,
  fromE7,
  headingAbsent,
  speedAbsent,
  toCdeg,
  toDkph,
  toDm,
  toE7,
  vehicleElsewhere,
  vehicleUnknown,
  type FixRow,
  type VehicleResolver,
} from './fix-batch.ts';
export { rejectCode, rejectReason, rejectReasons, type Reject, type RejectReason } from './reject.ts';
export {
  alarmAfter,
  alarmStepKinds,
  ruleIds,
  tiers,
  type Alarm,
  type AlarmStep,
  type AlarmStepKind,
  type Cause,
  type ClearReason,
  type Level,
  type RuleId,
  type Tier,
} from './alarm.ts';
export {
  unwrappedLonMaxDeg,
  type Datum,
  type Fence,
  type FenceShape,
  type Policy,
  type Ring,
  type ScheduleWindow,
  type SpeedTier,
  type Threshold,
} from './policy.ts';
export {
  groupOf,
  groupRoles,
  topicNames,
  topicsWithPrefix,
  type GroupRole,
  type TopicNames,
  type TopicRole,
} from './topics.ts';
export { countersZero, addCounters, type EngineCounters } from './counters.ts';
