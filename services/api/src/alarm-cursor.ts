import type { AlarmPage } from '@haulwatch/ports';
import { ProblemError } from './problems.ts';

type Place = NonNullable<AlarmPage['next']>;

/** The place where the next page begins, for clients that need not know what it is made of. */
export function encodeCursor(place: Place): string {
  return Buffer.from(JSON.stringify([place.startedAtMs, place.alarmId])).toString('base64url');
}

/** The place of a cursor that we gave; anything else is the client's mistake. */
export function decodeCursor(cursor: string): Place {
  const place = parsed(cursor);
  if (place === undefined) {
    const errors = [{ path: ['cursor'], message: 'is not a cursor of this API: take `next` of the page before' }];
    throw new ProblemError('invalid-request', 'see errors: they name places in the querystring', { errors });
  }
  return place;
}

function parsed(cursor: string): Place | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(value)) return undefined;
    const [startedAtMs, alarmId] = value;
    return Number.isSafeInteger(startedAtMs) && typeof alarmId === 'string' ? { startedAtMs, alarmId } : undefined;
  } catch {
    // Not JSON: not ours.
    return undefined;
  }
}
