import { problemsOf } from '@haulwatch/contract';
import { z } from 'zod';

/** Values of variables named like this are not repeated in messages. */
const secretName = /PASSWORD|SECRET|TOKEN|KEY|URL/;

/** The environment does not say what the service needs. The message lists every variable to mend. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config-invalid';
}

/**
 * The configuration of a service out of its environment, read once, in main. An empty variable counts as not set, as
 * `docker run -e NAME=` and shell scripts leave it. The description of a field is its help text.
 * @throws ConfigError that lists all that is wrong, so that it is mended in one go.
 */
export function readConfig<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const lines = problemsOf(parsed.error, set).map(({ path, message }) => {
    const name = String(path[0] ?? '');
    const value = set[name];
    const shown = value === undefined ? name : `${name}=${secretName.test(name) ? '…' : value}`;
    const field = schema.shape[name];
    const help = field === undefined ? undefined : z.globalRegistry.get(field)?.description;
    return `  ${shown}: ${message}${help === undefined ? '' : `. ${help}`}`;
  });
  throw new ConfigError(`these environment variables must be set otherwise:\n${lines.join('\n')}`);
}
