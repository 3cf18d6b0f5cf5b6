import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problems.ts';

/** The names of this machine to itself. Until there is sign-in, the API answers for no other. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The page has its scripts and styles from this server and talks to it alone; nothing may frame it. It gets no more
 * rights than it needs, so that a plate or a company with markup in it stays text even where the page forgot to escape.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Guards every request while nobody signs in: the browser on this machine is the way in for strangers. */
export function addGuards(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(securityHeaders);
    if (request.url.startsWith('/v1/')) void reply.header('cache-control', 'no-store');
    const host = request.headers.host ?? '';
    // DNS rebinding: another site's name that leads to 127.0.0.1 would make its scripts "same origin" with this server.
    if (!loopbackHosts.includes(hostName(host))) {
      throw new ProblemError('wrong-host', `ask for it under ${loopbackHosts.join(', ')}, not "${host}"`);
    }
    // A page of another site may send a request without being able to read the answer: a write must not go through.
    const { origin } = request.headers;
    const reads = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
    if (!reads && origin !== undefined && origin !== `http://${host}`) {
      throw new ProblemError('cross-site', `pages of ${origin} may not write here`);
    }
  });
}

/** The host of a Host header without its port. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
