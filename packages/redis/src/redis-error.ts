import { LiveStoreError } from '@haulwatch/ports';

/**
 * Says what went wrong with Redis and what to do about it.
 * @param address host and port, without the password that the URL may hold.
 */
export function liveStoreError(cause: unknown, address: string): LiveStoreError {
  if (cause instanceof LiveStoreError) return cause;
  const said = wordsOf(cause);
  // Redis begins each error with a word of capitals; scripts pass it on.
  switch (/^[A-Z]+/.exec(said)?.[0]) {
    case 'OOM':
      return error('full', `Redis at ${address} is out of memory: raise its maxmemory or free some`, true);
    case 'MISCONF':
      return error('full', `Redis at ${address} cannot write to its disk: free some space there`, true);
    case 'LOADING':
    case 'BUSY':
    case 'MASTERDOWN':
    case 'CLUSTERDOWN':
    case 'TRYAGAIN':
      return error('unreachable', `Redis at ${address} is not ready yet: it should be in a moment`, true);
    case 'READONLY':
      return error('unreachable', `Redis at ${address} is a replica: give the address of the primary`, true);
    case 'NOAUTH':
    case 'WRONGPASS':
    case 'NOPERM':
      return error('failed', `Redis at ${address} refuses this user or password: correct the URL`, false);
    case 'WRONGTYPE':
      return error('failed', `Redis at ${address} holds foreign data under our keys: choose another prefix`, false);
    case undefined:
    default:
  }
  if (isOfConnection(cause, said)) {
    return error('unreachable', `Redis at ${address} cannot be reached: start it, or correct its URL`, true);
  }
  return error('failed', `Redis at ${address} refused a command; see its own words`, false);

  function error(code: LiveStoreError['code'], advice: string, retriable: boolean): LiveStoreError {
    return new LiveStoreError(code, `${advice} (${said}).`, { retriable, cause });
  }
}

/** A failed attempt on each address of a host name is one error without words of its own. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(wordsOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** ioredis tells a broken connection by sentences, Node by codes. */
function isOfConnection(cause: unknown, said: string): boolean {
  if (!(cause instanceof Error)) return false;
  if (cause.name === 'AbortError' || cause.name === 'MaxRetriesPerRequestError') return true;
  if ('code' in cause && typeof cause.code === 'string') return true;
  return /^(Connection is closed|Stream isn't writeable|Command timed out|Socket timeout)/.test(said);
}
