import type { Permit } from '@haulwatch/domain';
import { compileSchedule, inForce, motion, permitState, useBit, type Facts, type Schedule } from '@haulwatch/rules';
import { wordAt, type Lanes } from './lanes.ts';

type CompiledPermit = Permit & { readonly schedule: Schedule };

const minuteMs = 60_000;
const none: readonly Permit[] = [];
const routeBit = useBit('route');

/** Whether permits hold here and now, for the rules that ask. */
export class Permits {
  readonly #facts: Facts;
  readonly #permitsOf: (vehicle: number) => readonly Permit[] | undefined;
  /** By the registry's list: another list after each change of it. */
  readonly #compiled = new WeakMap<readonly Permit[], readonly CompiledPermit[]>();

  constructor(facts: Facts, permitsOf: (vehicle: number) => readonly Permit[] | undefined) {
    this.#facts = facts;
    this.#permitsOf = permitsOf;
  }

  /** After place and motion. @param needFences fills the fences that hold the position. */
  read(lanes: Lanes, lane: number, needFences: () => void): void {
    const facts = this.#facts;
    facts.permit = permitState.unasked;
    facts.permitChangesAtMs = Infinity;
    facts.offRouteM = 0;
    if (!facts.rules.classRules[facts.classCode]!.asksPermits || facts.silentMs > 0) return;
    const permits = this.#compile(this.#permitsOf(lanes.vehicleOf(lane)) ?? none);
    const holding = permits.filter((permit) => this.#holds(permit));
    facts.permit = holding.length > 0 ? permitState.holds : permitState.missing;
    facts.permitChangesAtMs = Math.min(Infinity, ...permits.map((permit) => this.#changesAtMs(permit)));
    const isFree = holding.length === 0 || holding.some(({ routes }) => routes.length === 0);
    if (!facts.isBelieved) facts.offRouteM = lanes.getWord(lane, wordAt.offRouteM);
    else if (!isFree && !this.#isOnRoute(holding, needFences)) this.#leave(lanes, lane);
    lanes.setWord(lane, wordAt.offRouteM, Math.round(facts.offRouteM));
  }

  #holds({ fromMs, toMs, schedule }: CompiledPermit): boolean {
    const { atMs, minuteOfWeek } = this.#facts;
    return atMs >= fromMs && atMs < toMs && inForce(schedule, minuteOfWeek);
  }

  /** Hours are the registry's and open at any whole minute. */
  #changesAtMs({ fromMs, toMs, schedule }: CompiledPermit): number {
    const { atMs } = this.#facts;
    if (atMs >= toMs) return Infinity;
    if (atMs < fromMs) return fromMs;
    return schedule === undefined ? toMs : Math.min(toMs, (Math.floor(atMs / minuteMs) + 1) * minuteMs);
  }

  /** A route that the policy does not have, or does not use as one, cannot be left. */
  #isOnRoute(holding: readonly CompiledPermit[], needFences: () => void): boolean {
    const facts = this.#facts;
    const { fenceNumbers, fences } = facts.rules;
    const routes = holding.flatMap((permit) => permit.routes.map((id) => fenceNumbers.get(id)));
    if (routes.some((route) => route === undefined || (fences[route]!.mask & routeBit) === 0)) return true;
    if ((facts.placeMask & routeBit) === 0) return false;
    needFences();
    for (let i = 0; i < facts.fenceCount; i += 1) if (routes.includes(facts.fences[i])) return true;
    return false;
  }

  #leave(lanes: Lanes, lane: number): void {
    const facts = this.#facts;
    const former = lanes.getWord(lane, wordAt.offRouteM);
    // The first fix off the route has left it somewhere on the way: one metre says that it is off.
    const drivenM = former > 0 && facts.motion === motion.moving && facts.movedM > 0 ? facts.movedM : 0;
    facts.offRouteM = Math.max(1, former + drivenM);
  }

  #compile(permits: readonly Permit[]): readonly CompiledPermit[] {
    const known = this.#compiled.get(permits);
    if (known !== undefined) return known;
    const compiled = permits.map((permit) => ({ ...permit, schedule: compileSchedule(permit.hours ?? []) }));
    this.#compiled.set(permits, compiled);
    return compiled;
  }
}
