export { vehicleClasses, vehicleIdLengthMax, type Vehicle, type VehicleClass } from './vehicle.ts';
export { permitsMax, type Permit } from './permit.ts';
export { Fleet, type VehicleEntry } from './fleet.ts';
export { alarmFlagSos, type Fix } from './fix.ts';
export {
  cargoPressure,
  cargoTemperature,
  loadOfStatus,
  packSignals,
  signalCode,
  signalNames,
  signalOf,
  signalShift,
  signalStates,
  type SignalName,
} from './signals.ts';
export {
  eventCode,
  eventCodeText,
  eventLevel,
  eventName,
  eventState,
  isNotice,
  packEvent,
  peripherals,
  type TerminalEvent,
} from './terminal-event.ts';
export { vendorMappingDefault, type VendorMapping, type VendorProfile, type VendorReading } from './vendor-mapping.ts';
export { eventsPerFixMax, extraAt, extraWords, FixExtras, type FixExtra } from './fix-extras.ts';
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
export { stormRuleIds, type StormRuleId, type StormSettings } from './storm.ts';
export { rejectCode, rejectReason, rejectReasons, type Reject, type RejectReason } from './reject.ts';
export { alarmId } from './alarm-id.ts';
export {
  alarmAfter,
  alarmStepKinds,
  suppressions,
  tiers,
  type Alarm,
  type AlarmStep,
  type AlarmStepKind,
  type Cause,
  type ClearReason,
  type Level,
  type SuppressedBy,
  type Tier,
} from './alarm.ts';
export {
  catalogue,
  catalogueRuleIds,
  ruleIds,
  ruleSpec,
  ruleSpecs,
  type CatalogueRuleId,
  type RuleId,
  type ThresholdName,
} from './catalogue/catalogue.ts';
export type { RuleSpec, ThresholdSpec } from './catalogue/rule-spec.ts';
export {
  fenceUses,
  unwrappedLonMaxDeg,
  type Datum,
  type Fence,
  type FenceShape,
  type FenceUse,
  type FirstRuleCase,
  type MotionSettings,
  type Policy,
  type Ring,
  type RuleCase,
  type RuleCondition,
  type RuleSetting,
  type RuleSettings,
  type ScheduleWindow,
  type SosCase,
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
