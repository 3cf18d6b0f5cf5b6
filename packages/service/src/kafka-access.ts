import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';

/** How Kafka wants to be spoken to. A file's text is in PEM. */
export const kafkaAccessFields = {
  KAFKA_TLS: z.stringbool().default(false).describe('true: the brokers speak TLS'),
  KAFKA_CA_FILE: z
    .string()
    .optional()
    .describe('PEM of who vouches for the brokers, where the system does not know it'),
  KAFKA_CERT_FILE: z.string().optional().describe('PEM of our own certificate, where brokers ask for one'),
  KAFKA_KEY_FILE: z.string().optional().describe('PEM of the key to KAFKA_CERT_FILE'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('how KAFKA_USERNAME is told to the brokers'),
  KAFKA_USERNAME: z.string().optional().describe('where brokers ask who we are'),
  KAFKA_PASSWORD: z.string().optional().describe('of KAFKA_USERNAME'),
};

type Access = z.output<z.ZodObject<typeof kafkaAccessFields>>;

/** As `openKafkaLog` takes it. */
export type KafkaSecurity = {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: Access['KAFKA_SASL_MECHANISM'];
    readonly username: string;
    readonly password: string;
  };
};

/** The same out of an environment. @throws ConfigError */
export function readKafkaSecurity(env: Readonly<Record<string, string | undefined>>): KafkaSecurity {
  return kafkaSecurity(readConfig(z.object(kafkaAccessFields), env));
}

/** What the variables say, files read. @throws ConfigError where they do not fit each other, or a file cannot be read. */
export function kafkaSecurity(access: Access): KafkaSecurity {
  const wrong = problems(access);
  if (wrong.length > 0)
    throw new ConfigError(`these environment variables must be set otherwise:\n${wrong.join('\n')}`);
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password, KAFKA_SASL_MECHANISM: mechanism } = access;
  const [ca, cert, key] = (['KAFKA_CA_FILE', 'KAFKA_CERT_FILE', 'KAFKA_KEY_FILE'] as const).map((name) =>
    textOf(name, access[name]),
  );
  return {
    ...(access.KAFKA_TLS
      ? {
          tls: {
            ...(ca === undefined ? {} : { ca }),
            ...(cert === undefined ? {} : { cert }),
            ...(key === undefined ? {} : { key }),
          },
        }
      : {}),
    ...(username === undefined || password === undefined ? {} : { sasl: { mechanism, username, password } }),
  };
}

function problems(access: Access): string[] {
  const { KAFKA_TLS, KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE, KAFKA_USERNAME, KAFKA_PASSWORD } = access;
  const wrong: string[] = [];
  if (!KAFKA_TLS && (KAFKA_CA_FILE ?? KAFKA_CERT_FILE ?? KAFKA_KEY_FILE) !== undefined) {
    wrong.push('  KAFKA_TLS: there are certificates, but no TLS is spoken. Set KAFKA_TLS=true');
  }
  if ((KAFKA_CERT_FILE === undefined) !== (KAFKA_KEY_FILE === undefined)) {
    wrong.push('  KAFKA_CERT_FILE, KAFKA_KEY_FILE: one without the other. Set both or none');
  }
  if ((KAFKA_USERNAME === undefined) !== (KAFKA_PASSWORD === undefined)) {
    wrong.push('  KAFKA_USERNAME, KAFKA_PASSWORD: one without the other. Set both or none');
  }
  return wrong;
}

function textOf(name: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `these environment variables must be set otherwise:\n  ${name}=${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      { cause: error },
    );
  }
}
