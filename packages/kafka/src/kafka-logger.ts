import { logLevel, type logCreator } from 'kafkajs';

export type KafkaLogger = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/**
 * Lines that kafkajs writes as errors or warnings although they are part of a normal life: a coordinator that is still
 * loading (first join on a fresh broker), the two-step join, a rebalance, our own choice of retries; or that the error
 * of our own call or member tells better.
 */
const harmless =
  /coordinator|rebalanc|re-joining|Limiting retries for the idempotent producer|Response \w+\(|Crash: KafkaJS|Restarting the consumer|Failed to connect to seed broker/i;

/** A broker that is away makes kafkajs repeat itself on every connection, several times a second: once in this time is enough. */
const repeatAfterMs = 30_000;
/** kafkajs has some 40 texts; ports and ids are left out of them here. */
const textsMax = 200;

/**
 * kafkajs' log in our levels. Its errors become warnings, for it logs every refusal before it tries again: what ends a
 * member or a call is told by that member's or call's own error. Its information is debugging to us.
 */
export function kafkajsLogCreator(logger: KafkaLogger): logCreator {
  const saidAtMs = new Map<string, number>();
  const isNews = (message: string): boolean => {
    const text = message.replaceAll(/\d+/g, '#');
    const nowMs = performance.now();
    if (nowMs - (saidAtMs.get(text) ?? -Infinity) < repeatAfterMs) return false;
    if (saidAtMs.size >= textsMax) saidAtMs.clear();
    saidAtMs.set(text, nowMs);
    return true;
  };
  return () => (entry) => {
    const { message, timestamp: _, logger: __, stack: ___, ...fields } = entry.log;
    const error = typeof fields['error'] === 'string' ? fields['error'] : '';
    const isLoud = entry.level <= logLevel.WARN && !harmless.test(message) && !harmless.test(error);
    logger(isLoud && isNews(message) ? 'warn' : 'debug', `kafkajs: ${message}`, {
      namespace: entry.namespace,
      ...fields,
    });
  };
}
