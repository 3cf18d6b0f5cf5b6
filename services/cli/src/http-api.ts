import { setTimeout as sleep } from 'node:timers/promises';
import { problemDetailsSchema, type ProblemDetails } from '@haulwatch/contract';
import { CliError } from './cli-error.ts';

/** What this module needs of a zod schema of the contract. */
type Schema<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false } };

type ApiRequest<T> = {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** What a good answer looks like. */
  readonly answer: Schema<T>;
};

type ApiAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: ProblemDetails };

/** The API of a Haulwatch. */
export type HttpApi = {
  readonly baseUrl: string;
  /**
   * Sends a request and again after a 429 (when the answer says) or a failure of the server, a few times. Repeating is
   * safe: fixes that arrive twice are duplicates, vehicles and policies that stand already are not written.
   * @throws CliError where there is no server or none of ours.
   */
  request<T>(request: ApiRequest<T>): Promise<ApiAnswer<T>>;
};

export function httpApi(baseUrl: string, signal: AbortSignal, retry: RetryOptions = retryDefaults): HttpApi {
  return {
    baseUrl,
    async request({ method, path, body, contentType = 'application/json', answer }) {
      const url = new URL(path, baseUrl).href;
      const headers = body === undefined ? {} : { 'content-type': contentType };
      const response = await withRetries(url, { method, headers, body: body ?? null, signal }, retry);
      const value = await response.json().catch((error: unknown) => {
        if (signal.aborted) throw error;
        return undefined;
      });
      if (response.ok) {
        const parsed = answer.safeParse(value);
        if (parsed.success) return { ok: true, value: parsed.data };
        throw new CliError(
          `${url} answers otherwise than this haulwatch expects: is a Haulwatch of the same version there?`,
        );
      }
      const problem = problemDetailsSchema.safeParse(value);
      if (problem.success) return { ok: false, problem: problem.data };
      throw new CliError(`${url} answers ${response.status} ${response.statusText}: is a Haulwatch there?`);
    },
  };
}

export function problemError(baseUrl: string, problem: ProblemDetails): CliError {
  const errors = (problem.errors ?? []).map(({ path, message }) => `\n  ${path.join('.')}: ${message}`);
  const detail = problem.detail === undefined ? '' : `: ${problem.detail}`;
  return new CliError(`${baseUrl} says ${problem.status} ${problem.title}${detail}${errors.join('')}`);
}

export type RetryOptions = { readonly failuresMax: number; readonly pauseMs: number };

/** 0.5, 1, 2 and 4 s between five tries: longer than a restart of the API. Waiting on 429 is not a failure. */
const retryDefaults: RetryOptions = { failuresMax: 4, pauseMs: 500 };

/** Less is no pause at all; a server that asks for more patience than a few minutes is not going to help. */
const retryAfterSecondsMin = 0.1;
const retryAfterSecondsMax = 120;

async function withRetries(
  url: string,
  init: RequestInit & { signal: AbortSignal },
  retry: RetryOptions,
): Promise<Response> {
  const { signal } = init;
  for (let failures = 0; ;) {
    const response = await fetch(url, init).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return error as Error;
    });
    if (response instanceof Response && response.status === 429) {
      const seconds = Math.max(retryAfterSecondsMin, Number(response.headers.get('retry-after')) || 0);
      await response.body?.cancel();
      if (seconds > retryAfterSecondsMax)
        throw new CliError(`${url} wants ${seconds} s of patience: raise its rate limit`);
      await sleep(seconds * 1_000, undefined, { signal });
      continue;
    }
    if (response instanceof Response && response.status < 500) return response;
    failures += 1;
    if (failures > retry.failuresMax) {
      if (response instanceof Response) return response;
      throw new CliError(
        `${new URL(url).origin} does not answer (${reasonOf(response)}): is it running? \`npm start\` starts one`,
      );
    }
    if (response instanceof Response) await response.body?.cancel();
    await sleep(retry.pauseMs * 2 ** (failures - 1), undefined, { signal });
  }
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : error.message;
}
