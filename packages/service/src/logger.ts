import { pino, type DestinationStream, type Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The log of a service: one JSON object a line on standard output. Log events, not prose, and never per fix. */
export function createLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const options = { level, base: { service }, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  return destination === undefined ? pino(options) : pino(options, destination);
}

export type { Logger };

/** A logger as the function that packages take which know no pino. */
export function logFunction(
  logger: Logger,
): (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>) => void {
  return (level, message, fields) => logger[level](fields, message);
}
