import { describe } from 'vitest';
import { ensureRequirements, type ServerName } from './requirements.ts';

/**
 * A vitest `describe` for tests that start servers of their own. Where a program is missing and cannot be installed the
 * tests are skipped under a title that says why; where CI=true they run, and fail.
 */
export async function describeWithPrograms(
  title: string,
  servers: readonly ServerName[],
  body: () => void,
): Promise<void> {
  const missing = await ensureRequirements(servers).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (missing === undefined || process.env['CI'] === 'true') describe(title, body);
  else describe.skip(`${title} (skipped: ${missing})`, body);
}
