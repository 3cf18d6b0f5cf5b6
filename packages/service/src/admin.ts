import { fastify } from 'fastify';
import { checkReady, type ReadyChecks } from './health.ts';
import { listen, type ListenOptions } from './listen.ts';
import type { Registry } from './metrics.ts';

/** The small server of a service that has no API: /healthz, /readyz and /metrics, for probes and Prometheus. */
export type Admin = AsyncDisposable & { readonly address: string };

/** Probes and scrapes have small requests; a body is never read. */
const bodyBytesMax = 1_024;

export async function startAdmin(
  options: ListenOptions & { readonly registry: Registry; readonly checks: ReadyChecks },
): Promise<Admin> {
  const { registry, checks } = options;
  const app = fastify({ logger: false, bodyLimit: bodyBytesMax });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await checkReady(checks);
    return reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  try {
    const address = await listen(app, options);
    return { address, [Symbol.asyncDispose]: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
