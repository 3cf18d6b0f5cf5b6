export { problemsOf, problemText, type Problem } from './problem.ts';
export { gcj02ToWgs84, wgs84ToGcj02 } from './gcj02.ts';
export {
  parsePolicy,
  policyFileSchema,
  preparePolicy,
  type ParsedPolicy,
  type PolicyFile,
  type PreparedPolicy,
} from './policy-file.ts';
export { policyJsonSchema } from './policy-json-schema.ts';
export { fenceProblem, type FenceGrowth } from './fence-file.ts';
export { growFence, type GrownFence } from './grow-fence.ts';
export { decodePolicy, encodePolicy, policyKey, policySchema, samePolicy } from './policy-record.ts';
export { PolicyBook } from './policy-book.ts';
export { vehicleEntrySchema, vehicleSchema } from './vehicle-schema.ts';
export {
  fleetColumns,
  fleetHeaderProblems,
  nameClashes,
  parseFleetRow,
  parseFleetRows,
  type FleetColumn,
  type FleetFile,
  type FleetProblem,
  type KnownNames,
} from './fleet-file.ts';
export {
  problemCodes,
  problemContentType,
  problemDetailsSchema,
  problemType,
  type ProblemCode,
  type ProblemDetails,
} from './problem-details.ts';
export {
  alarmAnswerSchema,
  alarmFilterSchema,
  alarmIdSchema,
  alarmPageSchema,
  alarmSchema,
  alarmStepSchema,
  lastFixSchema,
  openAlarmsAnswerSchema,
  openAlarmsQuerySchema,
  vehicleAnswerSchema,
  vehicleIdParamSchema,
} from './alarm-http.ts';
export {
  fixesAnswerSchema,
  fixesBodySchema,
  fixesPerRequestMax,
  fixSchema,
  rejectedFixSchema,
  type FixesAnswer,
} from './fix-http.ts';
export {
  policyAnswerSchema,
  vehiclesAnswerSchema,
  vehiclesBodySchema,
  vehiclesPerRequestMax,
  type PolicyAnswer,
  type VehiclesAnswer,
} from './registry-http.ts';
export {
  eventsHeadersSchema,
  eventsQuerySchema,
  gapEventSchema,
  heartbeatEventSchema,
  heartbeatMs,
  streamEventTypes,
  type GapEvent,
  type HeartbeatEvent,
} from './event-http.ts';
export {
  commitCountersSchema,
  countersSchema,
  healthSchema,
  readinessSchema,
  statusSchema,
  type Status,
} from './status-http.ts';
export { platformAlarmKinds, platformAlarmSchema, type PlatformAlarm } from './platform-alarm.ts';
