import { ruleIds, type RuleId } from '@haulwatch/domain';
import { closedTo, observeProhibitedZone, resetObservation, type Facts } from '@haulwatch/rules';
import type { EpisodeRun } from './episode-run.ts';
import { wordAt, type Lanes } from './lanes.ts';
import { isFirstSight, type Sighting } from './stays.ts';

export const prohibitedZone = ruleIds.indexOf('prohibited-zone' satisfies RuleId);

/** A position that is less sure than this says nothing of any border: nobody searches a city for one. Our choice. */
const marginMaxM = 1_000;

/**
 * Shows prohibited zones to their rule. Who is seen further from a zone's border than its position is sure is on the side on which it
 * is seen. Nearer than that, a fix that is too inaccurate says nothing, and whoever stands stays on the side on which it was: parked
 * beside a border it does not enter by jumping about, and driven in and parked it does not leave. As with stays, a zone that is
 * seen for the first time, or opens, is taken as it is seen.
 */
export class Zones {
  readonly #facts: Facts;
  readonly #run: EpisodeRun;

  constructor(facts: Facts, run: EpisodeRun) {
    this.#facts = facts;
    this.#run = run;
  }

  /** After the fences that hold the believed position are known. */
  see(lanes: Lanes, lane: number, sighting: Sighting): void {
    const facts = this.#facts;
    const run = this.#run;
    const timing = facts.rules.timing.prohibitedZone;
    for (let i = 0; i < facts.fenceCount; i += 1) {
      const fence = facts.fences[i]!;
      observeProhibitedZone(facts, fence, true, run.seen);
      if (run.seen.state !== 'holds') continue;
      const isNews = !sighting.isVague && isFirstSight(sighting, facts.rules.fences[fence]!.schedule);
      if (!isNews && !this.#isSure(lanes, lane, fence, sighting)) continue;
      run.apply(prohibitedZone, run.labels.ofFence(fence), timing);
    }
    // Zones that the vehicle has left or is not surely in, whose hours are over, that a case switches off here, or that the policy has dropped.
    for (let episode = run.firstOf(prohibitedZone); episode >= 0;) {
      const next = run.episodes.next(episode);
      if (run.word(episode, 'heldAtMs') !== facts.atMs) this.#goOn(lanes, lane, episode, sighting);
      episode = run.firstOf(prohibitedZone, next);
    }
  }

  /** Nothing is heard of the vehicle: zones whose hours are over, or that are not closed to it any more, are so wherever it is. */
  recall(): void {
    const { rules } = this.#facts;
    const run = this.#run;
    for (let episode = run.firstOf(prohibitedZone); episode >= 0;) {
      const next = run.episodes.next(episode);
      const label = run.word(episode, 'fence');
      const fence = rules.fenceNumbers.get(run.labels.fence(label).id);
      if (fence === undefined) run.end(episode, 'rule-withdrawn');
      else if (!closedTo(this.#facts, fence)) {
        resetObservation(run.seen);
        run.apply(prohibitedZone, label, rules.timing.prohibitedZone);
      }
      episode = run.firstOf(prohibitedZone, next);
    }
  }

  #goOn(lanes: Lanes, lane: number, episode: number, sighting: Sighting): void {
    const { rules } = this.#facts;
    const run = this.#run;
    const label = run.word(episode, 'fence');
    const fence = rules.fenceNumbers.get(run.labels.fence(label).id);
    if (fence === undefined) {
      run.end(episode, 'rule-withdrawn');
      return;
    }
    const isSure = this.#isSure(lanes, lane, fence, sighting);
    const wasInside = run.word(episode, 'endsAtMs') < 0;
    observeProhibitedZone(this.#facts, fence, !isSure && (sighting.isVague || wasInside), run.seen);
    if (!isSure && sighting.isVague && run.seen.state === 'holds') run.seen.state = 'unknown';
    run.apply(prohibitedZone, label, rules.timing.prohibitedZone);
  }

  /** Whether it is on the side of the border on which it is seen. */
  #isSure(lanes: Lanes, lane: number, fence: number, { isJitter, marginM }: Sighting): boolean {
    if (!isJitter) return true;
    if (marginM > marginMaxM) return false;
    const { fenceIndex } = this.#facts.rules;
    const [lonE7, latE7] = [lanes.getWord(lane, wordAt.lonE7), lanes.getWord(lane, wordAt.latE7)];
    return fenceIndex.borderM(fence, lonE7, latE7, marginM) === Infinity;
  }
}
