export { openKafkaLog, type KafkaOptions } from './kafka-log.ts';
export type { KafkaLogger } from './kafka-logger.ts';
