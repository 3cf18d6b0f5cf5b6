import { z } from 'zod';

/** Every kind of error answer, by its code: status and title of the problem. A closed list, so that clients can switch on it. */
export const problemCodes = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-policy': { status: 400, title: 'The policy is not valid' },
  'invalid-vehicles': { status: 400, title: 'The vehicles are not valid' },
  'no-fix-readable': { status: 400, title: 'No fix in the request could be read' },
  'cross-site': { status: 403, title: 'Another site may not write here' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This method is not allowed here' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that is not taken' },
  'wrong-host': { status: 421, title: 'This server does not answer for that host' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The server failed' },
  unavailable: { status: 503, title: 'A part of Haulwatch cannot be reached' },
  'too-many-listeners': { status: 503, title: 'Too many event streams are open' },
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** A problem's `type`: a name, not an address; the code is its last part. */
export function problemType(code: ProblemCode): string {
  return `urn:haulwatch:problem:${code}`;
}

export const problemContentType = 'application/problem+json';

/** One thing wrong with the request, by its path in it. */
const problemItemSchema = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
});

/** RFC 9457. `errors` lists what is wrong item by item; `rejected` are the fixes of `POST /v1/fixes` that were not taken. */
export const problemDetailsSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().describe('The id of the request, as it stands in the log of the server'),
    errors: z.array(problemItemSchema).optional(),
    rejected: z.array(z.object({ index: z.int(), reason: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' });

export type ProblemDetails = z.output<typeof problemDetailsSchema>;
