/** `unreachable`: no answer from the database; `rewound`: it lacks what it had stored; `failed`: it refused. */
export type HistoryErrorCode = 'unreachable' | 'rewound' | 'failed';

/** The history could not do it. `retriable`: the same call may go through later. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;
  readonly retriable: boolean;

  constructor(code: HistoryErrorCode, message: string, options: { retriable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retriable = options.retriable;
  }
}

/** Says what went wrong with the database and what to do about it. */
export function historyError(cause: unknown): HistoryError {
  if (cause instanceof HistoryError) return cause;
  const said = wordsOf(cause);
  const code = codeOf(cause);
  const known = code === undefined ? undefined : (bySqlState[code] ?? bySqlState[code.slice(0, 2)]);
  if (known !== undefined) return error(...known);
  if (isOfConnection(code, said)) return error(...away);
  return new HistoryError('failed', `The database failed: ${said}`, { retriable: false, cause });

  function error(kind: HistoryErrorCode, advice: string, retriable: boolean): HistoryError {
    return new HistoryError(kind, `${advice} (${said}).`, { retriable, cause });
  }
}

type Advice = readonly [code: HistoryErrorCode, advice: string, retriable: boolean];

const away: Advice = ['unreachable', 'PostgreSQL cannot be reached: start it, or correct its URL', true];
const wrongLogin: Advice = ['failed', 'PostgreSQL refuses this user or password: correct the URL', false];

/** By SQLSTATE, or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const bySqlState: Readonly<Record<string, Advice>> = {
  '08': away,
  '57P01': away,
  '57P02': away,
  '57P03': ['unreachable', 'PostgreSQL is starting or stopping: it should be back in a moment', true],
  '25006': ['unreachable', 'PostgreSQL takes no writes here (a replica?): give the address of the primary', true],
  '57014': ['failed', 'The query took too long: narrow its filter, or look at the load of the database', true],
  '25P03': ['failed', 'A transaction was left open for too long and was ended', true],
  '53100': ['failed', 'The disk of the database is full: free some space there', true],
  '53200': ['failed', 'The database is out of memory', true],
  '53300': ['failed', 'PostgreSQL has no connection left: raise max_connections or run fewer processes', true],
  '40': ['failed', "Two transactions were in each other's way", true],
  '55P03': ['failed', 'A lock was held for too long by another process', true],
  '28': wrongLogin,
  '3D000': ['failed', 'This database does not exist: create it (createdb), or correct the URL', false],
  '42501': ['failed', 'The user lacks a permission: let him own the database', false],
  '42P01': ['failed', 'The tables are not there: migrate first', false],
  '42703': ['failed', 'The tables are older than this program: migrate first', false],
};

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

/** A failed attempt on each address of a host name is one error without words of its own. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(wordsOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** Node tells by codes, pg by sentences. */
function isOfConnection(code: string | undefined, said: string): boolean {
  if (code !== undefined && connectionCodes.has(code)) return true;
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/.test(
    said,
  );
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);
