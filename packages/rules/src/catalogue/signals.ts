import { signalCode, signalOf, signalShift, type SignalName } from '@haulwatch/domain';
import type { Facts } from '../facts.ts';

const shifts = {
  load: signalShift('load'),
  cover: signalShift('cover'),
  lift: signalShift('lift'),
  drum: signalShift('drum'),
  valve: signalShift('valve'),
} as const satisfies Record<SignalName, number>;

export const signals = {
  empty: signalCode('load', 'empty'),
  coverOpen: signalCode('cover', 'open'),
  raised: signalCode('lift', 'raised'),
  reverse: signalCode('drum', 'reverse'),
  drumStopped: signalCode('drum', 'stopped'),
  valveOpen: signalCode('valve', 'open'),
} as const;

/** The code of a signal, 0: nobody has told it yet. */
export function signalNow(facts: Facts, name: SignalName): number {
  return signalOf(facts.signals, shifts[name]);
}

/** Half or full. */
export function isLaden(facts: Facts): boolean {
  return signalNow(facts, 'load') > signals.empty;
}
