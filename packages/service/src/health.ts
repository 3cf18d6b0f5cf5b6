/** The parts of a service: each resolves while it can work and throws why it cannot. */
export type ReadyChecks = Readonly<Record<string, () => Promise<unknown>>>;

/** /readyz: every part "ok", or the reason why not. Degraded: what the service cannot do without is ok. */
export type Readiness = {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly parts: Readonly<Record<string, string>>;
};

/** A part that does not answer within this is not ready: probes themselves give up after some seconds. */
const checkWithinMs = 2_000;

/**
 * Asks every part at once. Never throws: what a part throws is its reason.
 *
 * @param dispensable parts without which the service is degraded, and does its work all the same.
 */
export async function checkReady(checks: ReadyChecks, dispensable: readonly string[] = []): Promise<Readiness> {
  const parts = await Promise.all(
    Object.entries(checks).map(async ([part, check]): Promise<[string, string]> => [part, await reasonOf(check)]),
  );
  const lacking = parts.filter(([, reason]) => reason !== 'ok').map(([part]) => part);
  const isDegraded = lacking.every((part) => dispensable.includes(part));
  const status = lacking.length === 0 ? 'ready' : isDegraded ? 'degraded' : 'not-ready';
  return { status, parts: Object.fromEntries(parts) };
}

async function reasonOf(check: () => Promise<unknown>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${checkWithinMs} ms`), checkWithinMs);
  try {
    return await Promise.race([check().then(() => 'ok'), late.promise]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
