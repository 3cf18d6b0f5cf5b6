import { fenceUses, type Fence, type FenceUse, type RuleCondition } from '@haulwatch/domain';
import { compileSchedule, inForce, type Schedule } from './schedule.ts';

/**
 * What fences are for, as bits of one word: a bit for each of `fenceUses`, one for fences that limit the stay, and one for each
 * list of fences that a condition names.
 */
const dwellBit = fenceUses.length;
const firstListBit = dwellBit + 1;
/** Lists of fences that the conditions of one policy may name. */
const fenceListsMax = 32 - firstListBit;

export function useBit(use: FenceUse): number {
  return 1 << fenceUses.indexOf(use);
}

/** A fence that some rule watches comings and goings of. */
export const watchedMask = useBit('enter') | useBit('exit') | (1 << dwellBit);

/** The lists of fences that conditions name, each with its bit. */
export class FenceLists {
  readonly #lists: string[][] = [];

  /** The bit of a list, the same for equal lists; 0: none is named. */
  bitOf(fences: readonly string[] | undefined): number {
    if (fences === undefined || fences.length === 0) return 0;
    const ids = [...new Set(fences)].sort();
    let place = this.#lists.findIndex((list) => list.length === ids.length && list.every((id, i) => id === ids[i]));
    if (place < 0) place = this.#lists.push(ids) - 1;
    if (place >= fenceListsMax) throw new RangeError(`more than ${fenceListsMax} lists of fences in one policy`);
    return 1 << (firstListBit + place);
  }

  maskOf({ id, uses = [], dwellMaxS }: Fence): number {
    let mask = dwellMaxS === undefined ? 0 : 1 << dwellBit;
    for (const use of uses) mask |= useBit(use);
    for (const [place, list] of this.#lists.entries()) if (list.includes(id)) mask |= 1 << (firstListBit + place);
    return mask;
  }
}

/** A condition without its classes: those are asked once, when a policy is compiled. 0: nothing is asked. */
export type CompiledCondition = {
  readonly schedule: Schedule;
  readonly within: number;
  readonly outside: number;
  readonly fences: number;
  readonly subjects: ReadonlySet<string> | undefined;
  readonly eventLevel: number;
};

export function compileCondition(when: RuleCondition, lists: FenceLists): CompiledCondition {
  const bits = (uses: readonly FenceUse[] = []): number => uses.reduce((mask, use) => mask | useBit(use), 0);
  return {
    schedule: compileSchedule(when.hours ?? []),
    within: bits(when.within),
    outside: bits(when.outside),
    fences: lists.bitOf(when.fences),
    subjects: when.subjects === undefined ? undefined : new Set(when.subjects),
    eventLevel: when.eventLevel ?? 0,
  };
}

/** Where and when a condition is asked. */
export type Here = {
  readonly placeMask: number;
  readonly minuteOfWeek: number;
};

/** What a condition is asked of. */
export type Situation = {
  placeMask: number;
  minuteOfWeek: number;
  /** Of rules by kind; '' and 0 for others. */
  subject: string;
  eventLevel: number;
};

export function applies(condition: CompiledCondition, situation: Situation): boolean {
  return (
    (condition.eventLevel === 0 || condition.eventLevel === situation.eventLevel) &&
    (condition.subjects === undefined || condition.subjects.has(situation.subject)) &&
    appliesHere(condition, situation)
  );
}

/** The same of a condition that asks for no kind. */
export function appliesHere(condition: CompiledCondition, { placeMask, minuteOfWeek }: Here): boolean {
  return (
    (condition.within === 0 || (placeMask & condition.within) !== 0) &&
    (placeMask & condition.outside) === 0 &&
    (condition.fences === 0 || (placeMask & condition.fences) !== 0) &&
    inForce(condition.schedule, minuteOfWeek)
  );
}
