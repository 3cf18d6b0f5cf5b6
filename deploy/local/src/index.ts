/** Real servers on this machine without Docker, and what a machine lacks for them. */
export { startKafka, type KafkaOptions, type RunningKafka } from './kafka.ts';
export { ignoredDir, repositoryRoot } from './paths.ts';
export { freePorts } from './ports.ts';
export { removePostgres, startPostgres, type RunningPostgres } from './postgres.ts';
export { findJava, findPostgresFolder, findProgram } from './programs.ts';
export { startRedis, type RunningRedis } from './redis.ts';
export { ensureRequirements, type ServerName } from './requirements.ts';
export { ServerError, UnavailableError } from './server-error.ts';
export { isRunning, type ServerProcess } from './server-process.ts';
export type { StartOptions } from './start-options.ts';
