import { ConfigError, readKafkaSecurity, type KafkaSecurity } from '@haulwatch/service';
import { UsageError } from './cli-error.ts';

/** How Kafka wants to be spoken to, by the variables that the services read. @throws UsageError */
export function configuredSecurity(): KafkaSecurity {
  try {
    return readKafkaSecurity(process.env);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
