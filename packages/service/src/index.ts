export { ConfigError, readConfig } from './config.ts';
export { adminFields, configFields, databaseFields, redisFields } from './config-fields.ts';
export { kafkaSecurity, readKafkaSecurity, type KafkaSecurity } from './kafka-access.ts';
export { createLogger, logFunction, logLevels, type Logger, type LogLevel } from './logger.ts';
export { LatencyHistogram } from './latency-histogram.ts';
export { counterFrom, createRegistry, gaugeFrom, latencyFrom, Registry, type MetricSource } from './metrics.ts';
export { checkReady, type Readiness, type ReadyChecks } from './health.ts';
export { listen, ListenError, type ListenOptions } from './listen.ts';
export { startAdmin, type Admin } from './admin.ts';
export { reportFatal, runService, type Running, type ServiceContext } from './lifecycle.ts';
export { openFleetRegistry, type FleetRegistry } from './fleet-registry.ts';
export { compilePolicy } from './fence-buffer.ts';
export { placeInAlarmLog } from './alarm-log-place.ts';
export { FenceIndexMaker } from './fence-index-maker.ts';
export {
  openPolicyRegistry,
  type PolicyListener,
  type PolicyRegistry,
  type PublishOutcome,
} from './policy-registry.ts';
export { topicSpecs } from './topic-specs.ts';
