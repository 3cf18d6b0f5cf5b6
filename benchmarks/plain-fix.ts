import type { Fix, RejectReason } from '@haulwatch/domain';
import { isPressed } from './plain-lane.ts';

/** What a record says, and what is wrong with it. A fix with something wrong is there for its emergency button alone. */
export type PlainRead =
  | { readonly fix: Fix; readonly wrong?: RejectReason }
  | { readonly fix?: undefined; readonly wrong: RejectReason };

/** Reads one record of JSON v1. Looks for what simulated fleets get wrong, not for all that a stranger may send. */
export function readPlainFix(text: string): PlainRead {
  let fix: Fix;
  try {
    fix = JSON.parse(text) as Fix;
  } catch {
    return { wrong: 'json-broken' };
  }
  const wrong = whatIsWrong(fix);
  if (wrong === undefined) return { fix };
  return isPressed(fix) ? { fix, wrong } : { wrong };
}

function whatIsWrong({ lonDeg, latDeg, speedKph = 0 }: Fix): RejectReason | undefined {
  if (Math.abs(lonDeg) > 180 || Math.abs(latDeg) > 90) return 'coordinates-out-of-range';
  return speedKph < 0 || speedKph > 6_553.4 ? 'field-range' : undefined;
}
