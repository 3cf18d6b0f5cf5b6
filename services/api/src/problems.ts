import { LogError } from '@haulwatch/ports';
import {
  problemCodes,
  problemContentType,
  problemDetailsSchema,
  problemsOf,
  problemType,
  type Problem,
  type ProblemCode,
  type ProblemDetails,
} from '@haulwatch/contract';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

type ProblemExtras = { readonly errors?: readonly Problem[]; readonly rejected?: ProblemDetails['rejected'] };

/** An error answer, thrown from anywhere in a request. `detail` tells the person at the other end what to do. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.statusCode = problemCodes[code].status;
    this.extras = extras;
  }
}

/** Every route's error answer, for the OpenAPI document. */
export const problemResponses = {
  default: {
    description: 'A problem (RFC 9457)',
    content: { [problemContentType]: { schema: problemDetailsSchema } },
  },
};

/** Validates with zod and tells all that is wrong with a request, each by its path. */
export const validateWithZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = problemsOf(parsed.error, data);
    return {
      error: new ProblemError('invalid-request', `see errors: they name places in the ${httpPart}`, { errors }),
    };
  };

/** For routes whose handler reads the body itself; the schema is there for the document. */
export const validateInHandler: FastifySchemaCompiler<unknown> = () => (value) => ({ value });

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { title, status } = problemCodes[problem.code];
  const details: ProblemDetails = {
    type: problemType(problem.code),
    title,
    status,
    detail: problem.message,
    instance: request.id,
    ...(problem.extras.errors !== undefined && {
      errors: problem.extras.errors.map(({ path, message }) => ({ path: [...path], message })),
    }),
    ...(problem.extras.rejected !== undefined && { rejected: problem.extras.rejected }),
  };
  return reply.code(status).type(problemContentType).send(details);
}

/** Makes a problem of whatever was thrown; what nobody foresaw is logged and answered without its inside. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
  if (problem.code === 'unavailable') void reply.header('retry-after', '2');
  return sendProblem(request, reply, problem);
}

function problemOf(error: Error & { readonly statusCode?: number; readonly retriable?: boolean }): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof LogError && error.code === 'record-too-large') {
    return new ProblemError('too-large', 'one record is larger than the log takes');
  }
  // The errors of the log, the live store and the history say whether the same call may go through later.
  if (error.retriable === true) return new ProblemError('unavailable', error.message);
  const status = error.statusCode ?? 500;
  switch (status) {
    case 413:
      return new ProblemError('too-large', 'the body is larger than the server takes: send it in parts');
    case 415:
      return new ProblemError(
        'unsupported-media-type',
        'send application/json, or application/x-ndjson where it is taken',
      );
    default:
      return status >= 400 && status < 500
        ? new ProblemError('invalid-request', error.message)
        : new ProblemError('internal', 'it has been logged under the id in "instance"');
  }
}

/** 404, or 405 with `allow` where the path takes other methods. */
export function handleUnknown(app: FastifyInstance): void {
  const routes: { readonly method: string; readonly path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (url.includes('*')) return;
    const path = new RegExp(`^${url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+')}$`);
    for (const one of [method].flat()) routes.push({ method: one, path });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = [...new Set(routes.filter((route) => route.path.test(path)).map((route) => route.method))].sort();
    if (allowed.length === 0 || allowed.includes(request.method)) {
      return sendProblem(request, reply, new ProblemError('not-found', `nothing lies at ${path.slice(0, 200)}`));
    }
    void reply.header('allow', allowed.join(', '));
    return sendProblem(request, reply, new ProblemError('method-not-allowed', `${path} takes ${allowed.join(', ')}`));
  });
}
