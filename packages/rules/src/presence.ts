import type { Told } from './rule.ts';

/**
 * A vehicle's stay in a fence that some rule watches, believed only after it has lasted. Packed like episodes. The whole
 * layout:
 */
export const presenceAt = {
  /** Label of the fence. */
  fence: 0,
  enteredAtMs: 1,
  /** The first fix outside since it was last inside, or -1. */
  outSinceMs: 2,
  /** 1: it was there when it, or the fence, was first seen: no entry. */
  isFirstSight: 3,
  /** 1: it has been inside for so long that it is believed. */
  isConfirmed: 4,
} as const;

export const presenceWords = 5;

/** What became of a stay at a fix. `forgotten`: it was never believed. */
export type PresenceChange = 'none' | 'forgotten' | 'left';

export function beginPresence(
  presences: Float64Array,
  at: number,
  fence: number,
  atMs: number,
  isFirstSight: boolean,
): void {
  presences[at + presenceAt.fence] = fence;
  presences[at + presenceAt.enteredAtMs] = atMs;
  presences[at + presenceAt.outSinceMs] = -1;
  presences[at + presenceAt.isFirstSight] = isFirstSight ? 1 : 0;
  presences[at + presenceAt.isConfirmed] = isFirstSight ? 1 : 0;
}

/** Moves a stay on: believed after `confirmMs` inside, over after as long outside. */
export function stepPresence(
  presences: Float64Array,
  at: number,
  isInside: boolean,
  atMs: number,
  confirmMs: number,
): PresenceChange {
  if (isInside) {
    presences[at + presenceAt.outSinceMs] = -1;
    if (atMs - presences[at + presenceAt.enteredAtMs]! >= confirmMs) presences[at + presenceAt.isConfirmed] = 1;
    return 'none';
  }
  if (presences[at + presenceAt.isConfirmed] === 0) return 'forgotten';
  if (presences[at + presenceAt.outSinceMs]! < 0) presences[at + presenceAt.outSinceMs] = atMs;
  return atMs - presences[at + presenceAt.outSinceMs]! >= confirmMs ? 'left' : 'none';
}

/** When a stay has to be looked at again if its vehicle only goes on as it does; Infinity: no need. */
export function presenceDueMs(
  presences: Float64Array,
  at: number,
  atMs: number,
  confirmMs: number,
  dwellMaxMs: number,
): number {
  if (presences[at + presenceAt.outSinceMs]! >= 0) return atMs;
  const enteredAtMs = presences[at + presenceAt.enteredAtMs]!;
  if (presences[at + presenceAt.isConfirmed] === 0) return enteredAtMs + confirmMs;
  // One more: a timer that came at the very limit would find nothing, and would not come again.
  return enteredAtMs + dwellMaxMs + 1 > atMs ? enteredAtMs + dwellMaxMs + 1 : Infinity;
}

/** The clauses of the three rules that stays are shown to. */
export const fenceClauses = {
  'fence-enter': ({ name }: Told): string => `entered '${name}'`,
  'fence-exit': ({ name }: Told): string => `left '${name}'`,
  'zone-dwell': ({ name, value, limit }: Told): string => `in '${name}' since ${value} min, at most ${limit}`,
} as const;
